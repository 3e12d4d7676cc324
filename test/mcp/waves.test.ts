import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { machine } from '../waves/estate';
import { startUser, type McpUser, type Row } from './support/client';
import { loginOf } from './support/server';
import { tokens } from './support/tokens';

/**
 * A wave of 60 machines over MCP: the caller's table and blueprint travel with the hash, not the rows of the plan, and the
 * preview of the run names each machine that is shut down.
 */

const COUNT = 60;
const names = Array.from({ length: COUNT }, (_one, index) => `shop-${String(index + 1).padStart(2, '0')}`);

let sandbox: Sandbox;
let user: McpUser;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600, machines: names.map((name) => machine(name)) });
  user = await startUser({
    env: loginOf(sandbox),
    args: ['--toolsets', 'default,wave', '--allow-write', '--allow-destroy'],
  });
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

const blueprint = {
  table: ['machine,wave', ...names.map((name) => `${name},Shop`), 'ghost,Shop'].join('\n'),
  origin_endpoint_id: 'vcenter',
  destination_endpoint_id: 'openstack',
  destination_environment: { migr_network: 'private' },
  network_map: { '*': 'private' },
  shutdown_instances: true,
};

it('runs from the table and the hash, after a preview by counts, exceptions and the machines to be shut down', async () => {
  const planned = await user.call('plan_wave', blueprint);
  const { plan_hash: planHash } = planned.structured.result;
  expect(planned.structured.result).toMatchObject({
    machines: COUNT + 1,
    blocked: 1,
    verdict: 'partly_blocked',
  });
  expect(planned.text).toContain('ghost');

  const call: Row = { ...blueprint, plan_hash: planHash, until: 'cut_over', timeout_seconds: 0 };
  const asked = await user.call('run_wave', call);
  const { preview, confirmation_token: token } = asked.structured;
  const lines: readonly string[] = preview.consequences;
  const route = 'Moved from "vcenter" to "openstack": ';
  expect(lines[0]).toBe(`Run until cut over: ${COUNT} of ${COUNT + 1} machines.`);
  const moved = lines.filter((line) => line.startsWith(route)).map((line) => line.slice(route.length, -1));
  expect(moved.join(', ').split(', ')).toEqual(names);
  expect(lines.join('\n')).toMatch(
    /^For these: 1 sync before the deployment\. Networks: .+ → private\. Storage: none is mapped\.$/mu,
  );
  expect(lines).toContain(
    `All of these are shut down, and not started again by Coriolis: ${COUNT} source machines.`,
  );
  expect(preview.consequences.at(-1)).toMatch(/^Left out: ghost, the source has no machine of this name/u);
  // Nothing was started before the confirmation.
  expect(sandbox.requests.count('POST', /\/transfers$/u)).toBe(0);

  const run = await user.call('run_wave', { ...call, confirmation_token: token });
  expect(run.isError).toBe(false);
  expect(run.structured.result).toMatchObject({ machines: COUNT + 1, failed: 1, outcome: 'going_on' });
  expect(sandbox.requests.count('POST', /\/transfers$/u)).toBe(COUNT);

  const board = await user.call('get_wave', { wave: 'Shop' });
  expect(board.structured.result).toMatchObject({ machines: COUNT, outcome: 'going_on' });
  // Tokens that a model reads, and writes: far fewer than 60 rows of a plan or of a board have.
  expect(tokens(planned.text)).toBeLessThanOrEqual(800);
  expect(tokens(JSON.stringify(call))).toBeLessThanOrEqual(600);
  expect(tokens(asked.text)).toBeLessThanOrEqual(1500);
  expect(tokens(run.text)).toBeLessThanOrEqual(800);
  expect(tokens(board.text)).toBeLessThanOrEqual(800);
});

it('leaves out the machine whose disk grew after the approval, by name, and runs the others', async () => {
  const given: Row = { ...blueprint, table: 'machine,wave\nweb-02,Disks\nthree-disks-vm,Disks' };
  const planned = await user.call('plan_wave', { ...given, fields: ['plan_hash', 'rows'] });
  const rows = planned.structured.result['rows'] as readonly Row[];
  sandbox.faults.plan('grown-disks id=three-disks-vm');
  const rowHashes = Object.fromEntries(rows.map((row) => [row['machine'], row['row_hash']]));
  const call: Row = {
    ...given,
    plan_hash: planned.structured.result.plan_hash,
    row_hashes: rowHashes,
    until: 'synced',
    timeout_seconds: 0,
  };

  const asked = await user.call('run_wave', call);
  expect(asked.structured.preview.consequences).toContain(
    'Left out: three-disks-vm, its machine, disks, settings or transfer are not as approved: plan again and have that approved.',
  );
  const run = await user.call('run_wave', {
    ...call,
    confirmation_token: asked.structured.confirmation_token,
  });
  expect(run.structured.result).toMatchObject({
    machines: 2,
    failed: 1,
    exceptions: [{ stage: 'refused', waits_for: 'refused', machines: ['three-disks-vm'] }],
  });
  sandbox.faults.clear();
});
