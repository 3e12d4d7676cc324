import type { Coriolis } from '../../src/api/operation-context';
import { catalogue } from '../../src/catalogue';
import type { JsonObject } from '../../src/model/json';
import { operationId, type SingleOperation } from '../../src/operation';
import { one, rows } from '../support/coriolis';
import { MOVE } from '../support/job';

/** Changes of the catalogue that create or start something, and how to count what they made. */

/** One call of a change on a server. */
export interface Prepared {
  readonly input: JsonObject;
  /** Ids of what calls with this input made, as the server shows them; numbers where the work has no id. */
  made(): Promise<readonly string[]>;
}

export type Prepare = (coriolis: Coriolis, tag: string) => Promise<Prepared>;

type Row = JsonObject & { readonly id: string; readonly name?: string; readonly status?: string };

const listed = async (coriolis: Coriolis, list: string, given: JsonObject = {}): Promise<readonly Row[]> =>
  (await rows<Row>(coriolis, list, given)).map(({ row }) => row);

/** Objects that have the tag as their name. */
const named = (list: string, input: (tag: string) => JsonObject): Prepare => {
  return (coriolis, tag) =>
    Promise.resolve({
      input: input(tag),
      made: async () =>
        (await listed(coriolis, list))
          .filter(({ name, status }) => name === tag && status !== 'CANCELED' && status !== 'CANCELLING')
          .map(({ id }) => id),
    });
};

const machines = ['web-01', 'web-02', 'web-03', 'app-01', 'app-02', 'db-01', 'db-02'];
const machineFor = (tag: string): string => machines[tag.length % machines.length] ?? 'web-01';

const newTransfer = async (coriolis: Coriolis, tag: string): Promise<string> => {
  const input = { ...MOVE, instances: [machineFor(tag)], notes: `${tag} prepared`, checkInstances: false };
  return (await one<Row>(coriolis, 'transfer.create', input)).id;
};

/** A transfer with a completed sync. */
const syncedTransfer = async (coriolis: Coriolis, tag: string): Promise<string> => {
  const transferId = await newTransfer(coriolis, tag);
  await one(coriolis, 'execution.start', { transferId });
  await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 3_000 });
  return transferId;
};

const executionsOf = (type: string, transfer: typeof newTransfer, input: JsonObject = {}): Prepare => {
  return async (coriolis, tag) => {
    const transferId = await transfer(coriolis, tag);
    return {
      input: { transferId, ...input },
      made: async () =>
        (await listed(coriolis, 'execution.getAll', { transferId }))
          .filter((row) => row['type'] === type && row.status !== 'UNEXECUTED')
          .map(({ id }) => id)
          .slice(type === 'transfer_execution' && transfer === syncedTransfer ? 1 : 0),
    };
  };
};

const pool = (name: string): JsonObject => ({
  name,
  endpointId: MOVE.destinationEndpointId,
  platform: 'destination',
  environmentOptions: { migr_network: 'private' },
});

/** Actions on a pool, counted by the events that they leave. */
const poolAction = (event: string, isAllocated: boolean): Prepare => {
  return async (coriolis, tag) => {
    const { id } = await one<Row>(coriolis, 'minionPool.create', {
      ...pool(tag),
      skipAllocation: !isAllocated,
    });
    if (isAllocated) await one(coriolis, 'minionPool.wait', { minionPoolId: id, timeoutSeconds: 3_000 });
    return {
      input: { minionPoolId: id },
      async made() {
        const { minion_pool: now } = await coriolis.client.get<{
          minion_pool: { events: ReadonlyArray<{ id: string; message: string }> };
        }>(`/minion_pools/${id}`);
        return now.events.filter(({ message }) => message === event).map((one) => one.id);
      },
    };
  };
};

/** What is there now and was not before. */
const added = (ids: () => Promise<readonly string[]>, input: JsonObject): Promise<Prepared> =>
  ids().then((before) => ({
    input,
    made: async () => (await ids()).filter((id) => !before.includes(id)),
  }));

