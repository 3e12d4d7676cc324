import { executionCompletion } from '../waiting/run-wait-target';
import { text } from '../vocabulary/field-constructors';
import { matchesChanges } from '../model/compare-settings';
import { defineOperation } from '../operation';
import { transferIdField } from '../fields/common-fields';
import {
  runWithEnvironmentAdvice,
  makeUpdatedEnvironmentsReader,
} from '../resources/move/environment-advice';
import { executionView, fetchNewestExecutions } from '../resources/execution';
import { fetchOne, requireChanges } from '../requests/object-requests';
import {
  deploymentDefaultFields,
  makeEnvironmentFields,
  makeNetworkMapField,
  existingTransferInputNames,
  makeTransferPoolFields,
  makeStorageFields,
} from '../fields/transfer-fields';
import { startTransferUpdate, makeTransferUpdateRequestBody } from '../resources/transfer';
import { makeUserScriptsField } from '../fields/user-scripts-field';
import { MAX_NOTES_LENGTH } from '../fields/max-text-lengths';

const updateInput = {
  transferId: transferIdField,
  ...makeEnvironmentFields('transferId', 'transferId'),
  networkMap: makeNetworkMapField(existingTransferInputNames),
  notes: text('Notes', 'New notes.', { optional: true, stored: MAX_NOTES_LENGTH }),
  ...makeStorageFields(existingTransferInputNames),
  userScripts: makeUserScriptsField(existingTransferInputNames),
  ...deploymentDefaultFields,
  ...makeTransferPoolFields(existingTransferInputNames),
};

export const transferUpdate = defineOperation({
  resource: 'transfer',
  name: 'update',
  title: 'Update',
  tool: 'update_transfer',
  form: {
    caution:
      'Application credentials cannot update: Coriolis needs a user with a password. The new values apply once the update has completed.',
  },
  summary: 'Update the settings of a transfer (replica)',
  description:
    'Starts an update execution; the new values apply once it has completed, and a provider may still refuse them. Maps are merged: keys cannot be removed.',
  effect: 'write',
  input: updateInput,
  output: executionView,
  result: { resource: 'execution' },
  async run(coriolis, input) {
    const changes = makeTransferUpdateRequestBody(input);
    requireChanges(
      changes,
      'at least one setting',
      'An empty update would start an execution that changes nothing.',
    );
    const { transferId: id } = input;
    return await runWithEnvironmentAdvice(coriolis, makeUpdatedEnvironmentsReader(coriolis, id, input), () =>
      startTransferUpdate(coriolis, id, changes),
    );
  },
  completion: executionCompletion,
  deduplication: {
    async findDuplicates(coriolis, input, isRecent) {
      const [newest] = await fetchNewestExecutions(coriolis, input.transferId, 1);
      const isUpdate = newest?.type === 'transfer_update' && newest.status === 'COMPLETED';
      if (!isUpdate || !isRecent(newest.created_at)) return [];
      const transfer = await fetchOne(coriolis, 'transfer', input.transferId);
      return matchesChanges(transfer, makeTransferUpdateRequestBody(input), { merges: true }) ? [newest] : [];
    },
  },
});
