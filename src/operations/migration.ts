import { asError, CapabilityError, ConflictError, InvalidInputError } from '../api/errors';
import { cursorAfter } from '../api/paging';
import { path } from '../api/path';
import type { Coriolis } from '../coriolis';
import { flag, number, reference, text } from '../fields';
import { notesWithPlan, planIn, RUN_KEY } from '../model/migration-plan';
import { isActive, purposeOf } from '../model/status';
import type { Deployment, Endpoint, Transfer } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { runSubject } from '../playbooks/run-subject';
import { tolerate } from '../playbooks/tolerate';
import { waitFor, waitForSubjects } from '../playbooks/wait';
import { out, view, type OutputOf } from '../shape';
import { forceCancel, shutdownCaution, waiting } from './common';
import { cancelDeployment } from './deployments';
import { listRows } from './listing';
import {
  legacyReport,
  migrationRowShape,
  migrationShape,
  reportOf,
  rowOf,
  rowOfLegacy,
  type ShownMigration,
} from './migration-report';
import { migrationSubject } from './migration-subject';
import { advance, cancelMigration, fetchMigration, type ComposedMigration } from './migrations';
import {
  destinationEndpointId,
  environmentsWithin,
  instancesOf,
  networkMapWithin,
  ofNewTransfer,
  originEndpointId,
  poolsWithin,
  storageFieldsWithin,
} from './payload';
import { onlyOne } from './run-key';
import {
  createTransfer,
  findCreated as findTransfer,
  isSameMove,
  moveBody,
  startDisksDeletion,
  type MoveInput,
  type TransferInput,
} from './transfers';
import { userScriptsWithin } from './user-scripts';

const migrationId = reference('migration', 'Migration', 'Id of the migration.');

const migrationView = view<ShownMigration>()(migrationShape, ({ report }) => report);

const isLegacy = async ({ client }: Coriolis): Promise<boolean> => (await client.generation()) === 'legacy';

async function fetchLegacy({ client }: Coriolis, id: string): Promise<ShownMigration> {
  const { body, date } = await client.getWithDate<{ deployment: Deployment }>(path`/deployments/${id}`);
  return legacyReport(body.deployment, date);
}

interface CreateInput extends MoveInput {
  readonly replicationCount: number;
  readonly shutdownInstances: boolean;
  readonly skipOsMorphing: boolean;
  readonly runKey: string | undefined;
}

/** The transfer of a migration. */
const plannedTransfer = (input: CreateInput): TransferInput => ({
  ...input,
  notes: plannedNotes(input),
  scenario: 'live_migration',
  // What an auto-deployment goes by.
  cloneDisks: false,
  skipOsMorphing: input.skipOsMorphing,
});

const plannedNotes = ({
  notes,
  replicationCount,
  shutdownInstances,
  skipOsMorphing,
  runKey,
}: CreateInput): string =>
  notesWithPlan(notes, { passes: replicationCount, shutdown: shutdownInstances, skipOsMorphing, runKey });

/** Creates the transfer of a migration; starts nothing. */
async function planTransfer(coriolis: Coriolis, input: CreateInput): Promise<Transfer> {
  const transfer = plannedTransfer(input);
  try {
    return await createTransfer(coriolis, transfer);
  } catch (error) {
    // Refused before it was sent: a server before 1.1.3 keeps no such defaults, and needs none.
    if (!(error instanceof CapabilityError) || error.status !== undefined) throw asError(error);
    return await createTransfer(coriolis, { ...transfer, cloneDisks: undefined, skipOsMorphing: undefined });
  }
}

async function createComposed(coriolis: Coriolis, input: CreateInput): Promise<ShownMigration> {
  const transfer = await onlyOne<Transfer>(
    coriolis,
    {
      collection: '/transfers',
      key: 'transfers',
      // Nothing was copied yet.
      withdraw: ({ id }) => coriolis.client.delete(path`/transfers/${id}`),
    },
    input,
    () => planTransfer(coriolis, input),
  );
  return reportOf(await advance(coriolis, transfer.id));
}

