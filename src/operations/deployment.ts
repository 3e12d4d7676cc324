import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import type { InputOf } from '../vocabulary/field';
import { flag, reference, text } from '../vocabulary/fields';
import { sameJson, type JsonObject } from '../model/json';
import { transferName } from '../model/names';
import { isActive, isFinal, outcomeOf } from '../model/status';
import { durationSeconds } from '../model/timing';
import type { Deployment, Transfer } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { subjectOf } from '../vocabulary/preview';
import { diagnoseDeployment } from '../playbooks/diagnosis/diagnose';
import { diagnosisShape, type Diagnosis } from '../playbooks/diagnosis/view';
import { callAfter } from '../playbooks/diagnosis/next-steps';
import { runTarget } from '../waiting/run-target';
import { waitFor, waitResultShape, type WaitResult } from '../waiting/wait';
import { key, view } from '../vocabulary/shape';
import {
  deletedView,
  deploymentId,
  forceCancel,
  includeDeleted,
  sort,
  transferId,
  waiting,
} from '../resources/inputs';
import { cancelDeployment, createDeployment, deploymentsOf, findDeployed } from '../resources/deployment';
import { runDetails, runShape } from '../resources/execution';
import { listRows, statusFilter } from '../resources/listing';
import { deploymentSettings, given, ofTransfer, osMorphingPoolsWithin } from '../resources/payload';
import { comparableScripts, userScriptsBody, userScriptsWithin } from '../resources/user-scripts';

async function fetchDeployment({ client }: Coriolis, id: string): Promise<Deployment> {
  return (await client.get<{ deployment: Deployment }>(path`/deployments/${id}`)).deployment;
}

const rowShape = {
  id: key.text('Deployment id'),
  transfer_id: key.text('Transfer it was made from; null for a direct migration', { nullable: true }),
  name: key.text('Notes, else the instances', { untrusted: true }),
  status: key.text('Status; PENDING while it waits for its execution'),
  outcome: key.text('completed, failed or canceled; null while it is not over', { nullable: true }),
  instances: key.texts('Machines it deploys', { untrusted: true }),
  execution_id: key.text('Execution that it waits or waited for', { nullable: true }),
  created_at: key.time('Created'),
  finished_at: key.time('Ended', { nullable: true }),
  duration_seconds: key.number('From creation to end', { nullable: true }),
};

const rowOf = (deployment: Deployment) => {
  const status = deployment.last_execution_status;
  const over = isFinal(status);
  return {
    id: deployment.id,
    transfer_id: deployment.transfer_id,
    name: transferName(deployment),
    status,
    outcome: outcomeOf(status) ?? null,
    instances: deployment.instances,
    execution_id: deployment.deployer_id ?? null,
    created_at: deployment.created_at,
    finished_at: over ? deployment.updated_at : null,
    duration_seconds: over ? durationSeconds(deployment.created_at, deployment.updated_at) : null,
  };
};

/** A deployment with the server's time of the answer, in milliseconds. */
interface Observed extends Deployment {
  readonly observed_at: number;
}

const observedView = view<Observed>()(
  {
    ...rowShape,
    ...runShape,
    deployed_instances: key.texts('Machines that now exist on the destination', {
      nullable: true,
      untrusted: true,
    }),
  },
  (deployment) => ({
    ...rowOf(deployment),
    ...runDetails(deployment, deployment.observed_at),
    deployed_instances:
      deployment.transfer_result === null || deployment.transfer_result === undefined
        ? null
        : Object.keys(deployment.transfer_result),
  }),
);

const createInput = {
  transferId,
  ...deploymentSettings,
  force: flag('Force', 'Whether to deploy although no execution has completed; the machines may not boot.', {
    advanced: true,
    caution: 'What was copied in part is deployed as it is: the machines may not boot.',
  }),
  userScripts: userScriptsWithin(ofTransfer),
  osMorphingPools: osMorphingPoolsWithin(ofTransfer),
};

/** Whether a deployment has the settings of a call. */
function isMadeWith(
  one: Deployment,
  {
    cloneDisks,
    skipOsMorphing,
    userScripts: scripts,
    osMorphingPools: pools = {},
  }: InputOf<typeof createInput>,
): boolean {
  const inForm = (of: JsonObject | null | undefined) => comparableScripts(of, one.instances);
  const heldPools = one.instance_osmorphing_minion_pool_mappings ?? {};
  return (
    (cloneDisks === undefined || one.clone_disks === cloneDisks) &&
    (skipOsMorphing === undefined || one.skip_os_morphing === skipOsMorphing) &&
    (scripts === undefined || sameJson(inForm(one.user_scripts), inForm(scripts))) &&
    // The transfer's pools are included (coriolis-api.md §10.2).
    Object.entries(pools).every(([instance, pool]) => heldPools[instance] === pool)
  );
}

