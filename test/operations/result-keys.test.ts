import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { catalogue } from '../../src/catalogue';
import { isObject, type JsonObject } from '../../src/model/json';
import { operationId } from '../../src/operation';
import type { Shape } from '../../src/vocabulary/result-keys';
import { connect, one, operationOf, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

/**
 * Keys of composed results against their descriptions: a result has exactly the described keys, and each described key
 * has a value in some result of one long scenario.
 */

/** Keys that the scenario leaves empty, each with the reason. A key that gets a value must leave this list. */
const EMPTY: Readonly<Record<string, readonly string[]>> = {
  // Each machine of the sandbox has a CD-ROM drive, which is worth a note.
  'instance.assess': ['ready'],
  // A second sync of all data needs a reset of the copies.
  'transfer.getHistory': ['full.trend_percent'],
  // All clean-ups of the scenario succeed, and nothing completes after a failure.
  'execution.diagnose': ['completed_since', 'leftovers'],
  'deployment.diagnose': ['completed_since', 'leftovers'],
  'estate.diagnose': ['completed_since', 'leftovers'],
};

const composed = catalogue
  .filter(({ kind, result, output }) => {
    const keys = Object.values(output.shape);
    return kind === 'single' && result?.whole === true && keys.some((one) => one.keys ?? one.rendered);
  })
  .map(operationId)
  .concat('wave.report');

const clock = new ManualClock();
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
/** Paths of keys that had a value, by description: several operations can share one. */
const filled = new Map<Shape, Set<string>>();
/** Differences between results and descriptions. */
const differences: string[] = [];

const pathsOf = (shape: Shape, before = ''): readonly string[] =>
  Object.entries(shape).flatMap(([name, { keys }]) => [
    `${before}${name}`,
    ...(keys === undefined ? [] : pathsOf(keys, `${before}${name}.`)),
  ]);

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);

/** Compares a result, or one object in it, with its description. */
function record(id: string, result: JsonObject, shape: Shape, before = ''): void {
  const whole = operationOf(id).output.shape;
  const names = Object.keys(shape);
  if (Object.keys(result).join() !== names.join()) {
    differences.push(`${id} ${before}: ${Object.keys(result).join()} instead of ${names.join()}`);
  }
  for (const [name, { keys, nullable }] of Object.entries(shape)) {
    const value = result[name];
    const path = `${before}${name}`;
    if (value === undefined || (value === null && !nullable)) differences.push(`${id} ${path}: no value`);
    if (isEmpty(value)) continue;
    filled.set(whole, (filled.get(whole) ?? new Set()).add(path));
    if (keys === undefined) continue;
    for (const part of [value].flat().filter(isObject)) record(id, part, keys, `${path}.`);
  }
}

/** Performs an operation and records its result. */
async function perform<Result = JsonObject>(id: string, given: JsonObject = {}): Promise<Result> {
  const result = await one(coriolis, id, given);
  record(id, result, operationOf(id).output.shape);
  return result as Result;
}

const blueprint = {
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
};

const transferOf = (instance: string) =>
  createTransfer(coriolis, instance, { notes: `Result of ${instance}` });

async function synced(instance: string): Promise<string> {
  const transferId = await transferOf(instance);
  await one(coriolis, 'execution.start', { transferId });
  await perform('execution.wait', { transferId, timeoutSeconds: 80_000 });
  return transferId;
}

/** Lets a time pass in which the world moves on step by step. */
async function pass(hours: number): Promise<void> {
  for (let minutes = 0; minutes < hours * 60; minutes += 5) {
    clock.advance(300);
    await coriolis.client.get('/transfers', { query: { limit: 1 } });
  }
}

beforeAll(async () => {
  sandbox = await startSandbox({ clock });
  coriolis = connect(sandbox, sandbox.connection.admin, { ...sleepingOn(clock), random: () => 0.5 });
});
afterAll(() => sandbox.stop());