/** Legacy servers take all steps themselves (coriolis-api.md §10.4, form A). */
async function createLegacy(coriolis: Coriolis, input: CreateInput): Promise<ShownMigration> {
  const { id } = await onlyOne<Deployment>(
    coriolis,
    {
      collection: '/deployments',
      key: 'deployments',
      // It is at work since a moment ago.
      withdraw: ({ id: made }) => cancelDeployment(coriolis, made, false),
    },
    input,
    () => startLegacy(coriolis, input),
  );
  return await fetchLegacy(coriolis, id);
}

async function startLegacy(coriolis: Coriolis, input: CreateInput): Promise<Deployment> {
  const { client } = coriolis;
  const move = { ...input, notes: plannedNotes(input) };
  const { deployment } = await client.post<{ deployment: Deployment }>(
    '/migrations',
    {
      migration: {
        ...(await moveBody(coriolis, move)),
        skip_os_morphing: input.skipOsMorphing,
        shutdown_instances: input.shutdownInstances,
        replication_count: input.replicationCount,
      },
    },
    {
      slow: true,
      recover: async (createdSince) => {
        const found = await findLegacy(coriolis, move, createdSince);
        return found && { deployment: found };
      },
    },
  );
  return deployment;
}

async function findLegacy(
  { client }: Coriolis,
  move: MoveInput,
  lately: (createdAt: string) => boolean,
): Promise<Deployment | undefined> {
  for await (const one of client.rows<Deployment>('/deployments', 'deployments')) {
    if (lately(one.created_at) && isSameMove(one, move)) return one;
  }
  return undefined;
}

/** The migration that an equal call has created so lately. */
async function createdBefore(
  coriolis: Coriolis,
  input: CreateInput,
  lately: (createdAt: string) => boolean,
): Promise<ShownMigration | undefined> {
  if (await isLegacy(coriolis)) {
    const found = await findLegacy(coriolis, { ...input, notes: plannedNotes(input) }, lately);
    return found && (await fetchLegacy(coriolis, found.id));
  }
  const found = await findTransfer(coriolis, plannedTransfer(input), lately);
  return found && reportOf(await fetchMigration(coriolis, found.id));
}

const create = defineOperation({
  resource: 'migration',
  name: 'create',
  title: 'Create',
  tool: 'create_migration',
  caution:
    'Application credentials cannot migrate: Coriolis needs a user with a password. Later steps begin only while the migration is waited for.',
  summary: 'Migrate VMs in one go',
  description: 'Syncs, then deploys. Wait for it next: waiting starts its later steps.',
  effect: 'write',
  serves: ['L-MIG-CREATE'],
  input: {
    originEndpointId,
    destinationEndpointId,
    instances: instancesOf('originEndpointId'),
    shutdownInstances: flag('Shut Down Instances', 'Whether the last sync shuts the source machines down.', {
      effect: 'destroy',
      caution: shutdownCaution,
    }),
    runKey: text('Run Key', 'Name of your own: creating again with it returns the migration that exists.', {
      optional: true,
      advanced: true,
    }),
    ...environmentsWithin('originEndpointId', 'destinationEndpointId'),
    networkMap: networkMapWithin(ofNewTransfer),
    notes: text('Notes', 'Text for people, shown as the title.', { optional: true, advanced: true }),
    replicationCount: number('Replication Count', 'Syncs before the deployment, 1 to 10.', {
      default: 2,
      minimum: 1,
      maximum: 10,
      advanced: true,
    }),
    skipOsMorphing: flag('Skip OS Morphing', 'Whether to leave the guest as it is.', { advanced: true }),
    ...storageFieldsWithin(ofNewTransfer),
    userScripts: userScriptsWithin(ofNewTransfer),
    ...poolsWithin(ofNewTransfer),
    checkInstances: flag(
      'Check Instances',
      'Whether to ask the source platform first that the machines exist; the server itself does not.',
      { default: true, advanced: true },
    ),
  },
  output: migrationView,
  async preview({ client }, { originEndpointId: id, instances }) {
    const { endpoint } = await client.get<{ endpoint: Endpoint }>(path`/endpoints/${id}`);
    return {
      subject: {
        id,
        name: endpoint.name,
        status: endpoint.type,
        changed: endpoint.updated_at ?? endpoint.created_at,
      },
      consequences: [
        `Source machines are shut down before the last sync: ${instances.join(', ')}.`,
        'Coriolis does not start them again, also when the migration fails.',
      ],
    };
  },
  async run(coriolis, input) {
    if (input.runKey !== undefined && !RUN_KEY.test(input.runKey)) {
      throw new InvalidInputError('The run key has characters that are not accepted.', {
        field: 'runKey',
        advice: 'Use letters, digits and . _ - : @ / +, at most 100.',
      });
    }
    return (await isLegacy(coriolis))
      ? await createLegacy(coriolis, input)
      : await createComposed(coriolis, input);
  },
  async madeBefore(coriolis, input, lately) {
    const before = await createdBefore(coriolis, input, lately);
    // After one that failed or was canceled, the same call means another attempt.
    return [null, 'completed'].includes(before?.report.outcome ?? null) ? before : undefined;
  },
  starts: ({ report: { id }, transfer }) =>
    transfer === undefined ? runSubject({ kind: 'deployment', deploymentId: id }) : migrationSubject(id),
  afterwards: (coriolis, { report: { id }, transfer }) =>
    transfer === undefined ? fetchLegacy(coriolis, id) : fetchMigration(coriolis, id).then(reportOf),
});

