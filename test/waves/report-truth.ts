import { outcomeOf } from '../../src/model/status';
import { formatIsoTime, parseServerTime } from '../../src/model/timestamps';
import type { Execution } from '../../src/model/api-objects';
import type { ReportedMachine, WaveReport } from '../../src/playbooks/wave/wave-report';
import type { FinishedRun } from '../../sandbox/sandbox';
import type { Truth } from './truth';

/** What the report of a wave tells, against the sandbox's own account. */

/** Figures of a moved machine, from the sandbox's runs and the tasks of its syncs; null where there is none. */
interface TrueFigures {
  readonly rpo: number;
  readonly downtime: number | null;
  readonly deployment: number;
}

/**
 * Differences of a report from what happened, in words: times of steps, RPO, downtime, totals, and runs that it lacks.
 *
 * @param runs runs of all transfers that have ended, from the sandbox
 * @param truths objects of the wave's machines
 */
export function ofReport(
  report: WaveReport,
  runs: readonly FinishedRun[],
  truths: readonly Truth[],
): readonly string[] {
  const ids = new Set(report.machines.map(({ transfer_id: id }) => id));
  const own = runs.filter(({ transferId }) => transferId !== null && ids.has(transferId));
  const figures = new Map(
    report.machines.map((one) => [one.transfer_id, figuresOf(one.transfer_id, own, truths)]),
  );
  return [
    ...ofSteps(report, own),
    ...report.machines.flatMap((one) => ofFigures(one, figures.get(one.transfer_id))),
    ...ofTotals(report, own, truths, [...figures.values()]),
  ];
}

const ofSteps = ({ steps }: WaveReport, own: readonly FinishedRun[]): readonly string[] => {
  const told = new Map(steps.map((step) => [step.id, step]));
  return own.flatMap(({ id, kind, createdAt, finishedAt, status }) => {
    const step = told.get(id);
    if (step === undefined) return [`the report lacks ${kind} ${id}`];
    const isSame =
      step.started_at === formatIsoTime(createdAt * 1000) &&
      step.ended_at === formatIsoTime(finishedAt * 1000) &&
      step.seconds === finishedAt - createdAt &&
      step.outcome === outcomeOf(status);
    return isSame ? [] : [`the report tells other times of ${kind} ${id}`];
  });
};

/** Figures of a machine that one deployment has moved; undefined of others. */
function figuresOf(
  transferId: string | null,
  own: readonly FinishedRun[],
  truths: readonly Truth[],
): TrueFigures | undefined {
  const mine = own.filter((run) => run.transferId === transferId);
  const completed = mine.filter(({ status }) => outcomeOf(status) === 'completed');
  const [deployment, ...more] = completed.filter(({ kind }) => kind === 'deployment');
  const copy = completed
    .filter(({ kind, finishedAt }) => kind === 'execution' && finishedAt <= (deployment?.createdAt ?? 0))
    .sort((one, other) => (other.number ?? 0) - (one.number ?? 0))[0];
  if (deployment === undefined || copy === undefined || more.length > 0) return undefined;
  const syncs = truths.find(({ transfers }) => transfers.some(({ id }) => id === transferId))?.syncs ?? [];
  const off = offSince(syncs.filter(({ number }) => number <= (copy.number ?? 0)));
  return {
    rpo: deployment.createdAt - copy.createdAt,
    downtime: off === null ? null : deployment.finishedAt - off,
    deployment: deployment.finishedAt - deployment.createdAt,
  };
}

/** Second since 1970 since which a source is off after these syncs, told in their order; null while it is on. */
function offSince(syncs: readonly Execution[]): number | null {
  let off: number | null = null;
  for (const { tasks = [], status } of syncs) {
    const shutdown = tasks.find(({ task_type: type }) => type === 'SHUTDOWN_INSTANCE');
    if (shutdown?.status === 'COMPLETED') off ??= (parseServerTime(shutdown.updated_at) ?? 0) / 1000;
    // A sync without shutdown that completes copies a source which runs again.
    if (shutdown === undefined && status === 'COMPLETED') off = null;
  }
  return off;
}

function ofFigures(one: ReportedMachine, truth: TrueFigures | undefined): readonly string[] {
  if (one.outcome !== 'done') return [];
  if (truth === undefined) return [`the report tells that ${one.machine} is done, and it was not moved`];
  const { rpo_seconds: rpo, downtime_seconds: downtime, deployment_seconds: deployment } = one;
  return [
    ...(rpo === truth.rpo ? [] : [`the RPO of ${one.machine} is ${truth.rpo} s, the report tells ${rpo}`]),
    ...(downtime === truth.downtime
      ? []
      : [`${one.machine} was down for ${truth.downtime} s, the report tells ${downtime}`]),
    ...(deployment === truth.deployment
      ? []
      : [`the deployment of ${one.machine} took ${truth.deployment} s, the report tells ${deployment}`]),
  ];
}

function ofTotals(
  { totals, machines, steps }: WaveReport,
  own: readonly FinishedRun[],
  truths: readonly Truth[],
  figures: ReadonlyArray<TrueFigures | undefined>,
): readonly string[] {
  const done = machines.filter(({ outcome }) => outcome === 'done').length;
  const downtimes = figures.flatMap((one) => one?.downtime ?? []);
  const created = new Set(steps.filter(({ step }) => step === 'create').map(({ id }) => id));
  const running = steps.filter(({ outcome }) => outcome === null);
  const times = [
    ...own.flatMap(({ createdAt, finishedAt }) => [createdAt, finishedAt]),
    ...truths.flatMap(({ transfers }) =>
      transfers
        .filter(({ id }) => created.has(id))
        .map(({ created_at: at }) => (parseServerTime(at) ?? 0) / 1000),
    ),
    ...running.map(({ started_at: at }) => (parseServerTime(at) ?? 0) / 1000),
  ];
  const expected: WaveReport['totals'] = {
    machines: machines.length,
    done,
    open: machines.length - done,
    syncs: truths.reduce((sum, { syncs }) => sum + syncs.length, 0),
    failed_steps: own.filter(({ status }) => outcomeOf(status) === 'failed').length,
    longest_downtime_seconds: downtimes.length === 0 ? null : Math.max(...downtimes),
    seconds: times.length === 0 ? null : Math.max(...times) - Math.min(...times),
  };
  const [right, told] = [JSON.stringify(expected), JSON.stringify(totals)];
  return right === told ? [] : [`the totals are ${right}, the report tells ${told}`];
}
