import { displayNameOf } from '../model/display-texts';
import { computeStallFacts } from '../model/stall-facts';
import { preflightTransfer } from '../playbooks/preflight/preflight';
import { executionCompletion } from '../waiting/run-wait-target';
import { flag } from '../vocabulary/field-constructors';
import { isActive, isActiveUncanceled } from '../model/status';
import { parseMomentInput } from '../fields/moment-input';
import { defineListOperation, defineOperation, defineBulkOperation } from '../operation';
import { makePreviewSubject } from '../vocabulary/preview';
import { diagnoseExecution } from '../playbooks/diagnosis/diagnose-run';
import { diagnosisView } from '../playbooks/diagnosis/diagnosed-run';
import { callsAfterDiagnosis } from '../playbooks/diagnosis/next-steps';
import { callsAfterExecutions } from '../playbooks/wait/suggested-calls';
import { formatExecutionReference } from '../model/execution-reference';
import { waitForOne } from '../waiting/wait-for-targets';
import { waitResultView } from '../waiting/wait-result';
import {
  deletedView,
  forceCancelField,
  shutdownCaution,
  executionIdField,
  makeExecutionOrLatestField,
  sinceField,
  timelineField,
  sortField,
  transferIdField,
  waitFields,
} from '../fields/common-fields';
import {
  cancelExecution,
  isRunningOrEndedSince,
  resolveExecutionId,
  resolveRunningExecutionId,
  executionView,
  executionCancellationView,
  fetchNewestExecutions,
  startSync,
} from '../resources/execution';
import { fetchExecutionDetail, executionDetailView } from '../facts/execution-detail';
import { forgetLastCopy } from '../facts/fetch-last-copies';
import { fetchMatchingRows } from '../requests/fetch-lists';
import { statusesFilterField, statusFilterField } from '../fields/list-filters';
import { deleteOne, fetchOneWithTime, fetchOne, requireTransferWhenEmpty } from '../requests/object-requests';
import { fetchMoveDescription, previewTransferOperation } from '../playbooks/transfer-preview';

/** Maximum number of transfers in one call: as many as one call of `estate.wait` can wait for. */
const MAX_TRANSFERS = 20;

const start = defineBulkOperation({
  resource: 'execution',
  name: 'start',
  title: 'Start',
  tool: 'execute_transfer',
  form: {
    caution:
      'Application credentials cannot execute: Coriolis needs a user with a password. A sync takes minutes to hours: the next node runs as soon as the sync has started, unless this node waits for its completion.',
  },
  summary: 'Execute a transfer: start a sync of a replica or migration',
  description: 'Returns at once; wait for the execution. Application credentials cannot execute.',
  effect: 'write',
  input: {
    transferId: transferIdField,
    shutdownInstances: flag(
      'Shut Down Instances',
      'Whether to shut the source machines down first, for the final copy.',
      { effect: 'destroy', caution: shutdownCaution },
    ),
    autoDeploy: flag('Auto Deploy', 'Whether Coriolis deploys by itself when the execution completes.', {
      since: 'auto_deploy',
    }),
  },
  output: executionView,
  async preview(coriolis, { transferId: id, autoDeploy }) {
    const preview = await previewTransferOperation({
      coriolis,
      id,
      describeConsequences: ({ names, route }) => [
        `Shut down on the source: ${names}.`,
        `Its machines go ${route}.`,
        'Coriolis does not start them again.',
        ...(autoDeploy ? ['When the sync completes, they are deployed on the destination.'] : []),
      ],
    });
    if (preview.refusal !== undefined) return preview;
    const { checks } = await preflightTransfer(coriolis, id, 'execution');
    const inTheWay = checks.filter(({ status }) => status === 'blocking').map(({ message }) => message);
    return {
      ...preview,
      refusal: inTheWay.length === 0 ? undefined : inTheWay.join(' ').replace(/\.$/u, ''),
    };
  },
  run: (coriolis, { transferId: id, shutdownInstances, autoDeploy }) =>
    startSync(coriolis, id, { shutdownInstances, autoDeploy }),
  completion: executionCompletion,
  async findRunning(coriolis, { transferId: id, shutdownInstances, autoDeploy }) {
    // The running execution may have been started without these options. It then would not do what this call asks.
    if (shutdownInstances || autoDeploy) return undefined;
    const [newest] = await fetchNewestExecutions(coriolis, id, 1);
    return newest?.type === 'transfer_execution' && isActiveUncanceled(newest.status) ? newest : undefined;
  },
  bulk: { maximum: MAX_TRANSFERS, rowKeys: ['id', 'number', 'status'], next: callsAfterExecutions },
});