interface Listed {
  readonly row: OutputOf<typeof migrationRowShape>;
  /** The object that it is on the server. */
  readonly action: Transfer | Deployment;
}

const list = defineList({
  resource: 'migration',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_migrations',
  summary: 'List direct migrations, newest first',
  description: 'Transfers and deployments that were created by themselves are not among them.',
  effect: 'read',
  serves: ['L-MIG-LIST'],
  input: {
    search: text('Search', 'Only migrations whose notes, run key or instances contain this text.', {
      optional: true,
    }),
  },
  output: view<Listed>()(migrationRowShape, ({ row }) => row),
  position: ({ action }) => cursorAfter(action),
  async *run(coriolis, { search }, window) {
    const { client, signal } = coriolis;
    const needle = search?.toLowerCase();
    const matches = ({ notes, instances }: Pick<Transfer, 'notes' | 'instances'>): boolean =>
      needle === undefined ||
      [notes ?? '', ...instances].some((words) => words.toLowerCase().includes(needle));
    const common = { client, signal, status: undefined, sort: undefined, window, narrowed: true };
    if (await isLegacy(coriolis)) {
      for await (const action of listRows<Deployment>({
        ...common,
        path: '/deployments',
        key: 'deployments',
        matches: (one) => one.transfer_id === null && matches(one),
      })) {
        yield { row: rowOfLegacy(action), action };
      }
      return;
    }
    let deployments: ReadonlyMap<string, Deployment> | undefined;
    for await (const action of listRows<Transfer>({
      ...common,
      path: '/transfers',
      key: 'transfers',
      matches: (one) => planIn(one.notes) !== undefined && matches(one),
    })) {
      deployments ??= await latestDeployments(coriolis);
      yield { row: rowOf(action, deployments.get(action.id)), action };
    }
  },
});

/** The latest deployment of each transfer that moves once. */
async function latestDeployments({ client }: Coriolis): Promise<ReadonlyMap<string, Deployment>> {
  const found = new Map<string, Deployment>();
  for await (const one of client.rows<Deployment>('/deployments', 'deployments')) {
    const { transfer_id: transfer, transfer_scenario_type: scenario } = one;
    // Newest first, and orphans of refused requests never start (trap 32).
    if (transfer === null || found.has(transfer) || one.last_execution_status === 'UNEXECUTED') continue;
    if (scenario === undefined || scenario === 'live_migration') found.set(transfer, one);
  }
  return found;
}

