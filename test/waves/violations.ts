import type { WaveBoard } from '../../src/playbooks/wave/board';
import type { Phase, RandomWave } from './random-wave';
import { faultsOf, isCommitted, isMoved, mostAtOnce, type Span, type Truth } from './truth';

/** Promises of a wave that what was done breaks, in words. */

/** One phase with its times, and the last boards of its callers. */
export interface PastPhase extends Phase {
  readonly from: number;
  readonly to: number;
  readonly boards: readonly WaveBoard[];
  /** Calls, those included that died. */
  readonly calls: number;
}

/** Objects of one machine that its plan does not have. */
export function ofMachine(
  wave: RandomWave,
  truth: Truth,
  replica: string | undefined,
  phases: readonly PastPhase[],
): readonly string[] {
  const { machine, transfers, syncs } = truth;
  const before = replica === undefined ? 0 : 1;
  const passes = Math.max(wave.passes, before);
  const { failure } = wave.machines.find(({ spec }) => spec.name === machine) ?? {};
  const failed = syncs.filter(({ status }) => status === 'ERROR').length;
  // Each call with `retryFailed` tries once more what failed before it.
  const most = 2 + phases.reduce((sum, { retryFailed, calls }) => sum + (retryFailed ? calls : 0), 0);
  return [
    ...faultsOf(truth, { passes, shutdown: wave.shutdown }),
    ...(isMoved(truth) && syncs.filter(({ status }) => status === 'COMPLETED').length !== passes + 1
      ? [`${machine} was deployed after ${syncs.length} syncs`]
      : []),
    ...(failed > most ? [`${machine} was tried ${failed} times`] : []),
    ...(failure !== undefined && mustFail(wave, failure.taskType) && isMoved(truth)
      ? [`${machine} cannot have been moved: ${failure.taskType} fails`]
      : []),
    ...(replica !== undefined && transfers.some(({ notes }) => notes !== `nightly ${machine}`)
      ? [`the notes of the replica of ${machine} were changed`]
      : []),
  ];
}

const mustFail = ({ shutdown }: RandomWave, taskType: string): boolean =>
  shutdown || taskType !== 'SHUTDOWN_INSTANCE';

/** More runs at a time than allowed: in all, at an endpoint, of a minion pool. */
export function ofLimits(
  wave: RandomWave,
  spans: readonly Span[],
  others: readonly Span[],
): readonly string[] {
  const most = mostAtOnce(spans);
  const pooled = mostAtOnce(spans.filter(({ kind }) => kind === 'sync'));
  return [
    ...(most > wave.maxParallel ? [`${most} runs at a time, ${wave.maxParallel} allowed`] : []),
    ...[...new Set(spans.flatMap(({ endpoints }) => endpoints))].flatMap((endpoint) => {
      const at = ({ endpoints }: Span): boolean => endpoints.includes(endpoint);
      const count = mostAtOnce(spans.filter(at), others.filter(at));
      return count > (wave.maxParallelPerEndpoint ?? Infinity)
        ? [`${count} runs at a time at endpoint ${endpoint}, ${wave.maxParallelPerEndpoint ?? ''} allowed`]
        : [];
    }),
    ...(wave.poolSize !== undefined && pooled > wave.poolSize && wave.machines.every((one) => !one.isReplica)
      ? [`${pooled} runs at a time with a pool of ${wave.poolSize}`]
      : []),
  ];
}

/** Seconds between a look at the server and the start that follows, with lost answers in between. */
const TOLERANCE_MS = 10_000;

export function ofPhase(
  { from, to, window, stopAfter, until, retryFailed, callers, calls }: PastPhase,
  spans: readonly Span[],
): readonly string[] {
  const free = spans.filter((span) => span.from >= from && span.from < to && !span.isCommitted);
  const lasts = new Map(spans.filter((span) => span.from < to).map((span) => [span.machine, span]));
  const failures = [...lasts.values()]
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ to: end }) => end)
    .sort((first, second) => first - second);
  // What a call retries counts as failed only when it fails again. The beginnings of calls after a death are unknown.
  const counted = retryFailed ? (calls > callers ? [] : failures.filter((end) => end >= from)) : failures;
  const stopped = stopAfter === undefined ? undefined : counted[stopAfter - 1];
  const text = ({ machine, kind, from: at }: Span): string =>
    `a ${kind} of ${machine} (${until}) at ${(at - from) / 1000} s`;
  return [
    ...free
      .filter(
        (span) =>
          window !== undefined &&
          (span.from < from + window[0] * 1000 || span.from > from + window[1] * 1000 + TOLERANCE_MS),
      )
      .map((span) => `${text(span)} is outside of the window ${window?.join(' to ') ?? ''}`),
    ...free
      .filter((span) => stopped !== undefined && span.from > stopped + TOLERANCE_MS)
      .map((span) => `${text(span)} began after ${stopAfter ?? 0} failures`),
  ];
}

