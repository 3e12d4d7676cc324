import { executionCompletion } from '../waiting/run-wait-target';
import { choice, flag, reference, text } from '../vocabulary/field-constructors';
import { formatCount } from '../model/display-texts';
import { isActiveUncanceled } from '../model/status';
import { defineListOperation, defineOperation, defineBulkOperation } from '../operation';
import { callsAfterPreflight } from '../playbooks/preflight/calls-after-preflight';
import { preflightTransfer, preflightView } from '../playbooks/preflight/preflight';
import { preflightTransfers } from '../playbooks/preflight/preflight-transfers';
import {
  instancesDataField,
  deletedView,
  includeDeletedField,
  sinceField,
  sortField,
  transferIdField,
} from '../fields/common-fields';
import { executionView, fetchNewestExecutions } from '../resources/execution';
import { filterByCopyAge, withLastCopies } from '../facts/fetch-last-copies';
import { fetchMatchingRows } from '../requests/fetch-lists';
import {
  makeTransferOrDeploymentMatcher,
  tagFilterField,
  statusesFilterField,
  statusFilterField,
} from '../fields/list-filters';
import { deleteOne } from '../requests/object-requests';
import {
  deploymentDefaultFields,
  destinationEndpointIdField,
  makeEnvironmentFields,
  makeInstancesField,
  makeNetworkMapField,
  newTransferInputNames,
  originEndpointIdField,
  makeTransferPoolFields,
  scenarios,
  makeStorageFields,
} from '../fields/transfer-fields';
import {
  createTransfer,
  findCreatedTransfers,
  startDisksDeletion,
  transferView,
} from '../resources/transfer';
import { fetchTransferDetail, transferDetailView, transferRowWithCopyView } from '../facts/transfer-detail';
import { parseMomentInput } from '../fields/moment-input';
import { fetchExecutionsInPeriod } from '../facts/transfer-statistics';
import { transferHistoryView } from '../playbooks/report/transfer-history-page';
import { rowsWithEndpointNames, withEndpointNames } from '../facts/endpoint-names';
import { previewDisksDeletion, previewTransferDeletion } from '../playbooks/transfer-preview';
import { transferUpdate } from './transfer-update';
import { makeUserScriptsField } from '../fields/user-scripts-field';
import { MAX_NOTES_LENGTH } from '../fields/max-text-lengths';

const list = defineListOperation({
  resource: 'transfer',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_transfers',
  summary: 'List transfers (replicas), newest first',
  description: 'The status is that of the latest execution of any type.',
  effect: 'read',
  input: {
    status: statusFilterField,
    scenario: choice('Scenario', 'Only transfers of this scenario.', scenarios, { optional: true }),
    endpointId: reference('endpoint', 'Endpoint', 'Only transfers from or to this endpoint.', {
      optional: true,
    }),
    search: text('Search', 'Text that notes or instances must contain.', { optional: true }),
    statuses: statusesFilterField,
    tag: tagFilterField,
    copyOlderThan: text(
      'Copy Older Than',
      'Age such as 26h or 7d: only transfers whose last usable copy is older or missing (no_copy_reason). At most 300 are checked.',
      { optional: true, advanced: true, placeholder: '26h' },
    ),
    sort: sortField,
    includeDeleted: includeDeletedField,
  },
  output: transferRowWithCopyView,
  position: fetchMatchingRows.position,
  run(
    coriolis,
    {
      status,
      statuses,
      scenario,
      endpointId,
      search,
      tag,
      copyOlderThan,
      sort: order,
      includeDeleted: deleted,
    },
    { limit, after },
  ) {
    const rows = fetchMatchingRows(coriolis, 'transfer', [], {
      status,
      statuses,
      sort: order,
      includeDeleted: deleted,
      window: { after, limit: copyOlderThan === undefined ? limit : undefined },
      matches: makeTransferOrDeploymentMatcher({ scenario, endpointId, search, tag }),
    });
    if (copyOlderThan === undefined) return rowsWithEndpointNames(coriolis, withLastCopies(coriolis, rows));
    const moment = parseMomentInput('copyOlderThan', copyOlderThan, coriolis.client.serverTime) * 1000;
    return rowsWithEndpointNames(coriolis, filterByCopyAge(coriolis, rows, moment, limit));
  },
});

