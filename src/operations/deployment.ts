import { flag, reference, text } from '../vocabulary/field-constructors';
import { withoutUndefined } from '../model/json';
import { isActiveUncanceled } from '../model/status';
import type { Deployment } from '../model/api-objects';
import { defineListOperation, defineOperation, defineBulkOperation } from '../operation';
import { diagnoseDeployment } from '../playbooks/diagnosis/diagnose-run';
import { previewDeploymentCancellation, previewDeploymentDeletion } from '../playbooks/deployment-preview';
import { diagnosisView } from '../playbooks/diagnosis/diagnosed-run';
import { callsAfterDiagnosis } from '../playbooks/diagnosis/next-steps';
import { makeRunWaitTarget } from '../waiting/run-wait-target';
import { waitForOne } from '../waiting/wait-for-targets';
import { waitResultView } from '../waiting/wait-result';
import {
  makeCancellationView,
  instancesDataField,
  deletedView,
  deploymentIdField,
  forceCancelField,
  includeDeletedField,
  sortField,
  timelineField,
  transferIdField,
  waitFields,
} from '../fields/common-fields';
import {
  cancelDeployment,
  createDeployment,
  fetchDeploymentsOfTransfer,
  deploymentView,
  findRecentDeployment,
  matchesDeploymentSettings,
} from '../resources/deployment';
import { fetchDeploymentDetail, deploymentDetailView } from '../facts/deployment-detail';
import { fetchMatchingRows } from '../requests/fetch-lists';
import {
  combineMatchers,
  makeTextMatcher,
  makeTagMatcher,
  tagFilterField,
  statusesFilterField,
  statusFilterField,
} from '../fields/list-filters';
import { deleteOne, fetchOne } from '../requests/object-requests';
import {
  deploymentSettingFields,
  existingTransferInputNames,
  makeOsMorphingPoolsField,
} from '../fields/transfer-fields';
import { makeUserScripts, makeUserScriptsField } from '../fields/user-scripts-field';

const createInput = {
  transferId: transferIdField,
  ...deploymentSettingFields,
  force: flag('Force', 'Whether to deploy although no execution has completed; the machines may not boot.', {
    advanced: true,
    caution: 'Partly copied disks are deployed as they are: the machines may not boot.',
  }),
  userScripts: makeUserScriptsField(existingTransferInputNames),
  osMorphingPools: makeOsMorphingPoolsField(existingTransferInputNames),
};

const create = defineBulkOperation({
  resource: 'deployment',
  name: 'create',
  title: 'Create',
  form: {
    action: 'Deploy a transfer',
    caution:
      'Deploys an existing transfer; to sync and deploy in one go, choose the resource Migration (All Steps). Application credentials cannot deploy. Without Clone Disks the deployment consumes the copied disks, and the next execution copies everything again.',
  },
  tool: 'deploy_transfer',
  summary: 'Deploy a transfer: start its machines on the destination (migration, cutover, failover)',
  description:
    'Returns at once; wait for the deployment. Needs a completed sync unless forced. Source machines are not touched.',
  effect: 'write',
  input: createInput,
  output: deploymentView,
  run: (coriolis, input) =>
    createDeployment(coriolis, {
      transfer_id: input.transferId,
      // With null the deployment has the transfer's setting; without the key it does not
      // (docs/reference/coriolis-api.md §17, trap 15).
      clone_disks: input.cloneDisks ?? null,
      skip_os_morphing: input.skipOsMorphing ?? null,
      user_scripts: makeUserScripts(input.userScripts) ?? null,
      force: input.force,
      ...withoutUndefined({ instance_osmorphing_minion_pool_mappings: input.osMorphingPools }),
    }),
  async findRunning(coriolis, input) {
    const transfer = await fetchOne(coriolis, 'transfer', input.transferId);
    const isAtWork = ({ last_execution_status: status }: Deployment) =>
      isActiveUncanceled(status) || status === 'PENDING';
    return (await fetchDeploymentsOfTransfer(coriolis, transfer)).find(
      (one) => isAtWork(one) && matchesDeploymentSettings(one, input),
    );
  },
  deduplication: {
    async findDuplicates(coriolis, input, isRecent) {
      const found = await findRecentDeployment(coriolis, input.transferId, isRecent);
      return found !== undefined && matchesDeploymentSettings(found, input) ? [found] : [];
    },
  },
  completion: {
    target: ({ id }) => makeRunWaitTarget({ kind: 'deployment', deploymentId: id }),
    reload: (coriolis, { id }) => fetchOne(coriolis, 'deployment', id),
  },
  bulk: {
    maximum: 20,
    rowKeys: ['id', 'status'],
    next: (rows) => [{ operation: 'estate.wait', input: { deployments: rows.map(({ id }) => id) } }],
  },
});

