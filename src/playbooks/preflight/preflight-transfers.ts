import { mapConcurrently } from '../../api/map-concurrently';
import type { Coriolis } from '../../api/operation-context';
import { asError, isCoriolisError, CanceledError } from '../../api/errors';
import { contextWithCachedReads } from '../../api/caching-client';
import { tolerateErrors } from '../../api/tolerate-errors';
import type { JsonObject } from '../../model/json';
import { formatCount, displayNameOf } from '../../model/display-texts';
import { findSharedDisks } from '../../model/readiness-rules';
import type { Instance, Transfer } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { fetchDeploymentsByTransfer } from '../../resources/deployment';
import { fetchLastCopies } from '../../facts/fetch-last-copies';
import { fetchInstanceOf, instanceIdentifierOf } from '../../resources/instance';
import { fetchTransferWithMachines } from '../../resources/transfer';
import {
  makeBlockingCheck,
  quoteFirstNames,
  UNANSWERED_ERROR_KINDS,
  makeWarningCheck,
  type PreflightCheck,
  type PreflightPurpose,
} from './preflight-check';
import { licenceKindOf, fetchLicencesLeft, type LicenceKind } from './check-licence';
import {
  preflightTransfer,
  preflightVerdictOf,
  type PreflightFindings,
  type PreflightVerdict,
} from './preflight';

/** Maximum number of transfers checked at the same time: each takes several requests to a platform. */
const CONCURRENCY = 4;
/** Maximum number of characters of a name. */
const NAME_LENGTH = 60;
/** Maximum number of transfers that are named for one problem. */
const SHOWN_NAMES = 5;

/** Preflight of one of several transfers; `transfer` is undefined when it could not be read. */
interface TransferPreflight {
  readonly id: string;
  readonly name: string;
  readonly transfer: Transfer | undefined;
  readonly checks: readonly PreflightCheck[];
}

/** A check that blocks or warns, with the ids of the transfers that it concerns. */
interface SharedProblem extends PreflightCheck {
  readonly transfers: readonly string[];
}

/** Verdicts, the worst first. */
const ORDER: readonly PreflightVerdict[] = ['blocked', 'ready_with_warnings', 'ready'];

/**
 * Checks several transfers before they are executed or deployed together. The result has a verdict for each transfer,
 * the worst first, and each problem once, with its transfers. Endpoints, workers and deployments that transfers share
 * are read once. Two checks concern all transfers together: disks in common, and enough licences. Reads only.
 */
export async function preflightTransfers(
  coriolis: Coriolis,
  ids: readonly string[],
  purpose: PreflightPurpose,
): Promise<{ readonly result: JsonObject; readonly headline: string }> {
  const shared = contextWithCachedReads(coriolis);
  const transfers = (
    await mapConcurrently(ids, CONCURRENCY, (id) =>
      tolerateErrors(
        fetchTransferWithMachines(shared, id).then(({ object }) => object),
        ['not_found'],
        undefined,
      ),
    )
  ).filter((one) => one !== undefined);
  // Fills the cache of copies, so that the single preflights need no requests for them.
  await fetchLastCopies(shared, transfers);
  const deployments = await fetchDeploymentsByTransfer(shared, transfers);
  const looked = await mapConcurrently(ids, CONCURRENCY, (id) =>
    preflightOne(id, () => preflightTransfer(shared, id, purpose, deployments.get(id))),
  );
  const known = looked.flatMap(({ transfer }) => transfer ?? []);
  const common = [
    ...(purpose === 'execution' ? await checkCommonDisks(shared, known) : []),
    ...(await checkLicencesOfAll(shared, known, purpose)),
  ];
  return summarize(purpose, looked, common);
}

async function preflightOne(id: string, ask: () => Promise<PreflightFindings>): Promise<TransferPreflight> {
  try {
    const { transfer, checks } = await ask();
    return { id, name: quoteText(displayNameOf(transfer), NAME_LENGTH), transfer, checks };
  } catch (error) {
    if (error instanceof CanceledError || !isCoriolisError(error)) throw asError(error);
    const message = quoteText(error.message, 200);
    return { id, name: id, transfer: undefined, checks: [makeBlockingCheck('transfer', message)] };
  }
}

/**
 * Warns of disks that machines of different transfers share, because each transfer would copy such a disk separately.
 */
