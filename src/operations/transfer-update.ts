import { executionCompletion } from '../waiting/run-target';
import type { InputOf } from '../vocabulary/field';
import { text } from '../vocabulary/field-constructors';
import { withoutUndefined, type JsonObject } from '../model/json';
import { matchesChanges } from '../model/compare-settings';
import { defineOperation } from '../operation';
import { transferId } from '../fields/common-fields';
import { withEnvironmentAdvice, updatedEnvironmentsReader } from '../resources/move/environment-refusal';
import { executionView, latestExecutions } from '../resources/execution';
import { fetchOne, requireChanges } from '../requests/objects';
import {
  deploymentDefaults,
  environmentFields,
  networkMapField,
  existingTransferInputs,
  poolBody,
  poolFields,
  storageBody,
  storageFields,
} from '../fields/transfer-fields';
import { startTransferUpdate } from '../resources/transfer';
import { userScriptsBody, userScriptsField } from '../fields/user-scripts';
import { NOTES_COLUMN_LENGTH } from '../fields/text-column-lengths';

const updateInput = {
  transferId,
  ...environmentFields('transferId', 'transferId'),
  networkMap: networkMapField(existingTransferInputs),
  notes: text('Notes', 'New notes.', { optional: true, stored: NOTES_COLUMN_LENGTH }),
  ...storageFields(existingTransferInputs),
  userScripts: userScriptsField(existingTransferInputs),
  ...deploymentDefaults,
  ...poolFields(existingTransferInputs),
};

const changesOf = (input: InputOf<typeof updateInput>): JsonObject =>
  withoutUndefined({
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

export const updateTransfer = defineOperation({
  resource: 'transfer',
  name: 'update',
  title: 'Update',
  tool: 'update_transfer',
  form: {
    caution:
      'Application credentials cannot update: Coriolis needs a user with a password. The new values hold once the update has completed.',
  },
  summary: 'Update the settings of a transfer (replica)',
  description:
    'Starts an update execution; the new values hold once it has completed, and a provider may still refuse them. Maps are merged: keys cannot be removed.',
  effect: 'write',
  input: updateInput,
  output: executionView,
  result: { resource: 'execution' },
  async run(coriolis, input) {
    const changes = changesOf(input);
    requireChanges(
      changes,
      'at least one setting',
      'An empty update would start an execution that changes nothing.',
    );
    const { transferId: id } = input;
    return await withEnvironmentAdvice(coriolis, updatedEnvironmentsReader(coriolis, id, input), () =>
      startTransferUpdate(coriolis, id, changes),
    );
  },
  completion: executionCompletion,
  retry: {
    async findDuplicates(coriolis, input, isRecent) {
      const [newest] = await latestExecutions(coriolis, input.transferId, 1);
      const isUpdate = newest?.type === 'transfer_update' && newest.status === 'COMPLETED';
      if (!isUpdate || !isRecent(newest.created_at)) return [];
      const transfer = await fetchOne(coriolis, 'transfer', input.transferId);
      return matchesChanges(transfer, changesOf(input), { merges: true }) ? [newest] : [];
    },
  },
});