it('a scenario runs through all composed results', async () => {
  const [appliance] = sandbox.licensing.appliances.values();
  if (appliance !== undefined) sandbox.licensing.addLicence(appliance, { days: 20 });
  await perform('instance.assess', {
    endpointId: 'vcenter',
    instances: [
      'web-01',
      'test-vm-01',
      'mail-01',
      'gitlab',
      'monitoring',
      'proxy-01',
      'firewall-01',
      'ghost',
    ],
  });

  // A replica that is deployed, by a drill and twice.
  const moved = await synced('web-01');
  await perform('transfer.preflight', { transferId: moved, purpose: 'deployment' });
  const { id: deploymentId } = await one<{ id: string }>(coriolis, 'deployment.create', {
    transferId: moved,
  });
  await perform('deployment.wait', { deploymentId, timeoutSeconds: 80_000 });
  clock.advance(600);
  const { since } = await perform<{ since: string }>('drill.run', {
    search: 'Result of web',
    timeoutSeconds: 80_000,
  });
  const drill = { search: 'Result of web', since, rpoTargetSeconds: 60 };
  const drillReport = await perform('drill.report', { ...drill, approvals: [{ by: 'Anna' }] });
  await perform('drill.report', { verify: { ...drillReport, outcome: 'another' } });
  await perform('report.drill', drill);

  // One that Coriolis deploys by itself.
  const automatic = await transferOf('web-02');
  await one(coriolis, 'execution.start', { transferId: automatic, autoDeploy: true });
  await perform('execution.wait', { transferId: automatic, timeoutSeconds: 80_000 });

  // One that fails twice, with what its tasks said.
  const failed = await synced('fail-replication-vm');
  await one(coriolis, 'execution.start', { transferId: failed });
  await one(coriolis, 'execution.wait', { transferId: failed, timeoutSeconds: 80_000 });
  await perform('execution.diagnose', { transferId: failed });
  await perform('transfer.getHistory', { transferId: failed, since: '30d' });
  for (let run = 0; run < 5; run += 1) {
    await one(coriolis, 'execution.start', { transferId: moved });
    await one(coriolis, 'execution.wait', { transferId: moved, timeoutSeconds: 80_000 });
  }
  await perform('transfer.getHistory', { transferId: moved, since: '30d' });
  await perform('transfer.preflight', { transferId: moved, purpose: 'execution' });

  const broken = await synced('fail-deploy-vm');
  const { id: lost } = await one<{ id: string }>(coriolis, 'deployment.create', { transferId: broken });
  await perform('deployment.wait', { deploymentId: lost, timeoutSeconds: 80_000 });
  await perform('deployment.diagnose', { deploymentId: lost });
  await perform('drill.run', { search: 'Result of fail-deploy', timeoutSeconds: 80_000 });

  // One that stands still, one that runs, one that never ran, and a host that is down.
  const stuck = await transferOf('stuck-vm');
  await one(coriolis, 'execution.start', { transferId: stuck });
  await pass(4);
  const running = await transferOf('slow-vm');
  await one(coriolis, 'execution.start', { transferId: running });
  await transferOf('web-03');
  clock.advance(60);
  await perform('estate.wait', { executions: [stuck, running, failed, automatic, moved], timeoutSeconds: 5 });
  await perform('execution.diagnose', { transferId: stuck });
  await perform('execution.wait', { transferId: running, timeoutSeconds: 300 });
  await perform('estate.wait', { executions: [running], timeoutSeconds: 5 });
  await perform('execution.wait', { transferId: stuck, timeoutSeconds: 80_000, stallSeconds: 60 });
  for (const worker of [...sandbox.world.services.values()]) {
    sandbox.world.services.set('down', { ...worker, id: 'down', host: 'worker-2', status: 'DOWN' });
  }
  const { id: minionPoolId } = await one<{ id: string }>(coriolis, 'minionPool.create', {
    name: 'helpers',
    endpointId: 'openstack',
    platform: 'destination',
    environmentOptions: { migr_network: 'private', migr_flavor_name: 'no-such-flavor' },
  });
  await perform('minionPool.wait', { minionPoolId, timeoutSeconds: 80_000 });
  await perform('estate.summarize', { hours: 1 });
  await perform('estate.summarize', { hours: 24 });
  await perform('report.estate', { hours: 1 });
  await perform('report.rpo', { rpoTargetSeconds: 60 });

  // A wave, with a machine that cannot be moved and a network without a destination.
  const input = {
    ...blueprint,
    networkMap: { 'VM Network': 'private' },
    defaultStorage: 'ceph-ssd',
    shutdownInstances: true,
    table:
      'machine,wave,owner,notes,not_before\napp-01,W 1,Anna,Result of app-01,2026-01-01T00:00:00Z\nfail-os-morphing-vm,W 1,,,\nproxy-01,W 1,,,\nghost,W 1,,,\n,W 1,,,',
  };
  const { plan_hash: planHash } = await perform<{ plan_hash: string }>('wave.plan', input);
  await perform('wave.run', { ...input, planHash, until: 'prepared', maxParallel: 1, timeoutSeconds: 30 });
  await perform('wave.plan', input);
  for (let look = 0; look < 40; look += 1) {
    clock.advance(15);
    await perform('wave.get', { wave: 'W 1' });
  }
  sandbox.faults.plan('POST /transfers/*/executions status=409 times=1');
  await perform('wave.run', { ...input, planHash, until: 'cut_over', timeoutSeconds: 80_000 });
  await perform('wave.get', { wave: 'W 1' });
  const { report } = await perform<{ report: JsonObject }>('wave.report', { wave: 'W 1', html: true });
  await perform('wave.report', { wave: 'W 1', verify: { ...report, plan_hash: 'another' } });
  await perform('report.wave', { wave: 'W 1' });
  await perform('wave.abandon', { wave: 'W 1' });
});

it('results have the described keys, in their order', () => {
  expect(differences).toEqual([]);
});

it.each(composed)('%s has a value for each described key', (id) => {
  const { shape } = operationOf(id).output;
  const empty = pathsOf(shape).filter((path) => filled.get(shape)?.has(path) !== true);

  expect(empty).toEqual(EMPTY[id] ?? []);
});
