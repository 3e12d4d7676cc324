import { concurrently } from '../../api/concurrently';
import type { Coriolis } from '../../api/coriolis';
import { asError, isCoriolisError, CanceledError } from '../../api/errors';
import { rememberingReads } from '../../api/remembering-client';
import { tolerate } from '../../api/tolerate';
import type { JsonObject } from '../../model/json';
import { countNoun, transferName } from '../../model/names';
import { disksInCommon } from '../../model/readiness';
import type { Instance, Transfer } from '../../model/types';
import { quoteText } from '../../model/untrusted';
import { deploymentsOfSeveral } from '../../resources/deployment';
import { findLastCopies } from '../../resources/last-copies';
import { fetchInstance, instanceIdentifier } from '../../resources/platform';
import { fetchWithMachines } from '../../resources/transfer';
import { blockingCheck, joinNames, PLATFORM_SILENCE, warningCheck } from './check';
import type { PreflightCheck, Purpose } from './check';
import { licenceKindOf, licencesLeft, type LicenceKind } from './licence';
import { preflight, verdictOf, type PreflightFindings, type Verdict } from './preflight';

/** Maximum number of transfers at once: each is some requests to a platform. */
const CONCURRENCY = 4;
const NAME_LENGTH = 60;
const SHOWN_NAMES = 5;

/** Preflight of one of several transfers; the transfer is undefined when it could not be read. */
interface Looked {
  readonly id: string;
  readonly name: string;
  readonly transfer: Transfer | undefined;
  readonly checks: readonly PreflightCheck[];
}

/** A failed check, with the ids of the transfers that it concerns. */
interface Problem extends PreflightCheck {
  readonly transfers: readonly string[];
}

const ORDER: readonly Verdict[] = ['blocked', 'ready_with_warnings', 'ready'];

/**
 * Checks several transfers before they are executed or deployed together: a verdict for each, the worst first, and each
 * problem once with its transfers. Shared endpoints, workers and deployments are read once. Checks across transfers are
 * added: disks in common, and licences for all. Reads only.
 */
export async function preflightSeveral(
  coriolis: Coriolis,
  ids: readonly string[],
  purpose: Purpose,
): Promise<{ readonly result: JsonObject; readonly headline: string }> {
  const shared = rememberingReads(coriolis);
  const transfers = (
    await concurrently(ids, CONCURRENCY, (id) =>
      tolerate(
        fetchWithMachines(shared, id).then(({ object }) => object),
        ['not_found'],
        undefined,
      ),
    )
  ).filter((one) => one !== undefined);
  // Fills the cache, so that the single preflights do not look them up one by one.
  await findLastCopies(shared, transfers);
  const deployments = await deploymentsOfSeveral(shared, transfers);
  const looked = await concurrently(ids, CONCURRENCY, (id) =>
    look(id, () => preflight(shared, id, purpose, deployments.get(id))),
  );
  const known = looked.flatMap(({ transfer }) => transfer ?? []);
  const common = [
    ...(purpose === 'execution' ? await checkCommonDisks(shared, known) : []),
    ...(await checkLicencesOfAll(shared, known, purpose)),
  ];
  return summarize(purpose, looked, common);
}

async function look(id: string, ask: () => Promise<PreflightFindings>): Promise<Looked> {
  try {
    const { transfer, checks } = await ask();
    return { id, name: quoteText(transferName(transfer), NAME_LENGTH), transfer, checks };
  } catch (error) {
    if (error instanceof CanceledError || !isCoriolisError(error)) throw asError(error);
    const message = quoteText(error.message, 200);
    return { id, name: id, transfer: undefined, checks: [blockingCheck('transfer', message)] };
  }
}

/** Checks for disks that machines of different transfers share: each transfer would copy them separately. */
async function checkCommonDisks(
  coriolis: Coriolis,
  transfers: readonly Transfer[],
): Promise<readonly Problem[]> {
  const machines = await concurrently(
    transfers.flatMap((transfer) => transfer.instances.map((instance) => ({ transfer, instance }))),
    CONCURRENCY,
    async ({ transfer, instance }) => ({
      transfer,
      data: await tolerate(
        fetchInstance(
          coriolis,
          transfer.origin_endpoint_id,
          instance,
          transfer.source_environment ?? undefined,
        ),
        PLATFORM_SILENCE,
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
    const described = own.map(({ transfer, data }) => ({ name: instanceIdentifier(data), data, transfer }));
    return disksInCommon(described).flatMap(({ disk, machines: sharing }) => {
      const owners = new Set(sharing.map(({ transfer }) => transfer));
      if (owners.size < 2) return [];
      const message = `Disk ${quoteText(disk, 80)} is shared by ${joinNames(sharing.map(({ name }) => name))}: move these machines in one transfer.`;
      return [{ ...warningCheck('shared_disk', message), transfers: [...owners].map(({ id }) => id) }];
    });
  });
}

/** Compares the licences left with the machines of transfers that hold no reservation yet. */
async function checkLicencesOfAll(
  coriolis: Coriolis,
  transfers: readonly Transfer[],
  purpose: Purpose,
): Promise<readonly Problem[]> {
  const kinds: readonly LicenceKind[] = ['replicas', 'migrations'];
  const problems: Problem[] = [];
  for (const kind of kinds) {
    const needing = transfers.filter(
      ({ scenario, reservation_id: reservation }) =>
        licenceKindOf(scenario) === kind && (reservation ?? '') === '',
    );
    const machines = needing.reduce((sum, { instances }) => sum + instances.length, 0);
    // A deployment takes the licence of its sync.
    if (machines < 2 || purpose === 'deployment') continue;
    const left = await licencesLeft(coriolis, kind);
    if (left === null || left >= machines) continue;
    const message = `The licences allow ${left} more ${kind}, and ${countNoun(machines, 'machine')} of these transfers need one.`;
    problems.push({ ...warningCheck('licence', message), transfers: needing.map(({ id }) => id) });
  }
  return problems;
}

function summarize(
  purpose: Purpose,
  looked: readonly Looked[],
  common: readonly Problem[],
): { readonly result: JsonObject; readonly headline: string } {
  const warned = new Set(common.flatMap(({ transfers }) => transfers));
  const rows = looked
    .map((one) => {
      const own = verdictOf(one);
      return { ...one, verdict: own === 'ready' && warned.has(one.id) ? ORDER[1] : own };
    })
    .sort((one, other) => ORDER.indexOf(one.verdict ?? 'ready') - ORDER.indexOf(other.verdict ?? 'ready'));
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
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

/** Merges equal problems: each once, blocking ones first, with the names of its transfers. */
function problemsOf(looked: readonly Looked[], common: readonly Problem[]): readonly JsonObject[] {
  const names = new Map(looked.map(({ id, name }) => [id, name]));
  const all = new Map<string, Problem>();
  const add = (problem: Problem): void => {
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
