import { isAbsent } from '../../src/vocabulary/read-input';
import { timeoutInputOf, type SingleOperation } from '../../src/operation';
import type { CheckedCall } from '../../src/prepared-call';
import type { ToolArguments } from './call-arguments';
import { MAX_WAIT_WITHOUT_PROGRESS_SECONDS, type ProgressHeartbeat } from './progress-heartbeat';

/** Timeout in seconds of the reads of a call that neither waits nor changes anything: hosts give up after 60 s. */
export const READ_TIMEOUT_SECONDS = 45;
/** Timeout in seconds of the reads for a change: its preview, name lookups, and lookups after a lost response. */
export const CHANGE_TIMEOUT_SECONDS = 90;
/** Timeout in seconds of the reads that a wait makes besides its polls. */
const WAIT_READS_SECONDS = 10;

/** Timeout of the reads of a call for one object, in seconds. */
export const timeoutSecondsOfReads = (operation: SingleOperation, waitSeconds: number): number =>
  operation.wait !== undefined
    ? waitSeconds + WAIT_READS_SECONDS
    : operation.effect === 'read'
      ? READ_TIMEOUT_SECONDS
      : CHANGE_TIMEOUT_SECONDS;

/** The same call with this timeout in seconds. A call of an operation that does not wait stays as it is. */
export const withTimeout = (
  { operation, input, spell: names }: CheckedCall<SingleOperation>,
  seconds: number,
): CheckedCall<SingleOperation> => ({
  operation,
  input: operation.wait === undefined ? input : { ...input, [operation.wait.timeoutInput]: seconds },
  spell: names,
});

/** Timeout of a wait in seconds, within the limit of this client. After it only the wait ends, not the work. */
export function limitWait(
  { operation, input: checked }: CheckedCall<SingleOperation>,
  given: ToolArguments,
  heartbeat: ProgressHeartbeat,
  maxWaitSeconds: number,
): { readonly seconds: number; readonly warning?: string } {
  const cap = heartbeat.isWanted
    ? maxWaitSeconds
    : Math.min(MAX_WAIT_WITHOUT_PROGRESS_SECONDS, maxWaitSeconds);
  const timeoutInput = timeoutInputOf(operation);
  // A client that shows progress may still time out, so it waits longer only when it asks for that.
  if (timeoutInput === undefined || isAbsent(given[timeoutInput]))
    return { seconds: Math.min(MAX_WAIT_WITHOUT_PROGRESS_SECONDS, cap) };
  const seconds = Number(checked[timeoutInput]);
  if (seconds <= cap) return { seconds };
  return { seconds: cap, warning: `One call waits ${cap} s at most here: call again to continue.` };
}