const idsOf = async (coriolis: Coriolis, list: string, given?: JsonObject): Promise<readonly string[]> =>
  (await listed(coriolis, list, given)).map(({ id }) => id);

/** The changes by `resource.name`. */
export const CHANGES: Readonly<Record<string, Prepare>> = {
  'endpoint.create': named('endpoint.getAll', (tag) => ({
    name: tag,
    type: 'vmware_vsphere',
    connection: { host: 'h.example.com', port: 443, username: 'u', password: 'p', allow_untrusted: true },
    skipValidation: true,
  })),
  'transfer.create': named('transfer.getAll', (tag) => ({
    ...MOVE,
    instances: [machineFor(tag)],
    notes: tag,
    checkInstances: false,
  })),
  'region.create': named('region.getAll', (tag) => ({ name: tag })),
  'migration.create': named('migration.getAll', (tag) => ({
    ...MOVE,
    instances: [machineFor(tag)],
    notes: tag,
    checkInstances: false,
  })),
  'minionPool.create': named('minionPool.getAll', pool),
  async 'schedule.create'(coriolis, tag) {
    const transferId = await newTransfer(coriolis, tag);
    return {
      input: { transferId, minute: 30, hour: 3 },
      made: () => idsOf(coriolis, 'schedule.getAll', { transferId }),
    };
  },
  'execution.start': executionsOf('transfer_execution', newTransfer),
  'transfer.update': executionsOf('transfer_update', newTransfer, { notes: 'changed' }),
  'transfer.deleteDisks': executionsOf('transfer_disks_delete', syncedTransfer),
  async 'deployment.create'(coriolis, tag) {
    const transferId = await syncedTransfer(coriolis, tag);
    return { input: { transferId }, made: () => idsOf(coriolis, 'deployment.getAll', { transferId }) };
  },
  'minionPool.allocate': poolAction('Begun minion pool allocation process', false),
  'minionPool.deallocate': poolAction('Begun minion pool deallocation process', true),
  'minionPool.refresh': poolAction('Begun minion pool refreshing process', true),
  'service.create': async (coriolis, tag) => {
    const ids = async (): Promise<readonly string[]> =>
      (await listed(coriolis, 'service.getAll')).filter((row) => row['host'] === tag).map(({ id }) => id);
    return await added(ids, { host: tag, binary: 'coriolis-worker', topic: 'coriolis_worker' });
  },
  'licence.createAppliance': (coriolis) => added(() => idsOf(coriolis, 'licence.getAppliances'), {}),
  async 'licence.register'(coriolis) {
    const [applianceId = ''] = await idsOf(coriolis, 'licence.getAppliances');
    return await added(() => idsOf(coriolis, 'licence.getAll', { applianceId }), {
      applianceId,
      licencePem: '-----BEGIN LICENCE-----\nbm8gcmVhbCBsaWNlbmNl\n-----END LICENCE-----',
    });
  },
};

/** Changes without a row above, and why. */
const OTHERS: ReadonlyArray<readonly [name: RegExp, reason: string]> = [
  [/\.(?:delete|cancel|abandon)$/u, 'ends or removes what a repetition does not find any more'],
  [/^(?:wave|drill)\./u, 'test/waves plays them with lost answers and killed callers'],
  [/^migration\.wait$/u, 'computes its step from the state of the server: test/unit/playbooks'],
];

/** Changes of the catalogue that neither have a row nor a reason to have none. */
export const missingChanges = (): readonly string[] =>
  catalogue
    .filter(
      (operation) => operation.effect !== 'read' && !('idempotent' in operation && operation.idempotent),
    )
    .map(operationId)
    .filter((id) => !(id in CHANGES) && !OTHERS.some(([name]) => name.test(id)));

/** Whether equal calls through the MCP server, and with Return Existing, make one object. */
export const isMadeOnce = (operation: SingleOperation): boolean =>
  operation.deduplication?.withdraw !== undefined;