const get = defineOperation({
  resource: 'transfer',
  name: 'get',
  title: 'Get',
  tool: 'get_transfer',
  summary: 'Get a transfer (replica) with its latest executions',
  description:
    'Shows settings, schedules, newest deployments and the last usable copy, dated by the start of its sync.',
  effect: 'read',
  input: {
    transferId: transferIdField,
    instancesData: instancesDataField,
  },
  output: transferDetailView,
  result: {
    resourceUri: 'transfers/{transferId}',
    next: ({ id, deployments, all_deployments_read: areAllRead }) =>
      deployments?.length === 0 && !areAllRead
        ? [{ operation: 'deployment.getAll', input: { transferId: id } }]
        : undefined,
  },
  run: async (coriolis, { transferId: id, instancesData }) =>
    await withEndpointNames(coriolis, await fetchTransferDetail(coriolis, id, instancesData)),
});

const create = defineOperation({
  resource: 'transfer',
  name: 'create',
  title: 'Create',
  tool: 'create_transfer',
  form: {
    caution:
      'The scenario decides the licence and cannot be changed. A replica uses up its licence with its first execution and can be executed any number of times. A live migration uses up its licence with its deployment and cannot run again after it.',
  },
  summary: 'Create a transfer (replica or live migration) of VMs',
  description:
    'Starts nothing: execute it next. Both environments are checked against the platforms’ schemas.',
  effect: 'write',
  input: {
    originEndpointId: originEndpointIdField,
    destinationEndpointId: destinationEndpointIdField,
    instances: makeInstancesField('originEndpointId'),
    scenario: choice(
      'Scenario',
      'A replica is for DR, a live_migration moves once; cannot be changed.',
      scenarios,
      {
        default: 'replica',
      },
    ),
    ...makeEnvironmentFields('originEndpointId', 'destinationEndpointId'),
    networkMap: makeNetworkMapField(newTransferInputNames),
    notes: text('Notes', 'Text for people, shown as the title.', {
      optional: true,
      stored: MAX_NOTES_LENGTH,
    }),
    ...makeStorageFields(newTransferInputNames),
    userScripts: makeUserScriptsField(newTransferInputNames),
    ...deploymentDefaultFields,
    ...makeTransferPoolFields(newTransferInputNames),
    checkInstances: flag(
      'Check Instances',
      'Whether to check first that the source platform has the machines; the server itself does not check.',
      { default: true, advanced: true },
    ),
  },
  output: transferView,
  result: {
    next: ({ id, scenario }) => [
      { operation: 'transfer.preflight', input: { transferId: id, purpose: 'execution' } },
      { operation: 'execution.start', input: { transferId: id } },
      // A replica is synced again and again, so a schedule is suggested.
      ...(scenario === 'replica'
        ? [{ operation: 'schedule.create', input: { transferId: id, hour: 1, minute: 0 } }]
        : []),
    ],
  },
  run: createTransfer,
  deduplication: {
    findDuplicates: findCreatedTransfers,
    durable: true,
    withdraw: (coriolis, { id }) => deleteOne(coriolis, 'transfer', id),
  },
});

const remove = defineOperation({
  resource: 'transfer',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_transfer',
  summary: 'Delete a transfer (replica), but not its disks',
  description:
    'The transferred disks stay on the destination: delete them first if they should go. Deployed machines stay.',
  effect: 'destroy',
  input: { transferId: transferIdField },
  output: deletedView,
  result: { whole: true },
  preview: (coriolis, { transferId: id }) => previewTransferDeletion(coriolis, id),
  run: (coriolis, { transferId: id }) => deleteOne(coriolis, 'transfer', id),
});

