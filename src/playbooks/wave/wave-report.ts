import type { Coriolis } from '../../api/operation-context';
import { isObject, type JsonObject } from '../../model/json';
import { quoteText } from '../../model/untrusted-text';
import { redact } from '../../model/redact-object';
import { outcomeOf, purposeOf, statusOf } from '../../model/status';
import { secondsBetween, formatIsoTime, toIsoTime } from '../../model/timestamps';
import type { Deployment, Execution } from '../../model/api-objects';
import { makeManifest, hashManifest, type ReportManifest } from '../report/report-manifest';
import { fetchWave } from './fetch-wave';
import { describeRunFailure } from './failure-words';
import type { WaveMachine } from './machine-state';
import { findShutdown, wasStartedWithShutdown } from './machine-position';

/** One step of a machine in a report: the creation of its transfer, an execution or a deployment. */
export interface ReportedStep {
  readonly machine: string;
  /** Kind of step: create, sync, final sync, another kind of execution, or deployment. */
  readonly step: string;
  /** Id of the transfer, execution or deployment. */
  readonly id: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly seconds: number | null;
  readonly outcome: string | null;
  /** The server's error message; null unless the step failed. */
  readonly words: string | null;
}

/** Result of a wave for one machine, in a report. */
export interface ReportedMachine {
  readonly machine: string;
  readonly transfer_id: string | null;
  readonly row_hash: string;
  readonly outcome: string;
  readonly syncs: number;
  /** Age of the deployed copy at the start of the deployment, from the start of the sync that made it. */
  readonly rpo_seconds: number | null;
  /**
   * Seconds from the shutdown of the source to the end of the deployment, repetitions of the final sync included; null
   * when unknown.
   */
  readonly downtime_seconds: number | null;
  readonly deployment_seconds: number | null;
  /** Next step or failure that is left open; null when the machine is done. */
  readonly left_open: string | null;
}

/** Report of a wave, as evidence of its result. */
export interface WaveReport {
  readonly wave: string;
  readonly plan_hash: string | null;
  readonly made_at: string;
  /** The plan that the caller stored: rows, readiness, estimates. */
  readonly plan: JsonObject | null;
  readonly approvals: readonly JsonObject[];
  /** Actions that calls of `wave.run` returned and the caller stored, with times and request ids. */
  readonly actions: readonly JsonObject[];
  readonly machines: readonly ReportedMachine[];
  readonly steps: readonly ReportedStep[];
  readonly totals: {
    readonly machines: number;
    readonly done: number;
    readonly open: number;
    readonly syncs: number;
    readonly failed_steps: number;
    readonly longest_downtime_seconds: number | null;
    readonly seconds: number | null;
  };
  readonly manifest: ReportManifest;
  readonly report_hash: string;
}

/** Input of a report: the name of the wave, and the plan, approvals and actions that the caller has stored. */
export interface WaveReportInput {
  readonly wave: string;
  readonly planHash: string | undefined;
  readonly plan: JsonObject | undefined;
  readonly approvals: readonly JsonObject[] | undefined;
  readonly actions: readonly JsonObject[] | undefined;
  readonly transferIds: readonly string[] | undefined;
}

/** Makes the report of a wave from the server's state and from the data that the caller has stored. Reads only. */
export async function makeWaveReport(coriolis: Coriolis, input: WaveReportInput): Promise<WaveReport> {
  const wave = await fetchWave(coriolis, input.wave, { goal: 'cut_over', adopted: input.transferIds });
  const machines = [...wave.machines.map(reportedMachine), ...machinesWithoutTransfer(input, wave.machines)];
  const steps = wave.machines.flatMap(reportedStepsOf);
  const parts = redact({
    wave: input.wave,
    plan_hash: input.planHash ?? wave.shortPlanHash,
    made_at: formatIsoTime(wave.snapshot.now),
    plan: input.plan ?? null,
    approvals: input.approvals ?? [],
    actions: input.actions ?? [],
    machines,
    steps,
    totals: totalsOf(machines, steps),
  }) as Omit<WaveReport, 'manifest' | 'report_hash'>;
  const manifest = makeManifest(parts as unknown as JsonObject);
  return { ...parts, manifest, report_hash: hashManifest(manifest) };
}

/** Totals of a report, from its machines and steps alone. */
export function totalsOf(
  machines: readonly ReportedMachine[],
  steps: readonly ReportedStep[],
): WaveReport['totals'] {
  const downtimes = machines.flatMap(({ downtime_seconds: seconds }) => seconds ?? []);
  const done = machines.filter(({ outcome }) => outcome === 'done').length;
  const times = steps
    .flatMap(({ started_at: start, ended_at: end }) => [start, end].filter((at) => at !== null))
    .sort();
  return {
    machines: machines.length,
    done,
    open: machines.length - done,
    syncs: steps.filter(({ step }) => step.endsWith('sync')).length,
    failed_steps: steps.filter(({ outcome }) => outcome === 'failed').length,
    longest_downtime_seconds: downtimes.length === 0 ? null : Math.max(...downtimes),
    seconds: secondsBetween(times[0], times.at(-1)),
  };
}

