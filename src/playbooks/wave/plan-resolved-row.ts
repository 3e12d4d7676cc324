import type { Transfer } from '../../model/types';
import type { TransferInput } from '../../resources/transfer';
import type { Blueprint } from './blueprint';
import { copySeconds, sizeGib } from './estimate';
import { rowHash } from './hash';
import { rowOverrides, type PlannedRow } from './planned-row';
import type { ResolvedRow } from './resolved-row';
import { problemOf, warningsOf } from './row-findings';
import { rowSettings } from './row-settings';
import { rowTransferInput } from './row-transfer-input';

/** Plans a resolved row: the transfer to create, the settings and their hash, the problem and the warnings. */
export function planResolvedRow(blueprint: Blueprint, found: ResolvedRow): PlannedRow {
  const { wanted, instance, existing, details, pace } = found;
  const { table, own, wave, order, notBefore } = wanted;
  const taken = existing.kind === 'taken_in' ? existing.transfer : undefined;
  const scenario = taken?.scenario ?? own.scenario ?? blueprint.scenario;
  const { input, unmapped } = rowTransferInput(blueprint, found);
  const passes = own.passes ?? blueprint.passes;
  const shutdown = blueprint.shutdownInstances && (own.shutdownInstances ?? true);
  const clone = own.cloneDisks ?? blueprint.cloneDisks ?? scenario !== 'live_migration';
  const skipOsMorphing = own.skipOsMorphing ?? blueprint.skipOsMorphing ?? false;
  const create: TransferInput = { ...input, scenario, cloneDisks: clone, skipOsMorphing };
  const settings = rowSettings({ found, create, taken, wave, order, notBefore, passes, shutdown });
  const gib = sizeGib(details) ?? table.disksGb;
  return {
    line: table.line,
    name: table.name,
    wave,
    order,
    notBefore,
    hash: rowHash(settings),
    approvedHash: own.rowHash ?? null,
    problem:
      own.shutdownInstances === true && !blueprint.shutdownInstances
        ? 'its row shuts the source down, but the wave does not: set Shut Down Instances for the wave'
        : problemOf(found, create),
    warnings: warningsOf(found, unmapped, shutdown),
    instance,
    existing,
    create: existing.kind === 'none' ? create : undefined,
    originEndpointId: found.originEndpointId,
    destinationEndpointId: found.destinationEndpointId,
    scenario,
    passes,
    shutdown,
    clone,
    skipOsMorphing,
    poolIds: poolsOf(taken, create),
    disks: details?.devices?.disks?.length ?? null,
    gib: gib === null ? null : Math.round(gib * 10) / 10,
    firstCopy: taken === undefined ? copySeconds(gib, pace) : null,
    unmapped,
    settings,
    tags: table.tags,
    overrides: rowOverrides(wanted.own),
  };
}

const poolsOf = (taken: Transfer | undefined, create: TransferInput): readonly string[] =>
  [
    taken === undefined ? create.originMinionPoolId : taken.origin_minion_pool_id,
    taken === undefined ? create.destinationMinionPoolId : taken.destination_minion_pool_id,
  ].filter((id) => typeof id === 'string');