async function checkCommonDisks(
  coriolis: Coriolis,
  transfers: readonly Transfer[],
): Promise<readonly SharedProblem[]> {
  const machines = await mapConcurrently(
    transfers.flatMap((transfer) => transfer.instances.map((instance) => ({ transfer, instance }))),
    CONCURRENCY,
    async ({ transfer, instance }) => ({
      transfer,
      data: await tolerateErrors(
        fetchInstanceOf(coriolis, transfer, instance),
        UNANSWERED_ERROR_KINDS,
        undefined,
      ),
    }),
  );
  const origins = [...new Set(transfers.map(({ origin_endpoint_id: origin }) => origin))];
  return origins.flatMap((origin) => {
    const own = machines.filter(
      (one): one is { transfer: Transfer; data: Instance } =>
        one.data !== undefined && one.transfer.origin_endpoint_id === origin,
    );
    const described = own.map(({ transfer, data }) => ({ name: instanceIdentifierOf(data), data, transfer }));
    return findSharedDisks(described).flatMap(({ disk, machines: sharing }) => {
      const owners = new Set(sharing.map(({ transfer }) => transfer));
      if (owners.size < 2) return [];
      const message = `Disk ${quoteText(disk, 80)} is shared by ${quoteFirstNames(sharing.map(({ name }) => name))}: move these machines in one transfer.`;
      return [{ ...makeWarningCheck('shared_disk', message), transfers: [...owners].map(({ id }) => id) }];
    });
  });
}

/** Compares the licences left with the machines of transfers that hold no reservation yet. */
async function checkLicencesOfAll(
  coriolis: Coriolis,
  transfers: readonly Transfer[],
  purpose: PreflightPurpose,
): Promise<readonly SharedProblem[]> {
  const kinds: readonly LicenceKind[] = ['replicas', 'migrations'];
  const problems: SharedProblem[] = [];
  for (const kind of kinds) {
    const needing = transfers.filter(
      ({ scenario, reservation_id: reservation }) =>
        licenceKindOf(scenario) === kind && (reservation ?? '') === '',
    );
    const machines = needing.reduce((sum, { instances }) => sum + instances.length, 0);
    // A deployment uses the licence that the sync of its transfer has reserved, so it needs no other.
    if (machines < 2 || purpose === 'deployment') continue;
    const left = await fetchLicencesLeft(coriolis, kind);
    if (left === null || left >= machines) continue;
    const message = `The licences allow ${left} more ${kind}, and ${formatCount(machines, 'machine')} of these transfers need one.`;
    problems.push({ ...makeWarningCheck('licence', message), transfers: needing.map(({ id }) => id) });
  }
  return problems;
}

function summarize(
  purpose: PreflightPurpose,
  looked: readonly TransferPreflight[],
  common: readonly SharedProblem[],
): { readonly result: JsonObject; readonly headline: string } {
  const warned = new Set(common.flatMap(({ transfers }) => transfers));
  const rows = looked
    .map((one) => {
      const own = preflightVerdictOf(one);
      return { ...one, verdict: own === 'ready' && warned.has(one.id) ? ORDER[1] : own };
    })
    .sort((one, other) => ORDER.indexOf(one.verdict ?? 'ready') - ORDER.indexOf(other.verdict ?? 'ready'));
  const count = (verdict: PreflightVerdict): number => rows.filter((row) => row.verdict === verdict).length;
  const [blocked, warnings, ready] = ORDER.map(count);
  const headline = `${rows.length} for ${purpose}: ${blocked} blocked, ${warnings} with warnings, ${ready} ready`;
  return {
    headline,
    result: {
      purpose,
      blocked,
      ready_with_warnings: warnings,
      ready,
      rows: rows.map(({ id, name, verdict, checks }) => ({
        transfer_id: id,
        name,
        verdict,
        ok: checks.filter(({ status }) => status === 'ok').length,
      })),
      problems: problemsOf(looked, common),
    },
  };
}

/**
 * Merges equal problems of different transfers. Each problem has the names of its transfers; blocking ones come first.
 */
function problemsOf(
  looked: readonly TransferPreflight[],
  common: readonly SharedProblem[],
): readonly JsonObject[] {
  const names = new Map(looked.map(({ id, name }) => [id, name]));
  const all = new Map<string, SharedProblem>();
  const add = (problem: SharedProblem): void => {
    const key = `${problem.status} ${problem.check} ${problem.message}`;
    all.set(key, { ...problem, transfers: [...(all.get(key)?.transfers ?? []), ...problem.transfers] });
  };
  for (const one of common) add(one);
  for (const { id, checks } of looked) {
    for (const check of checks) if (check.status !== 'ok') add({ ...check, transfers: [id] });
  }
  return [...all.values()]
    .sort((one, other) => Number(other.status === 'blocking') - Number(one.status === 'blocking'))
    .map(({ transfers, ...check }) => ({
      ...check,
      transfers:
        transfers.length === looked.length && looked.length > 1
          ? ['all']
          : [
              ...transfers.slice(0, SHOWN_NAMES).map((id) => names.get(id) ?? id),
              ...(transfers.length > SHOWN_NAMES ? [`${transfers.length - SHOWN_NAMES} more`] : []),
            ],
    }));
}
