import { mapConcurrently } from '../../api/map-concurrently';
import type { Coriolis } from '../../api/operation-context';
import { displayNameOf } from '../../model/display-texts';
import { medianRunSeconds, withSyncKinds, type SyncKind } from '../../model/run-statistics';
import type { Deployment } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { fetchDeploymentsOfTransfer } from '../../resources/deployment';
import { fetchNewestExecutions } from '../../resources/execution';
import { fetchLastCopy } from '../../facts/fetch-last-copies';
import { fetchOptional } from '../../requests/object-requests';
import { fetchTransferWithMachines } from '../../resources/transfer';
import { key, view, type ResultOf } from '../../vocabulary/result-keys';
import {
  preflightCheckKeys,
  type PreflightCheck,
  type PreflightSituation,
  type PreflightPurpose,
} from './preflight-check';
import { checkConnection } from './check-connection';
import { checkLicence } from './check-licence';
import { checkMachines } from './check-machines';
import { checkPools } from './check-pools';
import { checkRuns } from './check-runs';
import { checkWorkers } from './check-workers';

/** Result of a preflight before it is shown: the objects that were read, and the results of the checks, worst first. */
export interface PreflightFindings extends PreflightSituation {
  readonly checks: readonly PreflightCheck[];
}

const countOf = ({ checks }: Pick<PreflightFindings, 'checks'>, status: PreflightCheck['status']): number =>
  checks.filter((check) => check.status === status).length;

/** Verdict of a preflight: some check blocks, some check warns, or all are ok. */
export type PreflightVerdict = 'blocked' | 'ready_with_warnings' | 'ready';

/** Determines the verdict from the results of the checks. */
export function preflightVerdictOf(findings: Pick<PreflightFindings, 'checks'>): PreflightVerdict {
  if (countOf(findings, 'blocking') > 0) return 'blocked';
  return countOf(findings, 'warning') > 0 ? 'ready_with_warnings' : 'ready';
}

/** Result view of a preflight. */
export const preflightView = view<PreflightFindings>()({
  id: key.text('Transfer id', ({ transfer }: PreflightFindings) => transfer.id),
  name: key.text(
    'Notes, else the machines',
    ({ transfer }: PreflightFindings) => quoteText(displayNameOf(transfer), 100),
    { untrusted: true },
  ),
  purpose: key.text('execution or deployment'),
  verdict: key.text('ready, ready_with_warnings or blocked', preflightVerdictOf),
  blocking: key.number('Number of blocking checks', (findings: PreflightFindings) =>
    countOf(findings, 'blocking'),
  ),
  warnings: key.number('Number of warnings', (findings: PreflightFindings) => countOf(findings, 'warning')),
  expected_seconds: key.number(
    'Median of earlier runs of this kind, of full or incremental syncs; null when there were none',
    expectedSeconds,
    { nullable: true },
  ),
  checks: key.rows('Checks, the worst first', preflightCheckKeys),
});

/** Result of a preflight: verdict and checks. */
export type PreflightResult = ResultOf<typeof preflightView>;

/** Maximum number of executions that are read. */
const MAX_EXECUTIONS = 10;
/** Order of results, the worst first. */
const RANK: Readonly<Record<PreflightCheck['status'], number>> = { blocking: 0, warning: 1, ok: 2 };

/**
 * Checks everything that can stop an execution or a deployment of a transfer, before that is started. Reads only. Takes
 * seconds, because both platforms are asked.
 *
 * @param deployments deployments of the transfer, newest first; undefined to read them
 * @throws {NotFoundError} there is no such transfer
 */
export async function preflightTransfer(
  coriolis: Coriolis,
  id: string,
  purpose: PreflightPurpose,
  deployments?: readonly Deployment[],
): Promise<PreflightFindings> {
  const situation = await readSituation(coriolis, id, purpose, deployments);
  const endpoints = [situation.origin, situation.destination].filter((endpoint) => endpoint !== null);
  const looks: ReadonlyArray<() => Promise<readonly PreflightCheck[]>> = [
    async () => checkRuns(situation),
    () => checkConnection(coriolis, 'origin', situation),
    () => checkConnection(coriolis, 'destination', situation),
    () => checkMachines(coriolis, situation),
    () => checkPools(coriolis, situation),
    () =>
      checkWorkers(
        coriolis,
        endpoints,
        purpose === 'deployment' ? (situation.origin ?? undefined) : undefined,
      ),
    () => checkLicence(coriolis, situation),
  ];
  const checks = (await mapConcurrently(looks, looks.length, (look) => look()))
    .flat()
    .sort((one, other) => RANK[one.status] - RANK[other.status]);
  return { ...situation, checks };
}

async function readSituation(
  coriolis: Coriolis,
  id: string,
  purpose: PreflightPurpose,
  deployments: readonly Deployment[] | undefined,
): Promise<PreflightSituation> {
  const { object: transfer, date: now } = await fetchTransferWithMachines(coriolis, id);
  const executions = await fetchNewestExecutions(coriolis, id, MAX_EXECUTIONS);
  return {
    purpose,
    transfer,
    now,
    executions,
    lastCopy: await fetchLastCopy(coriolis, transfer, executions),
    deployments: deployments ?? (await fetchDeploymentsOfTransfer(coriolis, transfer)),
    origin: (await fetchOptional(coriolis, 'endpoint', [transfer.origin_endpoint_id])) ?? null,
    destination: (await fetchOptional(coriolis, 'endpoint', [transfer.destination_endpoint_id])) ?? null,
  };
}

/**
 * Median duration of what would be started, in seconds: of completed deployments, or of completed syncs that copied as
 * much as the next one will. Null without any, and when the copy is not known.
 */
function expectedSeconds({ purpose, executions, deployments, lastCopy }: PreflightSituation): number | null {
  if (purpose === 'deployment') return medianRunSeconds(deployments);
  if (lastCopy === undefined) return null;
  // Without a usable copy everything is copied again, which takes longer than the changes of a night.
  const wanted: SyncKind = lastCopy.copy === null ? 'full' : 'incremental';
  return medianRunSeconds(
    withSyncKinds(executions)
      .filter(({ kind }) => kind === wanted)
      .map(({ execution }) => execution),
  );
}
