import type { InstanceFailure } from '../platforms/platform';
import { EventQueue } from './time/event-queue';
import { createEndpoint } from './endpoints/endpoints';
import type { Owner, Endpoint, Execution, InstanceInfo, Transfer, TransferHistoryRecords } from './model';
import { ExecutionEngine } from './runs/execution-engine';
import { historyRecordsOf } from './model';
import { makeTasks, makeSyncPlan } from './runs/task-plans';
import { Random } from './random';
import { makeTaskContext } from './transfers/executions';
import type { World } from './world';

const DAY = 86_400;
const HOUR = 3600;

/** The two initial endpoints of a project. */
export interface EndpointPair {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** Names of machines for generated transfers. */
const MACHINES = [
  'web-01',
  'web-02',
  'web-03',
  'app-01',
  'app-02',
  'db-01',
  'db-02',
  'win-dc-01',
  'win-sql-01',
  'jenkins',
  'gitlab',
] as const;

/** Failures for past syncs: the last sync of a transfer whose outcome is `ERROR` has one of them. */
const NIGHTLY_FAILURES: readonly [InstanceFailure, ...InstanceFailure[]] = [
  {
    taskType: 'REPLICATE_DISKS',
    atPercent: 37,
    message: 'The ESXi host performing the CBT export refused connection.',
    event: 'Lost connection to the source host',
  },
  {
    taskType: 'DEPLOY_TRANSFER_TARGET_RESOURCES',
    message: 'Operation timed out after waiting 600s for the instance to be accessible via SSH.',
  },
  {
    taskType: 'DEPLOY_TRANSFER_DISKS',
    message:
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 200G, quota is 1000G and ' +
      '950G has been consumed. (HTTP 413)',
  },
];

/** Adds a vCenter and an OpenStack endpoint with valid credentials. */
export function addEndpointPair(
  world: World,
  owner: Owner,
  names: { source: string; destination: string },
): EndpointPair {
  return {
    source: createEndpoint(world, owner, {
      name: names.source,
      type: 'vmware_vsphere',
      description: 'The vCenter that virtual machines come from',
      connectionInfo: {
        host: `${names.source}.example.com`,
        port: 443,
        username: 'administrator@vsphere.local',
        password: 'sandbox-vcenter',
        allow_untrusted: true,
      },
      mappedRegions: [],
    }),
    destination: createEndpoint(world, owner, {
      name: names.destination,
      type: 'openstack',
      description: 'The OpenStack cloud that virtual machines go to',
      connectionInfo: {
        auth_url: `https://${names.destination}.example.com:5000/v3`,
        username: 'migration',
        password: 'sandbox-openstack',
        project_name: 'migration',
      },
      mappedRegions: [],
    }),
  };
}

/** Specification of a transfer that already has syncs when the sandbox starts. */
interface PastTransfer {
  readonly instances: readonly string[];
  readonly notes: string;
  /** Whole seconds since the epoch. */
  readonly createdAt: number;
  /** Number of syncs, one a day. */
  readonly runs: number;
  /** Status of the last sync; earlier ones completed. */
  readonly outcome: 'COMPLETED' | 'ERROR' | 'UNEXECUTED';
  /** End of the last sync, in whole seconds since the epoch. */
  readonly finishedAt: number;
  readonly seed: number;
  /** Whether the logs contain its syncs; default no, because the syncs of many transfers would fill the logs. */
  readonly logged?: boolean;
}

/** Adds the initial transfers: one that completed, one that failed last night, one never executed. */
export function addInitialTransfers(world: World, owner: Owner, endpoints: EndpointPair): void {
  const now = world.serverSeconds();
  const add = (past: Omit<PastTransfer, 'seed'>): void => {
    const seed = Math.floor(world.random.next() * 4294967296);
    // The executions are simulated now, not when they are first read, so that the logs contain them.
    historyRecordsOf(addPastTransfer(world, owner, endpoints, { ...past, seed, logged: true }));
  };
  add({
    instances: ['web-01'],
    notes: 'Web server, nightly replica',
    createdAt: now - 6 * DAY,
    runs: 5,
    outcome: 'COMPLETED',
    finishedAt: now - 9 * HOUR,
  });
  add({
    instances: ['db-01'],
    notes: 'Database, nightly replica',
    createdAt: now - 4 * DAY,
    runs: 3,
    outcome: 'ERROR',
    finishedAt: now - 8 * HOUR,
  });
  add({
    instances: ['test-vm-01'],
    notes: 'Not executed yet',
    createdAt: now - 2 * HOUR,
    runs: 0,
    outcome: 'UNEXECUTED',
    finishedAt: 0,
  });
}

/** Adds a transfer of `owner`, a user of the other project. Callers of the first project cannot see it. */
export function addForeignTransfer(world: World, owner: Owner, endpoints: EndpointPair): void {
  const now = world.serverSeconds();
  addPastTransfer(world, owner, endpoints, {
    instances: ['gitlab'],
    notes: 'Belongs to another project',
    createdAt: now - 3 * DAY,
    runs: 2,
    outcome: 'COMPLETED',
    finishedAt: now - 7 * HOUR,
    seed: 1,
  });
}

/**
 * Adds any number of transfers, most of them replicated every night. Executions and tasks are made when they are first
 * read.
 */
export function addGeneratedTransfers(
  world: World,
  owner: Owner,
  endpoints: EndpointPair,
  count: number,
): void {
  const now = world.serverSeconds();
  for (let index = 0; index < count; index += 1) {
    const { random } = world;
    const machine = random.pick(MACHINES);
    const fate = random.next();
    const outcome = fate < 0.06 ? 'UNEXECUTED' : fate < 0.13 ? 'ERROR' : 'COMPLETED';
    const age = random.integer(2, 400);
    addPastTransfer(world, owner, endpoints, {
      instances: [machine],
      notes: `${machine} (${index + 1})`,
      createdAt: now - age * DAY - random.integer(0, DAY),
      runs: outcome === 'UNEXECUTED' ? 0 : Math.min(age, random.integer(1, 14)),
      outcome,
      finishedAt: now - random.integer(HOUR, 14 * HOUR),
      seed: Math.floor(random.next() * 4294967296),
    });
  }
}

const SOURCE_ENVIRONMENT = { automatically_enable_cbt: true, vixdisklib_compression: 'zlib' };
const NETWORK_MAP = { 'VM Network': 'private', Backend: 'storage-net' };
const STORAGE_MAPPINGS = { default: 'ceph-ssd' };
const DESTINATION_ENVIRONMENT = {
  migr_network: 'private',
  set_dhcp: true,
  network_map: NETWORK_MAP,
  storage_mappings: STORAGE_MAPPINGS,
};

function addPastTransfer(world: World, owner: Owner, endpoints: EndpointPair, past: PastTransfer): Transfer {
  const executed = past.runs > 0;
  const transfer: Transfer = {
    id: world.makeId(),
    projectId: owner.projectId,
    userId: owner.userId,
    scenario: 'replica',
    instances: past.instances,
    originEndpointId: endpoints.source.id,
    destinationEndpointId: endpoints.destination.id,
    sourceEnvironment: SOURCE_ENVIRONMENT,
    destinationEnvironment: DESTINATION_ENVIRONMENT,
    networkMap: NETWORK_MAP,
    storageMappings: STORAGE_MAPPINGS,
    userScripts: {},
    notes: past.notes,
    cloneDisks: true,
    skipOsMorphing: false,
    osMorphingPools: {},
    lastExecutionStatus: past.outcome,
    createdAt: past.createdAt,
    updatedAt: executed ? past.finishedAt : null,
    deletedAt: null,
    originMinionPoolId: null,
    destinationMinionPoolId: null,
    records: executed ? () => simulatePastSyncs(world, transfer, past) : { executions: [], info: {} },
  };
  return world.transfers.add(transfer);
}

/** Simulates the past syncs of a transfer, one a day. */
function simulatePastSyncs(world: World, transfer: Transfer, past: PastTransfer): TransferHistoryRecords {
  const random = new Random(past.seed);
  const info: Record<string, InstanceInfo> = {};
  const executions: Execution[] = [];
  for (let number = 1; number <= past.runs; number += 1) {
    const last = number === past.runs;
    const failure = last && past.outcome === 'ERROR' ? random.pick(NIGHTLY_FAILURES) : undefined;
    const finishedAt = past.finishedAt - (past.runs - number) * DAY;
    const seed = Math.floor(random.next() * 4294967296);
    // Simulated twice, because the length of a run is only known at its end: first for the length, then with the right
    // times.
    const rehearsal = { seed, number, startedAt: 0, info: structuredClone(info), failure };
    const length = simulateSync(world, transfer, rehearsal).updatedAt ?? 0;
    const startedAt = finishedAt - length;
    const logged = past.logged === true;
    executions.push(simulateSync(world, transfer, { ...rehearsal, info, startedAt, logged }));
  }
  return { executions, info };
}

function simulateSync(
  world: World,
  transfer: Transfer,
  run: {
    seed: number;
    number: number;
    /** Whole seconds since the epoch. */
    startedAt: number;
    info: Record<string, InstanceInfo>;
    failure: InstanceFailure | undefined;
    logged?: boolean;
  },
): Execution {
  const random = new Random(run.seed);
  const agenda = new EventQueue();
  let moment = run.startedAt * 1000;
  let lastLine = 0;
  const engine = new ExecutionEngine({
    eventQueue: agenda,
    random,
    speed: 1,
    simulatedMs: () => moment,
    serverSeconds: () => Math.floor(moment / 1000),
    newId: () => random.uuid(),
    clusters: world.features.clusters,
    watcherQuirks: world.features.watcherQuirks,
    isFaultActive: () => false,
    log: (remark) => {
      lastLine = Math.max(Math.floor(moment * 1000), lastLine + 1);
      if (run.logged) world.addLogLine(remark, lastLine);
    },
  });
  const id = random.uuid();
  const execution: Execution = {
    id,
    actionId: transfer.id,
    type: 'transfer_execution',
    status: 'UNEXECUTED',
    number: run.number,
    tasks: makeTasks(makeSyncPlan({ shutdownInstances: false }), {
      executionId: id,
      instances: transfer.instances,
      createdAt: run.startedAt,
      random,
    }),
    createdAt: run.startedAt,
    updatedAt: null,
    deletedAt: null,
  };
  engine.start({
    ...makeTaskContext(world, transfer),
    hasWorker: () => true,
    // A copy, because the simulation changes the status, and the transfer already has its final one.
    action: { ...transfer },
    execution,
    info: run.info,
    changes: {},
    ...(run.failure ? { plannedFailure: run.failure } : {}),
    onFinished: () => undefined,
  });
  for (let due = agenda.takeDue(Infinity); due; due = agenda.takeDue(Infinity)) {
    moment = due.at;
    due.happen();
  }
  return execution;
}
