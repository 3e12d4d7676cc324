import { startSandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { isCoriolisError } from '../../src/api/errors';
import type { JsonObject } from '../../src/model/json';
import { prepareCall } from '../../src/prepared-call';
import { connect, one, operationOf, rows, sleepingOn } from '../support/coriolis';

/**
 * Where the server refuses a destructive call, and only there, its preview has said so: every such call about a transfer, its runs and pools, in
 * every state that these can have, on both generations.
 */

type World = Awaited<ReturnType<typeof worldOf>>;

const PLACED = {
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { 'VM Network': 'private', Backend: 'private' },
};

async function worldOf(generation: 'current' | 'legacy', machine: string) {
  const clock = new ManualClock();
  const sandbox = await startSandbox({ clock, generation });
  const coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
  const { id: transferId } = await one(coriolis, 'transfer.create', { ...PLACED, instances: [machine] });
  const { id: minionPoolId } = await one(coriolis, 'minionPool.create', {
    name: 'pool',
    endpointId: 'openstack',
    platform: 'destination',
    environmentOptions: { migr_network: 'private' },
    skipAllocation: true,
  });
  return { clock, sandbox, coriolis, transferId: String(transferId), minionPoolId: String(minionPoolId) };
}

const start = async ({ coriolis, transferId }: World) =>
  await one(coriolis, 'execution.start', { transferId });
async function sync(world: World): Promise<void> {
  await start(world);
  await one(world.coriolis, 'execution.wait', { transferId: world.transferId, timeoutSeconds: 80_000 });
}
const deploy = async ({ coriolis, transferId }: World) =>
  String((await one(coriolis, 'deployment.create', { transferId }))['id']);

/** States of a transfer and a pool, by what has happened; a machine by which the sandbox knows how its run ends. */
const STATES: Readonly<
  Record<string, readonly [machine: string, happen: (world: World) => Promise<unknown>]>
> = {
  new: ['web-01', () => Promise.resolve()],
  running: ['web-01', start],
  synced: ['web-01', sync],
  failed: ['fail-disk-quota-vm', sync],
  canceled: [
    'stuck-vm',
    async (world) => {
      const { coriolis, transferId } = world;
      await start(world);
      await one(coriolis, 'execution.cancel', { transferId, force: true });
      await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    },
  ],
  'without its disks': [
    'web-01',
    async (world) => {
      const { coriolis, transferId } = world;
      await sync(world);
      await one(coriolis, 'transfer.deleteDisks', { transferId });
      await one(coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    },
  ],
  deploying: [
    'web-01',
    async (world) => {
      await sync(world);
      await deploy(world);
    },
  ],
  deployed: [
    'web-01',
    async (world) => {
      await sync(world);
      const deploymentId = await deploy(world);
      await one(world.coriolis, 'deployment.wait', { deploymentId, timeoutSeconds: 80_000 });
    },
  ],
  'with an allocated pool': [
    'web-01',
    async ({ coriolis, minionPoolId }) => {
      await one(coriolis, 'minionPool.allocate', { minionPoolId });
      await one(coriolis, 'minionPool.wait', { minionPoolId, timeoutSeconds: 80_000 });
    },
  ],
  'with a pool at work': [
    'web-01',
    ({ coriolis, minionPoolId }) => one(coriolis, 'minionPool.allocate', { minionPoolId }),
  ],
};

/** Calls, made of the newest run and deployment; undefined where there is none. */
const CALLS: Readonly<
  Record<string, (ids: Readonly<Record<string, string | undefined>>) => JsonObject | undefined>
> = {
  'transfer.delete': ({ transferId }) => ({ transferId }),
  'transfer.deleteDisks': ({ transferId }) => ({ transferId }),
  'endpoint.delete': () => ({ endpointId: 'vcenter' }),
  'execution.start': ({ transferId }) => ({ transferId, shutdownInstances: true }),
  'execution.cancel': ({ transferId, executionId }) =>
    executionId === undefined ? undefined : { transferId, executionId, force: true },
  'execution.delete': ({ transferId, executionId }) =>
    executionId === undefined ? undefined : { transferId, executionId },
  'deployment.cancel': ({ deploymentId }) =>
    deploymentId === undefined ? undefined : { deploymentId, force: true },
  'deployment.delete': ({ deploymentId }) => (deploymentId === undefined ? undefined : { deploymentId }),
  'minionPool.delete': ({ minionPoolId }) => ({ minionPoolId }),
  'minionPool.deallocate': ({ minionPoolId }) => ({ minionPoolId, force: true }),
};

/** The words of a refusal; undefined for success. */
async function refusalOf(ask: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (isCoriolisError(error)) return error.message;
    throw error;
  }
}

const found = { refused: 0, accepted: 0 };

describe.each(['current', 'legacy'] as const)('on a %s server', (generation) => {
  it.each(Object.keys(STATES))('a preview knows what is refused for a transfer: %s', async (state) => {
    const [machine, happen] = STATES[state] ?? [];
    const problems: string[] = [];
    for (const [id, inputOf] of Object.entries(CALLS)) {
      const world = await worldOf(generation, machine ?? '');
      const { coriolis, sandbox, transferId, minionPoolId } = world;
      await happen?.(world);
      const newest = async (list: string) =>
        (await rows(coriolis, list, { transferId }, { limit: 1 }))[0]?.row['id'] as string | undefined;
      const input = inputOf({
        transferId,
        minionPoolId,
        executionId: await newest('execution.getAll'),
        deploymentId: await newest('deployment.getAll'),
      });
      const operation = operationOf(id);
      if (input !== undefined && operation.kind === 'single') {
        const call = await prepareCall(operation, coriolis, input);
        let told: string | undefined;
        const early = await refusalOf(async () => (told = (await call.preview())?.refusal));
        const refused = await refusalOf(() => call.run());
        found[refused === undefined ? 'accepted' : 'refused'] += 1;
        const expected = told ?? early;
        if (refused !== undefined && expected === undefined) problems.push(`${id}: ${refused}`);
        if (refused === undefined && expected !== undefined)
          problems.push(`${id}: accepted, although ${expected}`);
      }
      await sandbox.stop();
    }
    expect(problems).toEqual([]);
  });
});

it('many calls were refused, and many accepted', () => {
  expect(found.refused).toBeGreaterThan(30);
  expect(found.accepted).toBeGreaterThan(60);
});
