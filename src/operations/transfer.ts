import { path } from '../api/path';
import { InvalidInputError } from '../api/errors';
import type { Coriolis } from '../coriolis';
import { choice, flag, reference, text } from '../fields';
import type { InputOf, JsonObject } from '../fields';
import { isObject, omit, sameJson } from '../model/json';
import { transferName } from '../model/names';
import { isActive } from '../model/status';
import type { Execution, Transfer } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { preflight, preflightShape, type Preflight } from '../playbooks/preflight';
import { COPIED_DISKS } from '../playbooks/preflight-runs';
import { out, pick, view } from '../shape';
import { deletedView, includeDeleted, sort, transferId } from './common';
import { executionRow, executionRowShape, latestExecutions, newestExecution, workOf } from './executions';
import { listRows, statusFilter } from './listing';
import {
  deploymentDefaults,
  destinationEndpointId,
  environmentsWithin,
  given,
  instancesOf,
  networkMapWithin,
  ofNewTransfer,
  ofTransfer,
  originEndpointId,
  poolBody,
  poolsWithin,
  scenarios,
  storageBody,
  storageFieldsWithin,
} from './payload';
import { previewTransfer } from './transfer-preview';
import { createTransfer, findCreated, startDisksDeletion } from './transfers';
import { userScriptsBody, userScriptsWithin } from './user-scripts';

const shape = {
  id: out.text('Transfer id'),
  name: out.text('Notes, else the instances', { untrusted: true }),
  scenario: out.text('replica (repeated, disaster recovery) or live_migration (one move)'),
  status: out.text('Status of the latest execution of any type; UNEXECUTED before the first'),
  instances: out.texts('Machines it moves', { untrusted: true }),
  origin_endpoint_id: out.text('Endpoint it moves from'),
  destination_endpoint_id: out.text('Endpoint it moves to'),
  created_at: out.text('Created, UTC'),
  updated_at: out.text('Last change of status, UTC', { nullable: true }),
  notes: out.text('Notes', { nullable: true, untrusted: true }),
  network_map: out.json('Source network to destination network', { nullable: true }),
  storage_mappings: out.json('Storage of the destination', { nullable: true }),
  source_environment: out.json('Options of the source platform', { nullable: true }),
  destination_environment: out.json('Options of the destination platform', { nullable: true }),
  clone_disks: out.flag('Whether deployments clone the disks by default', { nullable: true }),
  skip_os_morphing: out.flag('Whether deployments leave the guest as it is by default', { nullable: true }),
};

const rowShape = pick(
  shape,
  'id',
  'name',
  'scenario',
  'status',
  'instances',
  'origin_endpoint_id',
  'destination_endpoint_id',
  'created_at',
  'updated_at',
);

const rowOf = (transfer: Transfer) => ({
  id: transfer.id,
  name: transferName(transfer),
  scenario: transfer.scenario ?? 'replica',
  status: transfer.last_execution_status,
  instances: transfer.instances,
  origin_endpoint_id: transfer.origin_endpoint_id,
  destination_endpoint_id: transfer.destination_endpoint_id,
  created_at: transfer.created_at,
  updated_at: transfer.updated_at,
});

const detailOf = (transfer: Transfer) => {
  // The server adds copies of both maps to the environment (coriolis-api.md §11.4).
  const environment = omit(transfer.destination_environment ?? {}, 'network_map', 'storage_mappings');
  return {
    ...rowOf(transfer),
    notes: transfer.notes,
    network_map: transfer.network_map,
    storage_mappings: transfer.storage_mappings,
    source_environment: transfer.source_environment,
    destination_environment: environment,
    clone_disks: transfer.clone_disks ?? null,
    skip_os_morphing: transfer.skip_os_morphing ?? null,
  };
};

const transferView = view<Transfer>()(shape, detailOf);

async function fetchTransfer({ client }: Coriolis, id: string, instancesData = false): Promise<Transfer> {
  const { transfer } = await client.get<{ transfer: Transfer }>(path`/transfers/${id}`, {
    query: { include_task_info: instancesData ? true : undefined },
  });
  return transfer;
}