const deleteDisks = defineOperation({
  resource: 'transfer',
  name: 'deleteDisks',
  title: 'Delete Disks',
  tool: 'delete_transfer_disks',
  form: { caution: 'Application credentials cannot delete disks: Coriolis needs a user with a password.' },
  summary: 'Delete the transferred disks of a transfer (replica) on the destination',
  description: 'Starts an execution that removes the disks. The next execution copies everything again.',
  effect: 'destroy',
  input: { transferId: transferIdField },
  output: executionView,
  result: { resource: 'execution' },
  preview: (coriolis, { transferId: id }) => previewDisksDeletion(coriolis, id),
  run: (coriolis, { transferId: id }) => startDisksDeletion(coriolis, id),
  completion: executionCompletion,
  async findRunning(coriolis, { transferId: id }) {
    const [newest] = await fetchNewestExecutions(coriolis, id, 1);
    return newest?.type === 'transfer_disks_delete' && isActiveUncanceled(newest.status) ? newest : undefined;
  },
});

const check = defineBulkOperation({
  resource: 'transfer',
  name: 'preflight',
  title: 'Preflight',
  form: { action: 'Check a transfer before cutover' },
  tool: 'preflight_transfer',
  summary: 'Check whether a transfer (replica) is safe to deploy or execute now',
  description:
    'Looks at syncs, running work, connections, machines, maps, pools, workers, licence. Starts nothing.',
  effect: 'read',
  input: {
    transferId: transferIdField,
    purpose: choice(
      'Purpose',
      'What you want to start.',
      [
        { value: 'deployment', title: 'Deployment' },
        { value: 'execution', title: 'Execution' },
      ],
      { default: 'deployment' },
    ),
  },
  output: preflightView,
  result: {
    whole: true,
    obstacle: ({ checks }) => {
      const inTheWay = checks.filter(({ status }) => status === 'blocking');
      return inTheWay.length === 0 ? undefined : inTheWay.map(({ message }) => message).join(' ');
    },
    headline: ({ purpose, verdict, blocking, warnings }) =>
      [
        `${purpose} ${verdict.replaceAll('_', ' ')}`,
        ...(blocking === 0 ? [] : [`${blocking} blocking`]),
        ...(warnings === 0 ? [] : [formatCount(warnings, 'warning')]),
      ].join(', '),
    next: callsAfterPreflight,
  },
  run: (coriolis, { transferId: id, purpose }) => preflightTransfer(coriolis, id, purpose),
  bulk: {
    maximum: 50,
    rowKeys: ['verdict'],
    runForAll: (coriolis, ids, { purpose }) =>
      preflightTransfers(coriolis, ids, purpose === 'execution' ? 'execution' : 'deployment'),
  },
});

const history = defineOperation({
  resource: 'transfer',
  name: 'getHistory',
  title: 'Get History',
  form: { action: 'Get the history of a transfer' },
  tool: 'get_transfer_history',
  summary: 'Get how often a transfer (replica) failed and how long its syncs take',
  description: 'The trend compares the first and the last sync on a line fitted to all.',
  effect: 'read',
  input: { transferId: transferIdField, since: sinceField },
  output: transferHistoryView,
  result: {
    whole: true,
    headline: ({ completed, failed, consecutive_failures: row }) =>
      `${completed} completed, ${failed} failed, ${row} failed in a row`,
  },
  run: (coriolis, { transferId: id, since }) =>
    fetchExecutionsInPeriod(
      coriolis,
      id,
      since === undefined ? undefined : parseMomentInput('since', since, coriolis.client.serverTime),
    ),
});

export const transferOperations = [
  list,
  get,
  history,
  create,
  transferUpdate,
  remove,
  deleteDisks,
  check,
] as const;
