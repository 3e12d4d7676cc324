import { parseServerTime } from '../../model/timestamps';
import { firstCopySeconds, measureUsualTimes, type WaveMachine, type UsualTimes } from './machine-state';
import type { WaveGoal } from './step';

/** Assumed duration of a later sync as a fraction of the first copy, until one has been measured. */
const LATER_SHARE = 0.1;
/**
 * Minimum remaining fraction of the usual duration that is assumed for a run without an estimate, even when it is
 * overdue.
 */
const MIN_LEFT = 0.1;
/** Assumed seconds between two steps: the pause between polls, and the 2 s until an end counts as final. */
const BETWEEN_STEPS = 10;

/**
 * Estimated seconds until all machines have reached the goal, with the given parallelism; null while a duration is
 * unknown.
 *
 * @param now the server's time, milliseconds
 */
export function estimateSecondsLeft(
  machines: readonly WaveMachine[],
  { goal, maxParallel, now }: { readonly goal: WaveGoal; readonly maxParallel: number; readonly now: number },
): number | null {
  const usual = measureUsualTimes(machines);
  const atWork: number[] = [];
  const queue: number[] = [];
  for (const machine of machines) {
    const { step } = machine.position;
    if (['reached', 'done', 'failed', 'canceled'].includes(step.do)) continue;
    const left = secondsLeft(machine, goal, usual, now);
    if (left === null) return null;
    (step.do === 'wait' ? atWork : queue).push(left);
  }
  const free = Math.max(0, maxParallel - atWork.length);
  const lanes = [...atWork, ...Array.from({ length: Math.min(free, queue.length) }, () => 0)];
  if (lanes.length === 0) return queue.length === 0 ? 0 : null;
  // Machines free their slots between two steps, so no lane becomes much longer than the others.
  for (const seconds of queue) {
    const first = lanes.indexOf(Math.min(...lanes));
    lanes[first] = (lanes[first] ?? 0) + seconds;
  }
  return Math.round(Math.max(...lanes));
}

/** Estimated seconds of work that one machine has left. */
function secondsLeft(machine: WaveMachine, goal: WaveGoal, usual: UsualTimes, now: number): number | null {
  const { row, position, progress } = machine;
  const { step, completedPasses, finalSync, committed } = position;
  const first = firstCopySeconds(usual, row.gib) ?? row.firstCopy?.high ?? null;
  const later = usual.sync?.median ?? (first === null ? null : first * LATER_SHARE);
  const deploy = usual.deploy?.median ?? later;
  const end = committed ? 'cut_over' : goal;
  const running = step.do === 'wait' ? step.at : undefined;
  const isFirst = completedPasses === 0 && running !== 'sync' && running !== 'final_sync';

  const passes = end === 'prepared' || end === 'protected' ? 1 : row.passes;
  const finals = end === 'cut_over' && finalSync === undefined && running !== 'final_sync' ? 1 : 0;
  const left = Math.max(0, passes - completedPasses - (running === 'sync' ? 1 : 0));
  const syncs =
    finalSync !== undefined || running === 'final_sync' || running === 'deploy' ? 0 : left + finals;

  const parts: Array<number | null> = Array.from({ length: syncs }, (_one, index) =>
    index === 0 && isFirst ? first : later,
  );
  if (end === 'cut_over' && running !== 'deploy') parts.push(deploy);
  if (step.do === 'wait') {
    const expected = running === 'deploy' ? deploy : completedPasses === 0 ? first : later;
    const elapsed = (now - (parseServerTime(step.run.created_at) ?? now)) / 1000;
    const rest = expected === null ? null : Math.max(expected * MIN_LEFT, expected - elapsed);
    // Only copies have an estimate; a deployment falls back to its usual duration.
    parts.push(progress?.eta_seconds ?? rest);
  }
  if (parts.includes(null)) return null;
  return parts.reduce<number>((sum, part) => sum + (part ?? 0) + BETWEEN_STEPS, 0);
}
