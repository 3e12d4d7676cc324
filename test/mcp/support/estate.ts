import type { McpUser } from './client';

/** The ids of the endpoints that every sandbox begins with. */
export async function endpoints(
  user: McpUser,
): Promise<{ readonly source: string; readonly destination: string }> {
  const { structured } = await user.call('list_endpoints');
  const idOf = (type: string): string => {
    const found = structured.rows.find((row) => row['type'] === type);
    if (found === undefined) throw new Error(`no endpoint of type ${type}`);
    return String(found['id']);
  };
  return { source: idOf('vmware_vsphere'), destination: idOf('openstack') };
}

/** Tells the transfers of one test from those of another: a call that looks the same is taken for a repeated one. */
let created = 0;

/** Creates a transfer of these machines. */
export async function createTransfer(user: McpUser, ...instances: readonly string[]): Promise<string> {
  const { source, destination } = await endpoints(user);
  const { text, structured, isError } = await user.call('create_transfer', {
    origin_endpoint_id: source,
    destination_endpoint_id: destination,
    instances,
    destination_environment: { migr_network: 'private' },
    network_map: { 'VM Network': 'private', [`Unused ${(created += 1)}`]: 'private' },
  });
  if (isError) throw new Error(text);
  return String(structured.result['id']);
}

/** Starts an execution; the arguments that name it. */
export async function execute(
  user: McpUser,
  transferId: string,
): Promise<{ readonly transfer_id: string; readonly execution_id: string }> {
  const { text, structured, isError } = await user.call('execute_transfer', { transfer_id: transferId });
  if (isError) throw new Error(text);
  return { transfer_id: transferId, execution_id: String(structured.result['id']) };
}

/** The call that waits for an execution, as `next_steps` gives it. */
export const waitFor = (
  run: { readonly transfer_id: string; readonly execution_id: string },
  timeout_seconds = 45,
) => ({
  tool: 'wait_for',
  arguments: { executions: [`${run.transfer_id}/${run.execution_id}`], timeout_seconds },
});
