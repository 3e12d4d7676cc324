/** Text that names an execution together with its transfer: `transfer_id/execution_id`, or a transfer for its newest. */

/** Writes the text; without an execution it names the newest one. */
export const formatExecutionReference = (transferId: string, executionId?: string): string =>
  executionId === undefined || executionId === '' ? transferId : `${transferId}/${executionId}`;

/** Reads the text; undefined when it has neither form. The transfer may also be a name. */
export function parseExecutionReference(
  text: string,
): { readonly transfer: string; readonly executionId: string | undefined } | undefined {
  const [transfer = '', executionId, ...rest] = text.split('/');
  return transfer === '' || executionId === '' || rest.length > 0 ? undefined : { transfer, executionId };
}