const get = defineOperation({
  resource: 'migration',
  name: 'get',
  title: 'Get',
  tool: 'get_migration',
  summary: 'Get a direct migration with its progress',
  description: 'One status for all its passes and its deployment.',
  effect: 'read',
  serves: ['L-MIG-SHOW'],
  input: { migrationId },
  output: migrationView,
  run: async (coriolis, { migrationId: id }) =>
    (await isLegacy(coriolis))
      ? await fetchLegacy(coriolis, id)
      : reportOf(await fetchMigration(coriolis, id)),
});

const wait = defineOperation({
  resource: 'migration',
  name: 'wait',
  title: 'Wait',
  tool: 'wait_for_migration',
  summary: 'Bring a direct migration to its end: start its next steps and wait for them',
  description:
    'Safe to repeat, also after a crash: goes on where it stands. Ends as completed, failed, canceled, stalled or timed_out.',
  effect: 'write',
  idempotent: true,
  serves: [],
  supersededBy: {
    operation: 'estate.wait',
    input: ({ migrationId: id, ...rest }) => ({ migrations: [id], ...rest }),
  },
  boundedBy: 'timeoutSeconds',
  input: { migrationId, ...waiting },
  output: migrationView,
  async run(coriolis, { migrationId: id, timeoutSeconds, stallSeconds }) {
    if (await isLegacy(coriolis)) {
      const [result] = await waitFor(coriolis, [{ kind: 'deployment', deploymentId: id }], {
        timeoutSeconds,
        stallSeconds,
      });
      const { report, ...rest } = await fetchLegacy(coriolis, id);
      return { ...rest, report: { ...report, outcome: result?.outcome ?? null } };
    }
    const [watched] = await waitForSubjects(coriolis, [migrationSubject(id)], {
      timeoutSeconds,
      stallSeconds,
    });
    return reportOf(await fetchMigration(coriolis, id), watched?.outcome ?? undefined);
  },
});

const cancel = defineOperation({
  resource: 'migration',
  name: 'cancel',
  title: 'Cancel',
  tool: 'cancel_migration',
  summary: 'Cancel a direct migration',
  description:
    'Ends its running pass or deployment; between two of them, lets no other begin. Copied disks stay until it is deleted.',
  effect: 'write',
  whole: true,
  serves: ['L-MIG-CANCEL'],
  input: {
    migrationId,
    force: forceCancel,
  },
  output: view<{ id: string; force: boolean }>()(
    {
      id: out.text('Migration id'),
      cancel_requested: out.flag('Whether the server accepted it'),
      force: out.flag('Whether by force'),
    },
    ({ id, force }) => ({ id, cancel_requested: true, force }),
  ),
  async preview(coriolis, { migrationId: id }) {
    const { report } = (await isLegacy(coriolis))
      ? await fetchLegacy(coriolis, id)
      : reportOf(await fetchMigration(coriolis, id));
    return {
      subject: { id, name: report.name, status: report.status, changed: report.created_at },
      consequences: [
        'Workers are not waited for: temporary machines, disks and snapshots may stay on both platforms.',
        'What the running step has done is lost.',
      ],
      ...(isActive(report.status) ? {} : { refusal: `nothing of it is running (${report.status})` }),
    };
  },
  async run(coriolis, { migrationId: id, force }) {
    if (await isLegacy(coriolis)) {
      await cancelDeployment(coriolis, id, force);
      return { id, force };
    }
    await cancelMigration(coriolis, id, force);
    return { id, force };
  },
});

interface Removal {
  readonly id: string;
  readonly deleted: boolean;
  /** What became of its copied disks. */
  readonly disks: 'deleted' | 'kept' | 'none' | 'in_progress' | 'failed';
}