const list = defineListOperation({
  resource: 'deployment',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_deployments',
  summary: 'List deployments (migrations), newest first',
  description: 'Deleting a deployment deletes its record, never the deployed machines.',
  effect: 'read',
  input: {
    status: statusFilterField,
    transferId: reference('transfer', 'Transfer (Replica)', 'Only deployments of this transfer.', {
      optional: true,
    }),
    search: text('Search', 'Text that notes or instances must contain.', {
      optional: true,
    }),
    statuses: statusesFilterField,
    tag: tagFilterField,
    sort: sortField,
    includeDeleted: includeDeletedField,
  },
  output: deploymentView,
  position: fetchMatchingRows.position,
  run: (
    coriolis,
    { status, statuses, transferId: transfer, search, tag, sort: order, includeDeleted: deleted },
    window,
  ) =>
    fetchMatchingRows(coriolis, 'deployment', [], {
      status,
      statuses,
      sort: order,
      includeDeleted: deleted,
      window,
      matches: combineMatchers(
        transfer === undefined ? undefined : (one) => one.transfer_id === transfer,
        makeTextMatcher(search, ({ notes, instances }) => [notes ?? '', ...instances]),
        makeTagMatcher(tag),
      ),
    }),
});

const get = defineOperation({
  resource: 'deployment',
  name: 'get',
  title: 'Get',
  tool: 'get_deployment',
  summary: 'Get a deployment (migration) with its progress',
  description: 'Shows percent, the tasks at work, the first failure and the deployed machines.',
  effect: 'read',
  input: {
    deploymentId: deploymentIdField,
    instancesData: instancesDataField,
    timeline: timelineField,
  },
  output: deploymentDetailView,
  result: { resourceUri: 'deployments/{deploymentId}' },
  run: (coriolis, { deploymentId: id, instancesData, timeline }) =>
    fetchDeploymentDetail(coriolis, id, instancesData, timeline),
});

const cancel = defineOperation({
  resource: 'deployment',
  name: 'cancel',
  title: 'Cancel',
  tool: 'cancel_deployment',
  summary: 'Cancel a running deployment (migration)',
  description:
    'Returns at once; wait for the deployment to end. A pending deployment cannot be canceled: cancel its execution or delete the deployment.',
  effect: 'write',
  input: {
    deploymentId: deploymentIdField,
    force: forceCancelField,
  },
  output: makeCancellationView('Deployment'),
  result: { whole: true },
  preview: (coriolis, { deploymentId: id }) => previewDeploymentCancellation(coriolis, id),
  async run(coriolis, { deploymentId: id, force }) {
    await cancelDeployment(coriolis, id, force);
    return { id, force };
  },
  async findRunning(coriolis, { deploymentId: id, force }) {
    const { last_execution_status: status } = await fetchOne(coriolis, 'deployment', id);
    return status === 'CANCELLING' && !force ? { id, force } : undefined;
  },
});

const remove = defineOperation({
  resource: 'deployment',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_deployment',
  form: { caution: 'Deletes the record only: the deployed machines stay on the destination.' },
  summary: 'Delete the record of a deployment (migration), but not its machines',
  description: 'Refused while the deployment runs.',
  effect: 'destroy',
  input: { deploymentId: deploymentIdField },
  output: deletedView,
  result: { whole: true },
  preview: (coriolis, { deploymentId: id }) => previewDeploymentDeletion(coriolis, id),
  run: (coriolis, { deploymentId: id }) => deleteOne(coriolis, 'deployment', id),
});

const wait = defineOperation({
  resource: 'deployment',
  name: 'wait',
  title: 'Wait',
  tool: 'wait_for_deployment',
  summary: 'Wait until a deployment (migration) has finished',
  description:
    'Ends as completed, failed, canceled, stalled or timed_out. Running out of time is not an error and stops nothing: wait again.',
  effect: 'read',
  related: {
    supersededBy: {
      operation: 'estate.wait',
      convertInput: ({ deploymentId: id, ...rest }) => ({ deployments: [id], ...rest }),
    },
  },
  wait: { timeoutInput: 'timeoutSeconds' },
  input: { deploymentId: deploymentIdField, ...waitFields },
  output: waitResultView,
  result: { whole: true },
  run: (coriolis, { deploymentId: id, ...limits }) =>
    waitForOne(coriolis, { kind: 'deployment', deploymentId: id }, limits),
});

const diagnose = defineOperation({
  resource: 'deployment',
  name: 'diagnose',
  title: 'Diagnose',
  tool: 'diagnose_deployment',
  summary: 'Find out why a deployment (migration) failed and what to do next',
  description:
    'Names the failing task, its real error, known cause, remedy and next steps. One call is enough.',
  effect: 'read',
  related: { supersededBy: { operation: 'estate.diagnose', convertInput: (given) => given } },
  input: { deploymentId: deploymentIdField },
  output: diagnosisView,
  result: { whole: true, next: callsAfterDiagnosis },
  run: (coriolis, { deploymentId: id }) => diagnoseDeployment(coriolis, id),
});

export const deploymentOperations = [create, list, get, cancel, remove, wait, diagnose] as const;