const list = defineList({
  resource: 'transfer',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_transfers',
  summary: 'List transfers (replicas), newest first',
  description:
    'The status is that of the latest execution of any type, also of an update or a deletion of disks.',
  effect: 'read',
  serves: ['L-REP-LIST', 'C-TRA-LIST'],
  input: {
    status: statusFilter,
    scenario: choice('Scenario', 'Only transfers of this scenario.', scenarios, { optional: true }),
    endpointId: reference('endpoint', 'Endpoint', 'Only transfers from or to this endpoint.', {
      optional: true,
    }),
    search: text('Search', 'Only transfers whose notes or instances contain this text.', { optional: true }),
    sort,
    includeDeleted,
  },
  output: view<Transfer>()(rowShape, rowOf),
  position: listRows.position,
  run(
    { client, signal },
    { status, scenario, endpointId, search, sort: order, includeDeleted: deleted },
    window,
  ) {
    const needle = search?.toLowerCase();
    return listRows<Transfer>({
      client,
      signal,
      path: '/transfers',
      key: 'transfers',
      status,
      sort: order,
      includeDeleted: deleted,
      window,
      matches: (transfer) =>
        (scenario === undefined || (transfer.scenario ?? 'replica') === scenario) &&
        (endpointId === undefined ||
          transfer.origin_endpoint_id === endpointId ||
          transfer.destination_endpoint_id === endpointId) &&
        (needle === undefined ||
          [transfer.notes ?? '', ...transfer.instances].some((text_) =>
            text_.toLowerCase().includes(needle),
          )),
      narrowed: scenario !== undefined || endpointId !== undefined || needle !== undefined,
    });
  },
});

const get = defineOperation({
  resource: 'transfer',
  name: 'get',
  title: 'Get',
  tool: 'get_transfer',
  address: 'transfers/{transferId}',
  summary: 'Get a transfer (replica) with its latest executions',
  description: 'Shows its settings and the outcomes of its ten latest executions.',
  effect: 'read',
  serves: ['L-REP-SHOW', 'C-TRA-SHOW'],
  input: {
    transferId,
    instancesData: flag(
      'Instances Data',
      'Whether the full result includes what Coriolis knows about each instance.',
      {
        advanced: true,
        since: 'task_info',
      },
    ),
  },
  output: view<Transfer & { readonly executions: readonly Execution[] }>()(
    { ...shape, executions: out.rows('Latest executions, newest first', executionRowShape) },
    (transfer) => ({ ...detailOf(transfer), executions: transfer.executions.map(executionRow) }),
  ),
  async run(coriolis, { transferId: id, instancesData }) {
    const transfer = await fetchTransfer(coriolis, id, instancesData);
    return { ...transfer, executions: await latestExecutions(coriolis, id, 10) };
  },
});

const create = defineOperation({
  resource: 'transfer',
  name: 'create',
  title: 'Create',
  tool: 'create_transfer',
  caution:
    'The scenario decides the licence and cannot be changed: a replica uses it with its first execution and goes on for good, a live migration with its deployment, after which it is over.',
  summary: 'Create a transfer (replica or live migration) of VMs',
  description:
    'Starts nothing: execute it next. Both environments are checked against the platforms’ schemas.',
  effect: 'write',
  serves: ['L-REP-CREATE', 'C-TRA-CREATE'],
  input: {
    originEndpointId,
    destinationEndpointId,
    instances: instancesOf('originEndpointId'),
    scenario: choice('Scenario', 'Decides which licence it uses; cannot be changed later.', scenarios, {
      default: 'replica',
    }),
    ...environmentsWithin('originEndpointId', 'destinationEndpointId'),
    networkMap: networkMapWithin(ofNewTransfer),
    notes: text('Notes', 'Text for people, shown as the title.', { optional: true }),
    ...storageFieldsWithin(ofNewTransfer),
    userScripts: userScriptsWithin(ofNewTransfer),
    ...deploymentDefaults,
    ...poolsWithin(ofNewTransfer),
    checkInstances: flag(
      'Check Instances',
      'Whether to ask the source platform first that the machines exist; the server itself does not.',
      { default: true, advanced: true },
    ),
  },
  output: transferView,
  run: createTransfer,
  madeBefore: findCreated,
  lasts: true,
  next: ({ id }) => [
    { operation: 'transfer.preflight', input: { transferId: id, purpose: 'execution' } },
    { operation: 'execution.start', input: { transferId: id } },
  ],
});

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

/** Whether a transfer is as a change wants it: the server merges what is given into what it has. */
const holds = (transfer: Transfer, changes: JsonObject): boolean =>
  Object.entries(changes).every(([name, wanted]) => {
    const held = transfer[name as keyof Transfer];
    return isObject(wanted) && isObject(held)
      ? Object.entries(wanted).every(([key, value]) => sameJson(held[key], value))
      : sameJson(held, wanted);
  });

const update = defineOperation({
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
  starts: workOf,
  async madeBefore(coriolis, input, lately) {
    const [newest] = await latestExecutions(coriolis, input.transferId, 1);
    if (newest?.type !== 'transfer_update' || newest.status !== 'COMPLETED' || !lately(newest.created_at))
      return undefined;
    return holds(await fetchTransfer(coriolis, input.transferId), changesOf(input)) ? newest : undefined;
  },
});

