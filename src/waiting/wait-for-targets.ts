import { CanceledError, isCoriolisError, NotFoundError } from '../api/errors';
import { pauseWait } from '../api/end-of-wait';
import { contextWithDeadline, type Coriolis } from '../api/operation-context';
import type { PoolGoal } from '../model/minion-pool-state';
import { describeProgress, type Progress } from '../model/run-progress';
import type { RunRef } from './fetch-run';
import { fetchAutoDeployments } from './auto-deployment';
import { makePoolWaitTarget } from './pool-wait-target';
import { makeRunWaitTarget } from './run-wait-target';
import type { WaitTarget } from './wait-target';
import { WaitState } from './wait-state';
import { waitResultView, type WaitResult } from './wait-result';

export type { WaitOutcome } from './wait-target';

/** Ids of an object to wait for; for a minion pool also the status to wait for. */
export type WaitTargetRef =
  RunRef | { readonly kind: 'minion_pool'; readonly minionPoolId: string; readonly goal: PoolGoal };

const targetOf = (ref: WaitTargetRef): WaitTarget =>
  ref.kind === 'minion_pool' ? makePoolWaitTarget(ref.minionPoolId, ref.goal) : makeRunWaitTarget(ref);

/** Options of a wait. */
export interface WaitOptions {
  /** Seconds until the wait ends as `timed_out`, plus at most one request. The work on the server continues. */
  readonly timeoutSeconds: number;
  /** Seconds without any change of a target until it counts as `stalled`. */
  readonly stallSeconds: number;
  /** Condition for returning: all targets have ended (default), one target has ended, or one target has changed. */
  readonly until?: 'all' | 'any' | 'change';
  /** Marks of earlier results, in the order of the targets; a target with another mark has changed. */
  readonly since?: readonly string[] | undefined;
  /** Seconds between the first two polls; the interval grows by half with each poll. Default 2. */
  readonly firstPollSeconds?: number;
  /** Maximum seconds between two polls. Default 30. */
  readonly maximumPollSeconds?: number;
}

/** Maximum number of targets that are polled at the same time. */
const CONCURRENCY = 5;
/**
 * Timeout of one poll of all targets, in milliseconds. When the server does not answer within it, the next poll asks
 * again.
 */
const MAX_POLL_MS = 15_000;
/** Minimum timeout of a poll in milliseconds. By as much a wait may exceed its own timeout. */
const MIN_POLL_MS = 3_000;
/** Factor by which the poll interval grows. */
const GROWTH = 1.5;
/** Maximum share of a poll interval that is randomly cut off, so that many waits do not poll at the same time. */
const JITTER = 0.2;

/** Waits for executions, deployments and minion pools, as `waitForTargets` does. */
export const waitFor = (
  coriolis: Coriolis,
  targets: readonly WaitTargetRef[],
  options: WaitOptions,
): Promise<readonly WaitResult[]> =>
  waitForTargets(coriolis, targets.map(targetOf), options).then((all) => all.map(waitResultView.of));

/** Waits for one execution, deployment or minion pool, as `waitForTargets` does. */
export async function waitForOne(
  coriolis: Coriolis,
  target: WaitTargetRef,
  options: WaitOptions,
): Promise<WaitState> {
  const [state] = await waitForTargets(coriolis, [targetOf(target)], options);
  return state as WaitState;
}

/**
 * Waits for targets in one loop that ends at the timeout (docs/reference/coriolis-domain.md §§2, 5, 11;
 * docs/reference/watching.md §3). Its polls are shared with other waits. Returns one state for each target, in the
 * order of `targets`; `outcome` is null for targets that are still running when `until` ends the wait early. Calls
 * `coriolis.report` with the progress after each poll. Temporary failures (no connection, 5xx) are ignored until the
 * timeout.
 *
 * @throws {NotFoundError} a target did not exist when the wait began
 * @throws {CanceledError} `coriolis.signal` fired; nothing on the server is canceled
 * @throws {AuthenticationError} and other errors that are not temporary
 */