const list = defineListOperation({
  resource: 'execution',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_executions',
  summary: 'List the executions of a transfer (replica), newest first',
  description: 'Syncs, updates and deletions of disks, with outcomes.',
  effect: 'read',
  input: {
    transferId: transferIdField,
    status: statusFilterField,
    statuses: statusesFilterField,
    since: sinceField,
    sort: sortField,
  },
  output: executionView,
  position: fetchMatchingRows.position,
  run(coriolis, { transferId: id, status, statuses, since, sort: order }, window) {
    const from =
      since === undefined ? undefined : parseMomentInput('since', since, coriolis.client.serverTime);
    const rows = fetchMatchingRows(coriolis, 'execution', [id], {
      status,
      statuses,
      sort: order,
      window,
      matches: from === undefined ? undefined : (one) => isRunningOrEndedSince(one, from),
    });
    return window.after === undefined ? requireTransferWhenEmpty(coriolis, id, rows) : rows;
  },
});

const get = defineOperation({
  resource: 'execution',
  name: 'get',
  title: 'Get',
  tool: 'get_execution',
  summary: 'Get an execution with its progress',
  description: 'Shows percent, time left, the tasks at work and the first failure.',
  effect: 'read',
  input: {
    transferId: transferIdField,
    executionId: makeExecutionOrLatestField('the newest'),
    timeline: timelineField,
  },
  output: executionDetailView,
  result: { resourceUri: 'transfers/{transferId}/executions/{executionId}' },
  async run(coriolis, { transferId: transfer, executionId, timeline }) {
    const id = await resolveExecutionId(coriolis, transfer, executionId, 'newest');
    return await fetchExecutionDetail(coriolis, transfer, id, timeline);
  },
});

const cancel = defineBulkOperation({
  resource: 'execution',
  name: 'cancel',
  title: 'Cancel',
  tool: 'cancel_execution',
  summary: 'Cancel a running execution',
  description: 'Returns at once; wait for the execution to end.',
  effect: 'write',
  input: {
    transferId: transferIdField,
    executionId: makeExecutionOrLatestField('the running one'),
    force: forceCancelField,
  },
  output: executionCancellationView,
  result: { whole: true },
  async preview(coriolis, { transferId: transfer, executionId }) {
    const id = await resolveRunningExecutionId(coriolis, transfer, executionId);
    const { object: execution, date } = await fetchOneWithTime(coriolis, 'execution', [transfer, id]);
    const moved = await fetchOne(coriolis, 'transfer', transfer);
    return {
      subject: {
        id,
        name: `execution #${execution.number} of ${displayNameOf(moved)}`,
        status: execution.status,
        changed: computeStallFacts(execution, date, null).last_progress_at ?? execution.created_at,
      },
      consequences: [
        ...(await fetchMoveDescription(coriolis, moved)),
        'Coriolis does not wait for its workers: temporary machines, disks and snapshots may stay on both platforms.',
        'The sync is lost and must be executed again.',
      ],
      refusal: isActive(execution.status) ? undefined : `it is not running (${execution.status})`,
    };
  },
  async run(coriolis, { transferId: transfer, executionId, force }) {
    const id = await resolveRunningExecutionId(coriolis, transfer, executionId);
    await cancelExecution(coriolis, transfer, id, force);
    return { id, transfer_id: transfer, force };
  },
  async findRunning(coriolis, { transferId: transfer, executionId, force }) {
    const id = await resolveRunningExecutionId(coriolis, transfer, executionId);
    const { status } = await fetchOne(coriolis, 'execution', transfer, id);
    return status === 'CANCELLING' && !force ? { id, transfer_id: transfer, force } : undefined;
  },
  bulk: { maximum: MAX_TRANSFERS, rowKeys: ['id', 'cancel_requested'], next: callsAfterExecutions },
});