/** Makes the part of a report about one machine. */
export function reportedMachine({
  row,
  transfer,
  position,
  executions,
  deployments,
}: WaveMachine): ReportedMachine {
  const { completedDeployment, step } = position;
  const deployment = completedDeployment ?? deployments[0];
  const copied = deployment === undefined ? undefined : deployedSync(deployment, executions);
  const earlier = deployments.filter((one) => outcomeOf(statusOf(one)) === 'completed');
  const deployed = earlier.flatMap((one) => deployedSync(one, executions)?.number ?? []);
  const off = copied === undefined ? null : shutdownAt(copied.number, deployed, executions);
  return {
    machine: row.name,
    transfer_id: transfer?.id ?? null,
    row_hash: row.hash,
    outcome: step.do === 'failed' || step.do === 'canceled' || step.do === 'done' ? step.do : 'open',
    syncs: position.completedPasses,
    rpo_seconds: deployment === undefined ? null : secondsBetween(copied?.created_at, deployment.created_at),
    downtime_seconds:
      completedDeployment === undefined ? null : secondsBetween(off, completedDeployment.updated_at),
    deployment_seconds:
      completedDeployment === undefined
        ? null
        : secondsBetween(completedDeployment.created_at, completedDeployment.updated_at),
    left_open: leftOpen(position),
  };
}

/** Maximum number of characters of a reason from a plan. */
const MAX_REASON = 200;

/**
 * Machines of the plan that was kept of which the server has nothing: blocked ones, those that never began, and those that
 * were abandoned. Without them a report would count only what is still there.
 */
function machinesWithoutTransfer(
  { plan, wave }: WaveReportInput,
  machines: readonly WaveMachine[],
): readonly ReportedMachine[] {
  const known = new Set(machines.flatMap(({ row }) => [row.name, row.instance]));
  const rows = (Array.isArray(plan?.['rows']) ? plan['rows'] : []).filter(isObject);
  return rows.flatMap((row): readonly ReportedMachine[] => {
    const { machine, instance, row_hash: hash, status, existing, messages } = row;
    const isOther = (row['wave'] ?? wave) !== wave || known.has(String(instance ?? machine));
    if (typeof machine !== 'string' || isOther) return [];
    const reason = Array.isArray(messages) ? String(messages[0] ?? '') : '';
    return [
      {
        machine,
        transfer_id: null,
        row_hash: typeof hash === 'string' ? hash : '',
        outcome: 'open',
        syncs: 0,
        rpo_seconds: null,
        downtime_seconds: null,
        deployment_seconds: null,
        left_open:
          status === 'blocked'
            ? quoteText(`blocked in the plan: ${reason}`, MAX_REASON)
            : existing === 'taken_in'
              ? 'its transfer existed before the wave and is not among those that were named for the report'
              : 'no transfer of it is on the server: it has not begun, or was abandoned',
      },
    ];
  });
}

function leftOpen({ step, committed }: WaveMachine['position']): string | null {
  if (step.do === 'done') return null;
  const state =
    step.do === 'failed' || step.do === 'canceled'
      ? describeRunFailure(step.run)
      : `next: ${step.do.replace('_', ' ')}`;
  return committed ? `its source is off; ${state}` : state;
}

/** The newest sync that had completed when a deployment began. */
const deployedSync = (deployment: Deployment, executions: readonly Execution[]): Execution | undefined =>
  executions
    .filter(
      ({ type, status, updated_at: ended }) =>
        purposeOf(type) === 'sync' &&
        status === 'COMPLETED' &&
        ended !== null &&
        ended <= deployment.created_at,
    )
    .sort((one, other) => other.number - one.number)[0];

/**
 * Time at which the source went off before the sync that was deployed: when the first machine of the transfer was shut
 * down, by this sync or by a failed one that it repeats. Null when the source was on.
 *
 * @param copied number of the sync that was deployed
 * @param deployed numbers of all syncs that were deployed; an earlier one belongs to an earlier cutover
 */
function shutdownAt(
  copied: number,
  deployed: readonly number[],
  executions: readonly Execution[],
): string | null {
  const since = Math.max(0, ...deployed.filter((number) => number < copied));
  const syncs = executions
    .filter(({ type, number }) => purposeOf(type) === 'sync' && number > since && number <= copied)
    .sort((one, other) => one.number - other.number);
  const ends = (findShutdown(syncs)?.tasks ?? [])
    .filter(({ task_type: type, status }) => type === 'SHUTDOWN_INSTANCE' && status === 'COMPLETED')
    .flatMap(({ updated_at: end }) => end ?? []);
  return ends.sort()[0] ?? null;
}

/** Steps of a machine that a report has, in their order. */
export function reportedStepsOf({
  row,
  transfer,
  executions,
  deployments,
}: WaveMachine): readonly ReportedStep[] {
  const created =
    transfer === undefined || row.existingTransfer.kind === 'adopted'
      ? []
      : [
          {
            machine: row.name,
            step: 'create',
            id: transfer.id,
            started_at: toIsoTime(transfer.created_at),
            ended_at: toIsoTime(transfer.created_at),
            seconds: 0,
            outcome: 'completed',
            words: null,
          },
        ];
  const runs = [
    ...executions.map((run) => reportedRun(row.name, stepNameOf(run), run)),
    ...deployments.map((run) => reportedRun(row.name, 'deployment', run)),
  ];
  return [
    ...created,
    ...runs.sort((one, other) => ((one.started_at ?? '') < (other.started_at ?? '') ? -1 : 1)),
  ];
}

function stepNameOf(run: Execution): string {
  const purpose = purposeOf(run.type);
  if (purpose !== 'sync') return purpose ?? run.type;
  return wasStartedWithShutdown(run) ? 'final sync' : 'sync';
}

function reportedRun(machine: string, step: string, run: Execution | Deployment): ReportedStep {
  const outcome = outcomeOf(statusOf(run)) ?? null;
  const ended = outcome === null ? null : run.updated_at;
  return {
    machine,
    step,
    id: run.id,
    started_at: toIsoTime(run.created_at),
    ended_at: toIsoTime(ended),
    seconds: secondsBetween(run.created_at, ended),
    outcome,
    words: outcome === 'failed' ? describeRunFailure(run) : null,
  };
}