const create = defineOperation({
  resource: 'deployment',
  name: 'create',
  title: 'Create',
  tool: 'deploy_transfer',
  caution:
    'Application credentials cannot deploy. Without Clone Disks the deployment consumes the copied disks, and the next execution copies everything again.',
  summary: 'Deploy a transfer: start its machines on the destination (migration, cutover, failover)',
  description:
    'Returns at once with the deployment to wait for. Needs a completed sync unless forced. Source machines are not touched.',
  effect: 'write',
  serves: ['L-MIG-DEPLOY', 'C-DEP-CREATE'],
  input: createInput,
  output: view<Deployment>()(rowShape, rowOf),
  run: (coriolis, input) =>
    createDeployment(coriolis, {
      transfer_id: input.transferId,
      // Null inherits the transfer's default; an absent key does not (trap 15).
      clone_disks: input.cloneDisks ?? null,
      skip_os_morphing: input.skipOsMorphing ?? null,
      user_scripts: userScriptsBody(input.userScripts) ?? null,
      force: input.force,
      ...given({ instance_osmorphing_minion_pool_mappings: input.osMorphingPools }),
    }),
  async findInFlight(coriolis, input) {
    const { client } = coriolis;
    const { transfer } = await client.get<{ transfer: Transfer }>(path`/transfers/${input.transferId}`);
    const isAtWork = ({ last_execution_status: status }: Deployment) =>
      isActive(status) || status === 'PENDING';
    return (await deploymentsOf(coriolis, transfer)).find((one) => isAtWork(one) && isMadeWith(one, input));
  },
  retry: {
    async findDuplicate(coriolis, input, isRecent) {
      const found = await findDeployed(coriolis, input.transferId, isRecent);
      return found !== undefined && isMadeWith(found, input) ? found : undefined;
    },
  },
  completion: {
    target: ({ id }) => runTarget({ kind: 'deployment', deploymentId: id }),
    reload: (coriolis, { id }) => fetchDeployment(coriolis, id),
  },
});

const list = defineList({
  resource: 'deployment',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_deployments',
  summary: 'List deployments (migrations), newest first',
  description: 'Deleting a deployment deletes its record, never the deployed machines.',
  effect: 'read',
  serves: ['C-DEP-LIST'],
  input: {
    status: statusFilter,
    transferId: reference('transfer', 'Transfer (Replica)', 'Only deployments of this transfer.', {
      optional: true,
    }),
    search: text('Search', 'Only deployments whose notes or instances contain this text.', {
      optional: true,
    }),
    sort,
    includeDeleted,
  },
  output: view<Deployment>()(rowShape, rowOf),
  position: listRows.position,
  run(
    { client, signal },
    { status, transferId: transfer, search, sort: order, includeDeleted: deleted },
    window,
  ) {
    const needle = search?.toLowerCase();
    return listRows<Deployment>({
      client,
      signal,
      path: '/deployments',
      key: 'deployments',
      status,
      sort: order,
      includeDeleted: deleted,
      window,
      matches: (deployment) =>
        (transfer === undefined || deployment.transfer_id === transfer) &&
        (needle === undefined ||
          [deployment.notes ?? '', ...deployment.instances].some((words) =>
            words.toLowerCase().includes(needle),
          )),
      narrowed: transfer !== undefined || needle !== undefined,
    });
  },
});

const get = defineOperation({
  resource: 'deployment',
  name: 'get',
  title: 'Get',
  tool: 'get_deployment',
  address: 'deployments/{deploymentId}',
  summary: 'Get a deployment (migration) with its progress',
  description: 'Shows percent, the tasks at work, the first failure and the deployed machines.',
  effect: 'read',
  serves: ['C-DEP-SHOW'],
  input: {
    deploymentId,
    instancesData: flag(
      'Instances Data',
      'Whether the full result includes what Coriolis knows about each instance.',
      {
        advanced: true,
        since: 'task_info',
      },
    ),
  },
  output: observedView,
  async run({ client }, { deploymentId: id, instancesData }) {
    const { body, date } = await client.getWithDate<{ deployment: Deployment }>(path`/deployments/${id}`, {
      query: { include_task_info: instancesData ? true : undefined },
    });
    return { ...body.deployment, observed_at: date };
  },
});

