import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { one } from './coriolis';

/** Input that moves machines from the sandbox's vCenter to its OpenStack. */
export const moveOf = (instances: readonly string[], more: JsonObject = {}): JsonObject => ({
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  instances: [...instances],
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { 'VM Network': 'private' },
  ...more,
});

/** Creates a transfer from the sandbox's vCenter to its OpenStack and returns its id. */
export async function createTransfer(
  coriolis: Coriolis,
  instances: string | readonly string[],
  more: JsonObject = {},
): Promise<string> {
  const move = moveOf(typeof instances === 'string' ? [instances] : instances, more);
  return (await one<{ id: string }>(coriolis, 'transfer.create', move)).id;
}