/** Machines wait for their time and for their order, and those that are left out do not begin. */
export function ofTurns(
  wave: RandomWave,
  spans: readonly Span[],
  { begin, phases }: { readonly begin: number; readonly phases: readonly PastPhase[] },
): readonly string[] {
  const byName = new Map(wave.machines.map((one) => [one.spec.name, one]));
  const free = spans.filter(({ isCommitted: isOff }) => !isOff);
  const early = free
    .filter(({ machine, from }) => from < begin + (byName.get(machine)?.notBeforeSeconds ?? 0) * 1000 - 1000)
    .map(({ machine }) => `${machine} began too early`);
  const outOfTurn = phases.flatMap(({ from, to, only, retryFailed, until }) => {
    const within = (span: Span): boolean => span.from >= from && span.from < to;
    const leftOut = free
      .filter((span) => within(span) && only?.includes(span.machine) === false)
      .map(({ machine }) => `${machine} began a step (${until}) although it was left out`);
    return [
      ...leftOut,
      ...free.filter(within).flatMap((span) => {
        const earlier = wave.machines.filter(
          ({ order, spec: { name } }) =>
            order < (byName.get(span.machine)?.order ?? 0) && only?.includes(name) !== false,
        );
        return earlier.flatMap(({ spec: { name } }) => {
          const all = free.filter(({ machine }) => machine === name);
          const atWork = all.filter((one) => one.from < span.from && one.to > span.from);
          const later = all.filter((one) => within(one) && one.from > span.from + TOLERANCE_MS);
          const isRetried =
            retryFailed && all.some(({ outcome, to: end }) => outcome === 'failed' && end <= span.from);
          const word = `before ${name} (${until}) at ${(span.from - from) / 1000} s`;
          return [
            ...atWork.map(() => `a ${span.kind} of ${span.machine} began while ${name} was at work, ${word}`),
            ...(isRetried
              ? []
              : later.slice(0, 1).map(() => `a ${span.kind} of ${span.machine} began ${word}`)),
          ];
        });
      }),
    ];
  });
  return [...early, ...outOfTurn];
}

/** A machine whose source is off is deployed, or people are told. */
export function ofCommitted(truths: readonly Truth[], phases: readonly PastPhase[]): readonly string[] {
  const boards = phases.at(-1)?.boards ?? [];
  return truths.filter(isCommitted).flatMap(({ machine }) =>
    boards
      .filter(({ attention, rows: all }) => {
        const row = all.find((each) => each.machine === machine);
        const isNamed = attention.some((text) => text.includes(`"${machine}"`));
        return !(row?.committed === true && (isNamed || ['final_sync', 'deploying'].includes(row.stage)));
      })
      .map(() => `the source of ${machine} is off and the board does not tell`),
  );
}

/** What can be moved is moved, and the board agrees with the server. */
export function ofEnd(
  wave: RandomWave,
  truths: readonly Truth[],
  board: WaveBoard | undefined,
): readonly string[] {
  const moved = truths.filter(isMoved).length;
  const isHeld = wave.machines.some(({ isStuck }) => isStuck);
  const mayMove = wave.licences === undefined && wave.endingLicence?.isRenewed !== false;
  const missing = wave.machines
    .filter(({ failure }) => failure === undefined || !mustFail(wave, failure.taskType))
    .map(({ spec: { name } }) => truths.find(({ machine }) => machine === name) ?? name)
    .filter((truth) => typeof truth === 'string' || !isMoved(truth))
    .map((truth) => (typeof truth === 'string' ? truth : truth.machine));
  const own = truths.filter(({ transfers }) => transfers.some(({ notes }) => /\[wave /.test(notes ?? '')));
  return [
    ...(mayMove && !isHeld ? missing.map((name) => `${name} was not moved`) : []),
    ...(wave.licences !== undefined && own.length > wave.licences
      ? [`${own.length} transfers with ${wave.licences} licences`]
      : []),
    ...(board !== undefined && board.done !== moved
      ? [`the board tells ${board.done} moved machines, the server ${moved}`]
      : []),
  ];
}