const cancel = defineOperation({
  resource: 'deployment',
  name: 'cancel',
  title: 'Cancel',
  tool: 'cancel_deployment',
  summary: 'Cancel a running deployment (migration)',
  description:
    'Returns at once; wait for the deployment to see it end. A pending one cannot be cancelled: cancel its execution or delete it.',
  effect: 'write',
  whole: true,
  serves: ['C-DEP-CANCEL'],
  input: {
    deploymentId,
    force: forceCancel,
  },
  output: view<{ id: string; force: boolean }>()(
    {
      id: key.text('Deployment id'),
      cancel_requested: key.flag('Whether the server accepted it'),
      force: key.flag('Whether by force'),
    },
    ({ id, force }) => ({ id, cancel_requested: true, force }),
  ),
  async preview(coriolis, { deploymentId: id }) {
    const deployment = await fetchDeployment(coriolis, id);
    return {
      ...aboutDeployment(deployment),
      consequences: [
        'Workers are not waited for: half-made machines, disks and snapshots may stay on the destination.',
      ],
      ...(isActive(deployment.last_execution_status)
        ? {}
        : {
            refusal:
              deployment.last_execution_status === 'PENDING'
                ? 'it is still pending: cancel the execution that it waits for, or delete it'
                : `it is not running (${deployment.last_execution_status})`,
          }),
    };
  },
  async run(coriolis, { deploymentId: id, force }) {
    await cancelDeployment(coriolis, id, force);
    return { id, force };
  },
  async findInFlight(coriolis, { deploymentId: id, force }) {
    const { last_execution_status: status } = await fetchDeployment(coriolis, id);
    return status === 'CANCELLING' && !force ? { id, force } : undefined;
  },
});

const aboutDeployment = (deployment: Deployment) => ({
  subject: subjectOf(deployment, transferName(deployment), deployment.last_execution_status),
});

const remove = defineOperation({
  resource: 'deployment',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_deployment',
  caution: 'Deletes the record only: the deployed machines stay on the destination.',
  summary: 'Delete the record of a deployment (migration), but not its machines',
  description: 'Deployed machines stay on the destination. Refused while it runs.',
  effect: 'destroy',
  whole: true,
  serves: ['C-DEP-DELETE'],
  input: { deploymentId },
  output: deletedView,
  async preview(coriolis, { deploymentId: id }) {
    const deployment = await fetchDeployment(coriolis, id);
    return {
      ...aboutDeployment(deployment),
      consequences: [
        'Its tasks, error texts and result are lost.',
        `Deployed machines stay on the destination: ${deployment.instances.join(', ')}.`,
      ],
      ...(isActive(deployment.last_execution_status)
        ? { refusal: 'it is still running: cancel it first' }
        : {}),
    };
  },
  async run({ client }, { deploymentId: id }) {
    await client.delete(path`/deployments/${id}`);
    return { id };
  },
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
  whole: true,
  serves: [],
  supersededBy: {
    operation: 'estate.wait',
    input: ({ deploymentId: id, ...rest }) => ({ deployments: [id], ...rest }),
  },
  boundedBy: 'timeoutSeconds',
  input: { deploymentId, ...waiting },
  output: view<WaitResult>()(waitResultShape, (result) => result),
  async run(coriolis, { deploymentId: id, timeoutSeconds, stallSeconds }) {
    const [result] = await waitFor(coriolis, [{ kind: 'deployment', deploymentId: id }], {
      timeoutSeconds,
      stallSeconds,
    });
    return result as WaitResult;
  },
});

const diagnose = defineOperation({
  resource: 'deployment',
  name: 'diagnose',
  title: 'Diagnose',
  tool: 'diagnose_deployment',
  summary: 'Find out why a deployment (migration) failed and what to do next',
  description:
    'Names the failing task, its real error, the known cause and remedy, and safe next steps. One call is enough.',
  effect: 'read',
  whole: true,
  serves: [],
  input: { deploymentId },
  output: view<Diagnosis>()(diagnosisShape, (diagnosis) => diagnosis),
  run: (coriolis, { deploymentId: id }) => diagnoseDeployment(coriolis, id),
  next: callAfter,
});

export const deploymentOperations = [create, list, get, cancel, remove, wait, diagnose] as const;
