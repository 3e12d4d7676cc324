import type { TimeWindow } from '../../model/time-window';
import type { Admission } from './admission';
import type { AdmissionCandidate, MachineWaitKind } from './admission-types';

/**
 * Kinds of waits that do not end by themselves. `order` is one of them when the machines with a lower order wait so
 * too.
 */
const WAITS_FOR_USERS: readonly MachineWaitKind[] = [
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
 * Whether a call of `wave.run` can end: nothing is running, and every machine has ended, waits for a user, or waits for
 * a window that will not open again.
 */
export const canWaveRunEnd = (
  candidates: readonly AdmissionCandidate[],
  { waits }: Admission,
  now: number,
  window: TimeWindow | undefined,
): boolean =>
  candidates.every(({ key, retry, position: { step } }) => {
    if (step.do === 'wait' || step.do === 'look_again') return false;
    if (retry === undefined && ['reached', 'done', 'failed', 'canceled'].includes(step.do)) return true;
    const kind = waits.get(key)?.kind;
    if (kind === 'window') return window?.kind === 'once' && now >= window.from;
    return kind !== undefined && WAITS_FOR_USERS.includes(kind);
  });
