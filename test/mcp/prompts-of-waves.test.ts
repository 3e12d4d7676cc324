import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { connect, one } from '../support/coriolis';
import { createTransfer } from '../support/transfers';
import { machine } from '../waves/estate';
import { startUser, type McpUser, type Row, type Tool } from './support/client';
import { loginOf } from './support/server';

/** What the prompts about waves and drills say can be done, in their order, with the tools and names that they give. */

const names = ['shop-01', 'shop-02', 'shop-03'];
const table = ['machine,wave', ...names.map((name) => `${name},Shop`)].join('\n');

let sandbox: Sandbox;
let user: McpUser;
let tools: ReadonlyMap<string, Tool>;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600, machines: names.map((name) => machine(name)) });
  user = await startUser({
    env: loginOf(sandbox),
    args: ['--toolsets', 'all', '--allow-write', '--allow-destroy'],
  });
  tools = new Map((await user.tools()).map((tool) => [tool.name, tool]));
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

/** Tools that a text names, in order. */
const toolsOf = (text: string): readonly string[] =>
  [...text.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/gu)].map(([word]) => word).filter((word) => tools.has(word));

/** Words of a text that are written as inputs, choices or keys of results: in snake case or in quotation marks. */
const codeWordsOf = (text: string): readonly string[] => [
  ...new Set(
    [...text.matchAll(/\b[a-z]+(?:_[a-z]+)+\b|"([a-z_]+)"/gu)].map(([word, quoted]) => quoted ?? word),
  ),
];

/** Keys deep in results, which have no schema; the test below meets them. */
const DEEP_KEYS = ['report_hash'];

/** Calls a tool until nothing goes on, with the confirmation that it asks for. */
async function callUntilEnd(tool: string, given: Row): Promise<Row> {
  for (;;) {
    const asked = await user.call(tool, given);
    const done =
      'confirmation_token' in asked.structured
        ? await user.call(tool, { ...given, confirmation_token: asked.structured.confirmation_token })
        : asked;
    expect([tool, done.isError, done.isError ? done.text : '']).toEqual([tool, false, '']);
    const { result } = done.structured;
    if (result['outcome'] !== 'going_on') return result;
  }
}

it('every tool, input, choice and key that they name is one', async () => {
  const given = {
    wave: 'Shop',
    hash: 'x',
    table,
    origin: 'vcenter',
    destination: 'openstack',
    group: 'Shop',
  };
  for (const prompt of ['plan_wave', 'plan_wave_from_table', 'cut_over_wave', 'cut_over', 'drill']) {
    const text = (await user.library.prompt(prompt, { ...given, transfer: 'x' })).replaceAll(
      JSON.stringify(table),
      '',
    );
    const named = toolsOf(text);
    expect([prompt, named.length > 0]).toEqual([prompt, true]);
    const schemas = named.map((name) => JSON.stringify(tools.get(name)));
    const unknown = codeWordsOf(text)
      .filter((word) => !Object.values(given).includes(word) && !tools.has(word) && !DEEP_KEYS.includes(word))
      .filter((word) => !schemas.some((schema) => schema.includes(`"${word}"`)));
    expect([prompt, unknown]).toEqual([prompt, []]);
  }
});

it('a table is handed on as it is', async () => {
  const long = [
    'machine,wave,notes',
    ...Array.from({ length: 200 }, (_one, at) => `web-${at},W 1,"a\tb"`),
  ].join('\r\n');
  const text = await user.library.prompt('plan_wave_from_table', {
    table: long,
    origin: 'vcenter',
    destination: 'openstack',
  });
  const [, quoted = '""'] = /the machines of ("(?:[^"\\]|\\.)*")/u.exec(text) ?? [];
  expect((JSON.parse(quoted) as string).split('\n')).toHaveLength(201);
  expect(JSON.parse(quoted)).toContain('\nweb-199,W 1,');
});

it('a wave is planned, cut over and reported, and its group rehearsed, as they say', async () => {
  const blueprint = {
    table,
    origin_endpoint_id: 'vcenter',
    destination_endpoint_id: 'openstack',
  };
  const planning = await user.library.prompt('plan_wave_from_table', {
    table,
    origin: 'vcenter',
    destination: 'openstack',
  });
  expect(toolsOf(planning)).toEqual(['plan_wave', 'plan_hash'].filter((name) => tools.has(name)));
  const first = await user.call('plan_wave', blueprint);
  // Networks have no destination yet: the second step asks for them, and plans again.
  expect(first.structured.result['unmapped']).toEqual(
    expect.arrayContaining([expect.objectContaining({ kind: 'network', name: 'VM Network' })]),
  );
  const settings = {
    ...blueprint,
    network_map: { 'VM Network': 'private' },
    default_storage: 'ceph-ssd',
    destination_environment: { migr_network: 'private' },
    shutdown_instances: true,
  };
  const { result: plan } = (await user.call('plan_wave', settings)).structured;
  expect(plan).toMatchObject({ verdict: 'ready', unmapped: [], checks: expect.any(Array) as unknown });

  const hash = String(plan['plan_hash']);
  const cutting = await user.library.prompt('cut_over_wave', { wave: 'Shop', hash, approval: 'Anna, CHG-7' });
  expect(toolsOf(cutting)).toEqual(['get_wave', 'run_wave', 'run_wave', 'report_wave']);
  // It has not begun.
  expect((await user.call('get_wave', { wave: 'Shop' })).isError).toBe(true);
  const run = { ...settings, plan_hash: hash };
  expect(await callUntilEnd('run_wave', { ...run, until: 'synced' })).toMatchObject({ outcome: 'completed' });
  const asked = await user.call('run_wave', { ...run, until: 'cut_over' });
  for (const name of names) expect(asked.structured.preview.consequences.join('\n')).toContain(name);
  expect(await callUntilEnd('run_wave', { ...run, until: 'cut_over' })).toMatchObject({ done: names.length });
  const { result: reported } = (
    await user.call('report_wave', {
      wave: 'Shop',
      plan_hash: hash,
      approvals: [{ by: 'Anna', reference: 'CHG-7' }],
    })
  ).structured;
  expect(JSON.stringify(reported)).toMatch(/"report_hash":"[0-9a-f]{64}"/u);

  const drill = await user.library.prompt('drill', { group: 'rehearsed', rpo: '1 h', rto: '1 h' });
  expect(toolsOf(drill)).toEqual(['list_transfers', 'run_drill', 'report_drill']);
  const coriolis = connect(sandbox);
  const id = await createTransfer(coriolis, 'web-01', { notes: 'rehearsed web' });
  const { id: executionId } = await one<{ id: string }>(coriolis, 'execution.start', { transferId: id });
  await one(coriolis, 'execution.wait', { transferId: id, executionId });
  const search = 'rehearsed';
  const group = await user.call('list_transfers', { search });
  expect(group.structured.rows).toMatchObject([{ id }]);
  const targets = { search, rpo_target_seconds: 3600, rto_target_seconds: 3600 };
  const ran = await callUntilEnd('run_drill', targets);
  const { result: told } = (await user.call('report_drill', { ...targets, since: ran['since'] })).structured;
  expect(told).toMatchObject({ to_remove: [expect.anything()] });
});
