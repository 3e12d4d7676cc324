import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import { outcomeOf, purposeOf, statusLabelOf, statusOf } from '../../model/status';
import { toIsoTime } from '../../model/timestamps';
import type { TransferOrDeployment, Deployment, Execution } from '../../model/api-objects';
import { fetchNewestExecutions, MAX_SEARCHED_EXECUTIONS } from '../../resources/execution';
import { fetchPaged } from '../../requests/object-requests';
import type { DiagnosisFinding } from './diagnosed-run';

/** Maximum number of deployments that are searched for a later one. */
const MAX_DEPLOYMENTS = 500;
/** Number of deployments in a page. */
const PAGE = 100;

/**
 * Adds to the finding about a failed execution whether a later execution of the same purpose exists: a completed update
 * or deletion of disks says nothing about a failed sync. A later one that completed settles the failure, so that nothing
 * is left to do.
 */
export async function addLaterExecutions(
  coriolis: Coriolis,
  run: Execution,
  finding: DiagnosisFinding,
): Promise<DiagnosisFinding> {
  if (outcomeOf(run.status) !== 'failed') return finding;
  const newestRuns = await tolerateErrors(
    fetchNewestExecutions(coriolis, run.action_id, MAX_SEARCHED_EXECUTIONS),
    ['not_found'],
    [],
  );
  const later = newestRuns.filter(
    ({ number, type }) => number > run.number && purposeOf(type) === purposeOf(run.type),
  );
  const [newest] = later;
  if (newest === undefined) return { ...finding, isNewestRun: true };
  const done = later.find(({ status }) => outcomeOf(status) === 'completed');
  return done === undefined
    ? superseded(
        finding,
        `This was #${run.number}; the newest, ${numberAndTimeOf(newest)}, is ${statusLabelOf(newest.status)}.`,
      )
    : settled(finding, done, `A later execution, ${numberAndTimeOf(done)}, has completed.`);
}

const numberAndTimeOf = (run: Execution): string => `#${run.number} of ${timeOf(run)}`;

/**
 * Adds to the finding about a failed deployment whether a later deployment of the transfer exists. A later one that
 * completed settles the failure.
 */
export async function addLaterDeployments(
  coriolis: Coriolis,
  run: Deployment,
  finding: DiagnosisFinding,
): Promise<DiagnosisFinding> {
  if (outcomeOf(statusOf(run)) !== 'failed' || run.transfer_id === null) return finding;
  const later = await tolerateErrors(deploymentsAfter(coriolis, run), ['forbidden', 'not_found'], undefined);
  const [newest] = later ?? [];
  if (later === undefined) return finding;
  if (newest === undefined) return { ...finding, isNewestRun: true };
  const done = later.find((one) => outcomeOf(statusOf(one)) === 'completed');
  return done === undefined
    ? superseded(
        finding,
        `The newest deployment of this transfer, ${newest.id} of ${timeOf(newest)}, is ${statusLabelOf(statusOf(newest))}.`,
      )
    : settled(finding, done, `A later deployment, ${done.id} of ${timeOf(done)}, has completed.`);
}

const timeOf = ({ created_at: at }: Execution | Deployment): string => toIsoTime(at) ?? at;

const settled = (
  finding: DiagnosisFinding,
  since: Execution | Deployment,
  sentence: string,
): DiagnosisFinding => ({
  ...finding,
  summary: `${finding.summary} ${sentence}`,
  isNewestRun: false,
  laterCompletedId: since.id,
  nextSteps: [`Nothing: ${'number' in since ? 'execution' : 'deployment'} ${since.id} has completed since.`],
});

const superseded = (finding: DiagnosisFinding, sentence: string): DiagnosisFinding => ({
  ...finding,
  summary: `${finding.summary} ${sentence}`,
  isNewestRun: false,
});

/** Reads the later deployments of the same transfer, newest first, without those that never ran. */
async function deploymentsAfter(coriolis: Coriolis, run: Deployment): Promise<readonly Deployment[]> {
  const later: Deployment[] = [];
  const rows = fetchPaged(coriolis, 'deployment', [], { pageSize: PAGE, limit: MAX_DEPLOYMENTS });
  for await (const one of rows) {
    if (one.created_at < run.created_at) break;
    const isOther = one.id !== run.id && one.transfer_id === run.transfer_id;
    if (isOther && statusOf(one) !== 'UNEXECUTED') later.push(one);
  }
  return later;
}

/**
 * Replaces a remedy that asks for a setting which the transfer or deployment already has. The known error then offers
 * another remedy.
 * @param action the deployment itself, or the transfer of the execution; undefined when it cannot be read
 */
export function replaceAppliedRemedy(
  action: TransferOrDeployment | undefined,
  finding: DiagnosisFinding,
): DiagnosisFinding {
  const { known } = finding;
  if (known?.ifAlreadySet === undefined) return finding;
  const { side, setting, remedy } = known.ifAlreadySet;
  const environment = side === 'source' ? action?.source_environment : action?.destination_environment;
  const value = environment?.[setting];
  if (value === undefined || value === null || value === false || value === '') return finding;
  return {
    ...finding,
    known: { ...known, remedy },
    nextSteps: finding.nextSteps.map((step) => (step === known.remedy ? remedy : step)),
  };
}