/** ", 1 schedule and the history of 3 executions", as far as there are any. */
function alsoLost(schedules: string | undefined, executions: string | undefined): string {
  const history = executions && `the history of ${executions}`;
  if (schedules === undefined) return history === undefined ? '' : ` and ${history}`;
  return history === undefined ? ` and ${schedules}` : `, ${schedules} and ${history}`;
}

const remove = defineOperation({
  resource: 'transfer',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_transfer',
  summary: 'Delete a transfer (replica), but not its disks',
  description:
    'The transferred disks stay on the destination: delete them first if they should go. Deployed machines stay.',
  effect: 'destroy',
  whole: true,
  serves: ['L-REP-DELETE', 'C-TRA-DELETE'],
  input: { transferId },
  output: deletedView,
  preview: (coriolis, { transferId: id }) =>
    previewTransfer({
      coriolis,
      id,
      consequences: ({ machines, names, schedules, executions, disks, deployments }) => [
        `It moves ${machines}: ${names}.`,
        `Lost are its settings${alsoLost(schedules, executions)}.`,
        disks === undefined
          ? 'No copied disks are on the destination.'
          : `What stays on the destination and must be removed there: ${disks}.`,
        deployments === undefined
          ? 'Machines on the source stay.'
          : `The records of ${deployments}, deployed machines and machines on the source stay.`,
      ],
    }),
  async run({ client }, { transferId: id }) {
    await client.delete(path`/transfers/${id}`);
    return { id };
  },
});

const deleteDisks = defineOperation({
  resource: 'transfer',
  name: 'deleteDisks',
  title: 'Delete Disks',
  tool: 'delete_transfer_disks',
  caution: 'Application credentials cannot delete disks: Coriolis needs a user with a password.',
  summary: 'Delete the transferred disks of a transfer (replica) on the destination',
  description: 'Starts an execution that removes them. The next execution copies everything again.',
  effect: 'destroy',
  serves: ['L-REP-DISKS-DELETE', 'C-TRA-DISKS-DELETE'],
  returns: 'execution',
  input: { transferId },
  output: view<Execution>()(executionRowShape, executionRow),
  preview: (coriolis, { transferId: id }) =>
    previewTransfer({
      coriolis,
      id,
      consequences: ({ machines, names, disks }) => [
        `It moves ${machines}: ${names}.`,
        disks === undefined
          ? 'No copied disks are on the destination.'
          : `Removed from the destination: ${disks}.`,
        'The next execution is a full copy; until then it cannot be deployed.',
        'Machines on the source and deployed machines stay as they are.',
      ],
    }),
  run: (coriolis, { transferId: id }) => startDisksDeletion(coriolis, id),
  starts: workOf,
  async underway(coriolis, { transferId: id }) {
    const [newest] = await latestExecutions(coriolis, id, 1);
    return newest?.type === 'transfer_disks_delete' && isActive(newest.status) ? newest : undefined;
  },
});

const check = defineOperation({
  resource: 'transfer',
  name: 'preflight',
  title: 'Preflight',
  tool: 'preflight_transfer',
  summary: 'Check whether a transfer (replica) is safe to deploy or execute now',
  description:
    'Rows blocking, warning or ok: last sync, running work, connections, machines, maps, pools, workers, licence. Starts nothing.',
  effect: 'read',
  whole: true,
  serves: [],
  input: {
    transferId,
    purpose: choice(
      'Purpose',
      'What is to be started.',
      [
        { value: 'deployment', title: 'Deployment' },
        { value: 'execution', title: 'Execution' },
      ],
      { default: 'deployment' },
    ),
  },
  output: view<Preflight>()(preflightShape, (result) => result),
  run: (coriolis, { transferId: id, purpose }) => preflight(coriolis, id, purpose),
  headline: ({ purpose, verdict, blocking, warnings }) =>
    [
      `${purpose} ${verdict.replaceAll('_', ' ')}`,
      ...(blocking === 0 ? [] : [`${blocking} blocking`]),
      ...(warnings === 0 ? [] : [`${warnings} to think about`]),
    ].join(', '),
  next: ({ id, purpose, verdict, checks }) => {
    const inTheWay = checks.filter(({ status }) => status === 'blocking');
    const isUnsynced = inTheWay.length > 0 && inTheWay.every(({ check: what }) => what === COPIED_DISKS);
    if (verdict === 'blocked' && !isUnsynced) return [];
    const isSync = purpose === 'execution' || isUnsynced;
    return [{ operation: isSync ? 'execution.start' : 'deployment.create', input: { transferId: id } }];
  },
});

export const transferOperations = [list, get, create, update, remove, deleteDisks, check] as const;
