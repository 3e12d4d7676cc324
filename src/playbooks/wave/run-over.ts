import type { TimeWindow } from '../../model/time-window';
import type { Admission, Candidate, WaitKind } from './admission';

/** Reasons to wait that do not end by themselves. `order` ends with the machines before it. */
const FOR_PEOPLE: readonly WaitKind[] = [
  'order',
  'gate',
  'licence',
  'failure',
  'canceled',
  'stop_after',
  'refused',
  'blocked',
  'only',
  'server',
];

/**
 * Whether no machine can continue in this call: nothing is running, and all wait for people or a window that is over.
 */
export const isOver = (
  candidates: readonly Candidate[],
  { waits }: Admission,
  now: number,
  window: TimeWindow | undefined,
): boolean =>
  candidates.every(({ key, retry, position: { step } }) => {
    if (step.do === 'wait' || step.do === 'look_again') return false;
    if (retry === undefined && ['reached', 'done', 'failed', 'canceled'].includes(step.do)) return true;
    const kind = waits.get(key)?.kind;
    if (kind === 'window') return window?.kind === 'once' && now >= window.from;
    return kind !== undefined && FOR_PEOPLE.includes(kind);
  });
