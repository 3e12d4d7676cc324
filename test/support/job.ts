import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { one } from './coriolis';

export interface Named extends JsonObject {
  readonly id: string;
}

/** What a move between the two endpoints of a sandbox needs besides its machines. */
export const MOVE = {
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { 'VM Network': 'private' },
} as const;

/** The steps of the main job, for a sandbox that works fast. */
export function jobOn(coriolis: () => Coriolis) {
  const create = (instances: string, more: JsonObject = {}) =>
    one<Named>(coriolis(), 'transfer.create', { ...MOVE, instances, ...more });
  const execute = (transferId: string, more: JsonObject = {}) =>
    one<Named>(coriolis(), 'execution.start', { transferId, ...more });
  const finish = (transferId: string, executionId: string) =>
    one(coriolis(), 'execution.wait', { transferId, executionId, timeoutSeconds: 60 });
  /** A transfer whose first sync has completed. */
  const synced = async (instances: string, more: JsonObject = {}): Promise<string> => {
    const { id } = await create(instances, more);
    const execution = await execute(id);
    expect(await finish(id, execution.id)).toMatchObject({ outcome: 'completed' });
    return id;
  };
  return { create, execute, finish, synced };
}
