import { executionCompletion } from '../waiting/run-target';
import { InvalidInputError } from '../api/errors';
import { path } from '../api/path';
import type { InputOf } from '../vocabulary/field';
import { text } from '../vocabulary/fields';
import { isObject, sameJson, type JsonObject } from '../model/json';
import type { Execution, Transfer } from '../model/types';
import { defineOperation } from '../operation';
import { view } from '../vocabulary/shape';
import { transferId } from '../resources/inputs';
import { executionRow, executionRowShape, latestExecutions, newestExecution } from '../resources/execution';
import {
  deploymentDefaults,
  environmentsWithin,
  given,
  networkMapWithin,
  ofTransfer,
  poolBody,
  poolsWithin,
  storageBody,
  storageFieldsWithin,
} from '../resources/payload';
import { fetchTransfer } from '../resources/transfer-view';
import { userScriptsBody, userScriptsWithin } from '../resources/user-scripts';

const updateInput = {
  transferId,
  ...environmentsWithin('transferId', 'transferId'),
  networkMap: networkMapWithin(ofTransfer),
  notes: text('Notes', 'New notes.', { optional: true }),
  ...storageFieldsWithin(ofTransfer),
  userScripts: userScriptsWithin(ofTransfer),
  ...deploymentDefaults,
  ...poolsWithin(ofTransfer),
};

const changesOf = (input: InputOf<typeof updateInput>): JsonObject =>
  given({
    source_environment: input.sourceEnvironment,
    destination_environment: input.destinationEnvironment,
    network_map: input.networkMap,
    storage_mappings: storageBody(input),
    notes: input.notes,
    user_scripts: userScriptsBody(input.userScripts),
    clone_disks: input.cloneDisks,
    skip_os_morphing: input.skipOsMorphing,
    origin_minion_pool_id: poolBody(input.originMinionPoolId),
    destination_minion_pool_id: poolBody(input.destinationMinionPoolId),
    instance_osmorphing_minion_pool_mappings: input.osMorphingPools,
  });

/** Whether a transfer already has the changed values. The server merges changes into what it has. */
const holds = (transfer: Transfer, changes: JsonObject): boolean =>
  Object.entries(changes).every(([name, wanted]) => {
    const held = transfer[name as keyof Transfer];
    return isObject(wanted) && isObject(held)
      ? Object.entries(wanted).every(([key, value]) => sameJson(held[key], value))
      : sameJson(held, wanted);
  });

export const updateTransfer = defineOperation({
  resource: 'transfer',
  name: 'update',
  title: 'Update',
  tool: 'update_transfer',
  caution:
    'Application credentials cannot update: Coriolis needs a user with a password. The new values hold once the update has completed.',
  summary: 'Update the settings of a transfer (replica)',
  description:
    'Starts an update execution; the new values hold once it has completed, and a provider may still refuse them. Maps are merged: keys cannot be removed.',
  effect: 'write',
  serves: ['L-REP-UPDATE', 'C-TRA-UPDATE'],
  returns: 'execution',
  input: updateInput,
  output: view<Execution>()(executionRowShape, executionRow),
  async run(coriolis, input) {
    const changes = changesOf(input);
    if (Object.keys(changes).length === 0) {
      throw new InvalidInputError('Nothing to update: give at least one setting.', {
        advice: 'An empty update would start an execution that changes nothing.',
      });
    }
    const { execution } = await coriolis.client.put<{ execution: Execution }>(
      path`/transfers/${input.transferId}`,
      { transfer: changes },
      { slow: true, recover: newestExecution(coriolis, input.transferId, 'transfer_update') },
    );
    return execution;
  },
  completion: executionCompletion,
  retry: {
    async findDuplicate(coriolis, input, isRecent) {
      const [newest] = await latestExecutions(coriolis, input.transferId, 1);
      const isUpdate = newest?.type === 'transfer_update' && newest.status === 'COMPLETED';
      if (!isUpdate || !isRecent(newest.created_at)) return undefined;
      return holds(await fetchTransfer(coriolis, input.transferId), changesOf(input)) ? newest : undefined;
    },
  },
});
