import { waitTargetKeys } from '../../waiting/wait-result';
import { view, key, type ResultOf } from '../../vocabulary/result-keys';
import type { WaitState } from '../../waiting/wait-state';

/** State of all targets at the end of a wait. */
export interface WaitEnd {
  readonly states: readonly WaitState[];
  readonly until: 'all' | 'any' | 'change';
}

/** Outcomes of targets that have not ended. */
const UNFINISHED: readonly unknown[] = [null, 'timed_out', 'stalled'];

const countEnded = ({ states }: WaitEnd): number =>
  states.filter(({ outcome }) => !UNFINISHED.includes(outcome)).length;

const countStalled = ({ states }: WaitEnd): number =>
  states.filter(({ outcome }) => outcome === 'stalled').length;

const hasAnyChanged = ({ states }: WaitEnd): boolean => states.some(({ hasChanged }) => hasChanged);

function isDone(end: WaitEnd): boolean {
  const { states, until } = end;
  const ended = countEnded(end);
  return (
    ended === states.length || (until !== 'all' && ended > 0) || (until === 'change' && hasAnyChanged(end))
  );
}

export const waitView = view<WaitEnd>()({
  done: key.flag('Whether the condition of the wait is met', isDone),
  changed: key.flag('Whether anything changed', hasAnyChanged),
  ended: key.number('Number of targets that have ended', countEnded),
  going_on: key.number(
    'Number of targets that still run',
    (end: WaitEnd) => end.states.length - countEnded(end) - countStalled(end),
  ),
  stalled: key.number('Number of stalled targets', countStalled),
  targets: key.rows('Targets in the order of the arguments', waitTargetKeys, ({ states }: WaitEnd) => states),
  since: key.text('Pass it as `since` to wait for later changes', ({ states }: WaitEnd) =>
    states.map(({ mark }) => mark).join('.'),
  ),
});

export type WaitReport = ResultOf<typeof waitView>;