export async function waitForTargets(
  coriolis: Coriolis,
  targets: readonly WaitTarget[],
  options: WaitOptions,
): Promise<readonly WaitState[]> {
  const { clock, random, signal } = coriolis;
  const deadline = clock() + options.timeoutSeconds * 1000;
  const maximum = (options.maximumPollSeconds ?? 30) * 1000;
  let interval = Math.min((options.firstPollSeconds ?? 2) * 1000, maximum);
  // The first poll accepts no shared answer: the caller may have changed the target just before this wait.
  let maximumAgeMs = 0;
  const all = targets.map(
    (target, index) => new WaitState(target, options.stallSeconds, options.since?.[index]),
  );

  for (;;) {
    if (signal?.aborted === true) throw canceledWaitError();
    const pollMs = Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, deadline - clock()));
    await pollAll(
      contextWithDeadline(coriolis, clock() + pollMs),
      all.filter((state) => state.outcome === null),
      maximumAgeMs,
    );
    reportProgress(coriolis, all);
    if (isConditionMet(all, options.until ?? 'all')) break;

    // A final status that is too young to be trusted is polled once more, even after the timeout.
    const settling = Math.max(...all.map((state) => state.settlesInMs));
    const left = deadline - clock();
    const isEnding = coriolis.endWaitsSignal?.aborted === true;
    if (isEnding || (left <= 0 && settling <= 0)) {
      for (const state of all) state.timeOut();
      break;
    }
    const soon = Math.min(...all.map((state) => state.nextPollInMs));
    // A target asks to be polled sooner than usual.
    if (soon < interval) interval = soon;
    const pause = settling > 0 ? settling : Math.min(interval * (1 - JITTER * random()), left);
    // The answer must be newer than the previous poll, also when the end of the wait shortened the pause.
    maximumAgeMs = settling > 0 ? 0 : Math.min(interval / 2, pause);
    await pauseWait(coriolis, pause);
    interval = Math.min(interval * GROWTH, maximum);
  }
  await findAutoDeployments(contextWithDeadline(coriolis, clock() + MAX_POLL_MS), all);
  return all;
}

/** Adds to completed executions the deployments that Coriolis started by itself after them. */
async function findAutoDeployments(coriolis: Coriolis, all: readonly WaitState[]): Promise<void> {
  const completed = all.filter(
    ({ target, outcome }) => target.kind === 'execution' && outcome === 'completed',
  );
  const deployments = await fetchAutoDeployments(
    coriolis,
    completed.flatMap(({ target: { id }, createdAt }) => (createdAt === undefined ? [] : { id, createdAt })),
  );
  for (const state of completed) state.autoDeployment = deployments.get(state.target.id);
}

const canceledWaitError = (): CanceledError =>
  new CanceledError('The wait was canceled; the work continues on the server');

async function pollAll(
  coriolis: Coriolis,
  waiting: readonly WaitState[],
  maximumAgeMs: number,
): Promise<void> {
  for (let start = 0; start < waiting.length; start += CONCURRENCY) {
    await Promise.all(
      waiting.slice(start, start + CONCURRENCY).map(async (state) => {
        await state.target.poll(coriolis, state.progress, maximumAgeMs).then(
          (snapshot) => state.update(snapshot, coriolis.clock()),
          (error: unknown) => {
            if (coriolis.signal?.aborted === true) throw canceledWaitError();
            if (error instanceof NotFoundError && state.wasFound) state.markDeleted();
            else if (isTemporary(error, state.wasFound)) state.recordFailure(error, coriolis.clock());
            else throw error;
          },
        );
      }),
    );
  }
}

/**
 * Whether an error may be temporary. A web page or a truncated body counts as temporary only after Coriolis has
 * answered before.
 */
function isTemporary(error: unknown, wasFound: boolean): error is Error {
  if (!isCoriolisError(error)) return false;
  return ['unreachable', 'timeout', 'server'].includes(error.kind) || (error.kind === 'protocol' && wasFound);
}

function isConditionMet(all: readonly WaitState[], until: 'all' | 'any' | 'change'): boolean {
  const ended = all.filter((state) => state.outcome !== null).length;
  if (ended === all.length) return true;
  if (until === 'all') return false;
  return ended > 0 || (until === 'change' && all.some((state) => state.hasChanged));
}

function reportProgress({ reportProgress: report }: Coriolis, all: readonly WaitState[]): void {
  if (report === undefined) return;
  const progress = combineProgress(all);
  const ended = all.filter((state) => state.outcome !== null).length;
  const [only] = all;
  const what =
    all.length === 1 && only !== undefined ? only.headline : `${ended} of ${all.length} have ended`;
  const numbers = describeProgress(progress);
  report({ message: numbers === '' ? what : `${what}: ${numbers}`, progress });
}

/** Combines the progress of several targets: the mean percent, the longest time left. */
function combineProgress(all: readonly WaitState[]): Progress {
  const parts = all.map((state) => state.progress);
  const known = parts.flatMap(({ percent }) => percent ?? []);
  const etas = parts.flatMap(({ eta_seconds }) => eta_seconds ?? []);
  const rates = parts.flatMap(({ rate_percent_per_minute }) => rate_percent_per_minute ?? []);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    percent: known.length === 0 ? null : Math.round((sum(known) / parts.length) * 10) / 10,
    rate_percent_per_minute: rates.length === 0 ? null : Math.round((sum(rates) / parts.length) * 10) / 10,
    eta_seconds: etas.length === 0 ? null : Math.max(...etas),
    tasks_done: sum(parts.map(({ tasks_done }) => tasks_done)),
    tasks_total: sum(parts.map(({ tasks_total }) => tasks_total)),
    running: parts.flatMap(({ running }) => running).slice(0, 3),
  };
}
