import type { Coriolis } from '../api/operation-context';
import { InvalidInputError } from '../api/errors';
import { transferIdField as transferField } from '../fields/common-fields';
import { parseExecutionReference } from '../model/execution-reference';
import { resolveExecutionId } from '../resources/execution';
import { makeRunWaitTarget } from '../waiting/run-wait-target';
import type { WaitTarget } from '../waiting/wait-target';
import { resolveReferences } from './resolve-references';

/**
 * Finds the execution to wait for. The text is `transfer_id/execution_id`, or only a transfer (id or name) for its
 * newest execution.
 * @throws {InvalidInputError} the text has neither form
 */
export async function resolveExecutionWaitTarget(coriolis: Coriolis, given: string): Promise<WaitTarget> {
  const ref = parseExecutionReference(given);
  if (ref === undefined) {
    throw new InvalidInputError(`"${given}" names no execution.`, {
      field: 'executions',
      advice: 'Write transfer_id/execution_id, or transfer_id for the newest execution.',
    });
  }
  const named = await resolveReferences(
    { transferId: transferField },
    coriolis,
    { transferId: ref.transfer },
    () => 'executions',
  );
  const { transferId } = named;
  return makeRunWaitTarget({
    kind: 'execution',
    transferId,
    executionId: await resolveExecutionId(coriolis, transferId, ref.executionId, 'newest'),
  });
}