const remove = defineOperation({
  resource: 'migration',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_migration',
  summary: 'Delete a direct migration, its copied disks too when asked',
  description: 'Deployed machines stay. When the disks take longer than the timeout, call it again.',
  effect: 'destroy',
  whole: true,
  serves: ['L-MIG-DELETE'],
  boundedBy: 'timeoutSeconds',
  input: {
    migrationId,
    deleteDisks: flag(
      'Delete Disks',
      'Whether to remove the copied disks of a migration that did not complete first.',
    ),
    timeoutSeconds: number('Timeout (Seconds)', 'Longest wait for the removal of disks.', {
      default: 600,
      minimum: 1,
      maximum: 86_400,
      advanced: true,
    }),
  },
  output: view<Removal>()(
    {
      id: out.text('Its id'),
      deleted: out.flag('Whether it is gone'),
      disks: out.text('Its copied disks: deleted, kept, none, in_progress or failed'),
    },
    ({ id, deleted, disks }) => ({ id, deleted, disks }),
  ),
  async preview(coriolis, { migrationId: id, deleteDisks }) {
    const { report } = (await isLegacy(coriolis))
      ? await fetchLegacy(coriolis, id)
      : reportOf(await fetchMigration(coriolis, id));
    return {
      subject: {
        id,
        name: report.name,
        status: report.status,
        changed: report.finished_at ?? report.created_at,
      },
      consequences: [
        'Its settings and the history of its runs are lost.',
        ...(report.outcome === 'completed'
          ? [`Deployed machines stay on the destination: ${report.instances.join(', ')}.`]
          : [
              deleteDisks
                ? 'Its copied disks on the destination are removed.'
                : 'Its copied disks stay on the destination and must be removed there.',
            ]),
      ],
      ...(isActive(report.status) ? { refusal: 'it is still running: cancel it first' } : {}),
    };
  },
  async run(coriolis, { migrationId: id, deleteDisks, timeoutSeconds }) {
    if (await isLegacy(coriolis)) {
      await coriolis.client.delete(path`/deployments/${id}`);
      return { id, deleted: true, disks: 'none' };
    }
    const migration = await fetchMigration(coriolis, id);
    const disks = await removeDisks(coriolis, migration, deleteDisks, timeoutSeconds);
    if (disks === 'in_progress' || disks === 'failed') return { id, deleted: false, disks };
    for (const { id: deployment } of migration.deployments) {
      await tolerate(coriolis.client.delete(path`/deployments/${deployment}`), ['not_found'], undefined);
    }
    await coriolis.client.delete(path`/transfers/${id}`);
    return { id, deleted: true, disks };
  },
});

/** Removes the copied disks that no deployment has made machines of. */
async function removeDisks(
  coriolis: Coriolis,
  { transfer, step, executions }: ComposedMigration,
  wanted: boolean,
  timeoutSeconds: number,
): Promise<Removal['disks']> {
  // The machines have taken them.
  if (step.do === 'nothing' && step.outcome === 'completed') return 'none';
  if (!wanted) return executions.length === 0 ? 'none' : 'kept';
  const running =
    step.do === 'wait' && 'execution' in step && purposeOf(step.execution.type) === 'disks_delete';
  const execution = running
    ? step.execution
    : await tolerate(startDisksDeletion(coriolis, transfer.id), ['conflict'], undefined);
  if (execution === undefined) {
    // Refused: there are none, or something is at work, which only a look can tell.
    const now = await fetchMigration(coriolis, transfer.id);
    if (now.step.do === 'wait') {
      throw new ConflictError('The migration is still running.', { advice: 'Cancel it first, and wait.' });
    }
    return 'none';
  }
  const target = { kind: 'execution', transferId: transfer.id, executionId: execution.id } as const;
  const [result] = await waitFor(coriolis, [target], { timeoutSeconds, stallSeconds: timeoutSeconds });
  if (result?.outcome === 'completed') return 'deleted';
  return result?.outcome === 'timed_out' || result?.outcome === 'stalled' ? 'in_progress' : 'failed';
}

export const migrationOperations = [create, list, get, wait, cancel, remove] as const;