const remove = defineOperation({
  resource: 'execution',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_execution',
  summary: 'Delete the record of a finished execution',
  description: 'Transferred disks stay. Refused while the execution runs.',
  effect: 'destroy',
  input: { transferId: transferIdField, executionId: executionIdField },
  output: deletedView,
  result: { whole: true },
  async preview(coriolis, { transferId: transfer, executionId: id }) {
    const execution = await fetchOne(coriolis, 'execution', transfer, id);
    const moved = await fetchOne(coriolis, 'transfer', transfer);
    return {
      subject: makePreviewSubject(
        execution,
        `execution #${execution.number} of ${displayNameOf(moved)}`,
        execution.status,
      ),
      consequences: [
        'Its tasks, events and error texts are lost.',
        'Transferred disks stay.',
        ...(await fetchMoveDescription(coriolis, moved)),
      ],
      refusal: isActive(execution.status) ? 'it is still running: cancel it first' : undefined,
    };
  },
  async run(coriolis, { transferId: transfer, executionId: id }) {
    const deleted = await deleteOne(coriolis, 'execution', transfer, id);
    forgetLastCopy(coriolis.client, transfer);
    return deleted;
  },
});

const wait = defineOperation({
  resource: 'execution',
  name: 'wait',
  title: 'Wait',
  tool: 'wait_for_execution',
  summary: 'Wait until an execution has finished',
  description:
    'Ends as completed, failed, canceled, stalled or timed_out. Running out of time is not an error and stops nothing: wait again.',
  effect: 'read',
  related: {
    supersededBy: {
      operation: 'estate.wait',
      convertInput: ({ transferId: transfer, executionId: execution, ...rest }) => ({
        executions: [formatExecutionReference(String(transfer), String(execution ?? ''))],
        ...rest,
      }),
    },
  },
  wait: { timeoutInput: 'timeoutSeconds' },
  input: {
    transferId: transferIdField,
    executionId: makeExecutionOrLatestField('the newest'),
    ...waitFields,
  },
  output: waitResultView,
  result: {
    whole: true,
    next: ({ deployment_id: deploymentId }) =>
      deploymentId === null ? undefined : [{ operation: 'deployment.wait', input: { deploymentId } }],
  },
  async run(coriolis, { transferId: transfer, executionId: given, ...limits }) {
    const executionId = await resolveExecutionId(coriolis, transfer, given, 'newest');
    return await waitForOne(coriolis, { kind: 'execution', transferId: transfer, executionId }, limits);
  },
});

const diagnose = defineOperation({
  resource: 'execution',
  name: 'diagnose',
  title: 'Diagnose',
  tool: 'diagnose_execution',
  summary: 'Find out why an execution failed and what to do next',
  description:
    'Names the failing task, its real error, known cause, remedy and next steps. One call is enough.',
  effect: 'read',
  related: { supersededBy: { operation: 'estate.diagnose', convertInput: (given) => given } },
  input: {
    transferId: transferIdField,
    executionId: makeExecutionOrLatestField('the newest that failed, or else the newest,'),
  },
  output: diagnosisView,
  result: { whole: true, next: callsAfterDiagnosis },
  async run(coriolis, { transferId: transfer, executionId }) {
    const execution = await resolveExecutionId(coriolis, transfer, executionId, 'failure');
    return await diagnoseExecution(coriolis, transfer, execution);
  },
});

export const executionOperations = [start, list, get, cancel, remove, wait, diagnose] as const;
