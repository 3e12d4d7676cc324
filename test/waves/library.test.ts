import { connect, type CoriolisApi } from '../../library';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { machines } from './estate';

/** The names that programs rely on, end to end. */

let sandbox: Sandbox;
let coriolis: CoriolisApi;

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 2000, machines: machines(4) });
  const { auth_url, username, password, project, user_domain, project_domain } = sandbox.connection;
  coriolis = connect({
    authUrl: auth_url,
    username,
    password,
    projectName: project,
    userDomainName: user_domain,
    projectDomainName: project_domain,
  });
});
afterAll(() => sandbox.stop());

const blueprint = {
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { '*': 'private' },
  shutdownInstances: true,
};

it('plans a table, runs exactly the plan, shows the board, reports and verifies', async () => {
  const input = { ...blueprint, table: 'machine,wave\nwave-001,W 1\nwave-002,W 1\nghost,W 1' };
  const plan = await coriolis.waves.plan(input);
  expect(plan).toMatchObject({ verdict: 'partly_blocked', machines: 3, blocked: 1 });
  expect(plan.rows.map(({ machine, status }) => [machine, status])).toEqual([
    ['wave-001', 'ready'],
    ['wave-002', 'ready'],
    ['ghost', 'blocked'],
  ]);

  // The rows of a plan are as good a table as the table.
  const { wave: _wave, ...again } = { ...input, wave: undefined, table: undefined, rows: plan.rows };
  expect((await coriolis.waves.plan(again)).plan_hash).toBe(plan.plan_hash);

  const planHash = plan.plan_hash;
  await expect(
    coriolis.waves.run({ ...input, planHash: 'f'.repeat(64), timeoutSeconds: 0 }),
  ).rejects.toMatchObject({
    kind: 'conflict',
  });
  const prepared = await coriolis.waves.run({ ...input, planHash, until: 'prepared', only: ['wave-001'] });
  expect(prepared.rows).toMatchObject([
    { machine: 'wave-001', stage: 'synced' },
    { machine: 'wave-002', waits_for: 'only' },
    { machine: 'ghost', stage: 'blocked' },
  ]);
  const moved = await coriolis.waves.run({ ...input, planHash, until: 'cut_over' });
  expect(moved).toMatchObject({ done: 2, failed: 1, attention: [] });

  expect(await coriolis.waves.get({ wave: 'W 1' })).toMatchObject({
    machines: 2,
    done: 2,
    outcome: 'completed',
  });

  const { report, html } = await coriolis.waves.report({
    wave: 'W 1',
    planHash,
    approvals: [{ by: 'Anna', at: '2026-12-05T20:00:00Z', reference: 'CHG-7' }],
    html: true,
  });
  expect(report).toMatchObject({ plan_hash: planHash, totals: { machines: 2, done: 2, open: 0 } });
  expect(html).toContain('CHG-7');
  const verified = await coriolis.waves.report({
    wave: 'W 1',
    verify: JSON.parse(JSON.stringify(report)) as never,
  });
  expect(verified).toMatchObject({ agrees: true, differences: [] });
  const forged = JSON.parse(JSON.stringify(report).replace('CHG-7', 'CHG-8')) as object;
  expect(await coriolis.waves.report({ wave: 'W 1', verify: forged as never })).toMatchObject({
    agrees: false,
    differences: ['approvals is not what the manifest says'],
  });

  expect((await coriolis.waves.abandon({ wave: 'W 1' })).rows.map(({ action }) => action)).toEqual([
    'kept',
    'kept',
  ]);
});

it('drills with the newest copies', async () => {
  const input = { ...blueprint, rows: [{ machine: 'wave-003' }, { machine: 'wave-004' }], wave: 'DR' };
  const { plan_hash: planHash } = await coriolis.waves.plan(input);
  await coriolis.waves.run({ ...input, planHash, until: 'synced', only: ['wave-003'] });
  await coriolis.waves.run({ ...input, planHash, until: 'prepared', only: ['wave-004'], timeoutSeconds: 0 });
  const drill = await coriolis.drills.run({
    search: '[wave "DR"',
    rpoTargetSeconds: 3600,
    rtoTargetSeconds: 3600,
  });
  expect(drill.rows).toMatchObject(
    drill.rows.map(({ name }) => ({
      state: name.includes('wave-003') ? 'passed' : (expect.any(String) as string),
    })),
  );
  expect(drill.to_remove).toContainEqual({
    machine: 'wave-003',
    deployment_id: expect.any(String) as string,
  });
  const report = await coriolis.drills.report({ search: '[wave "DR"', since: drill.since });
  expect(report).toMatchObject({ deployed: drill.deployed, report_hash: expect.any(String) as string });
});
