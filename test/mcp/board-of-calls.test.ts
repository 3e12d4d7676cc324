import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { drawResult } from '../../mcp/apps/board/draw-result';
import { isObject, type JsonObject } from '../../src/model/json';
import { formatShortDuration } from '../../src/pictures/axis-scale';
import { startUser, type McpUser, type Row } from './support/client';
import { createTransfer, execute } from './support/estate';
import { loginOf } from './support/server';

/** What the board draws of real results: names and words instead of ids and types, and no figure that the text has not. */

let sandbox: Sandbox;
let user: McpUser;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  user = await startUser({
    env: loginOf(sandbox),
    args: ['--allow-write', '--allow-destroy', '--toolsets', 'all'],
  });
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

const MACHINES = {
  origin_endpoint_id: 'vcenter',
  destination_endpoint_id: 'openstack',
  destination_environment: { migr_network: 'private' },
};
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-/u;
const TASK_TYPE = /\b[A-Z]+_[A-Z_]+\b/u;

/** A call as the board is given it: the texts of its drawing, and the result as a host without boards shows it. */
async function drawn(tool: string, given: Row) {
  const { text, isError } = await user.call(tool, given);
  if (isError) throw new Error(text);
  const told = JSON.parse(text) as JsonObject;
  const result = isObject(told['result']) ? told['result'] : told;
  const drawing = drawResult(result, given, new Date().toISOString());
  const markup = drawing?.drawing.markup ?? '';
  // The labels of a scale are centred on their lines.
  const written = [...markup.matchAll(/<text ([^>]*)>([^<]*)</gu)];
  const texts = written.filter(([, look = '']) => !look.includes('middle')).map(([, , words = '']) => words);
  return { texts, result, refreshCall: drawing?.refreshCall };
}

const nothingInternal = (texts: readonly string[]): readonly string[] =>
  texts.filter((words) => ID.test(words) || TASK_TYPE.test(words));

describe('a wait', () => {
  it('of runs shows machines, kinds and failures in words', async () => {
    const [good, bad] = [
      await createTransfer(user, 'web-01'),
      await createTransfer(user, 'fail-disk-quota-vm'),
    ];
    const runs = [await execute(user, good), await execute(user, bad)];
    const executions = runs.map(({ transfer_id, execution_id }) => `${transfer_id}/${execution_id}`);
    await user.call('wait_for', { executions });
    const { structured } = await user.call('deploy_transfer', { transfer_id: good });

    const { texts } = await drawn('wait_for', { executions, deployments: [structured.result['id']] });

    expect(texts).toEqual(
      expect.arrayContaining([
        ...['web-01', 'execution: completed', 'fail-disk-quota-vm', 'execution: failed'],
        ...['deployment: completed', expect.stringMatching(/^Deploy transfer disks: /u)],
      ]),
    );
    expect(nothingInternal(texts)).toEqual([]);

    const failed = await drawn('wait_for_execution', { ...runs[1] });
    expect(failed.texts).toEqual(
      expect.arrayContaining([
        ...['Execution', 'fail-disk-quota-vm', expect.stringMatching(/Deploy transfer disks: /u)],
      ]),
    );
    expect(nothingInternal(failed.texts)).toEqual([]);
    expect((await drawn('get_execution', { ...runs[1] })).texts).toEqual(
      expect.arrayContaining(['Execution', 'fail-disk-quota-vm']),
    );

    const deployment = { deployment_id: structured.result['id'] };
    for (const tool of ['get_deployment', 'wait_for_deployment']) {
      const { texts: words, refreshCall } = await drawn(tool, deployment);
      expect(words).toEqual(expect.arrayContaining(['Deployment', 'web-01']));
      expect(nothingInternal(words)).toEqual([]);
      expect(refreshCall).toEqual({ tool: 'get_deployment', arguments: deployment });
    }
  });

  it('of a migration shows its machines', async () => {
    const { structured } = await user.call('create_migration', { ...MACHINES, instances: ['web-03'] });
    const { texts } = await drawn('wait_for', { migrations: [structured.result['id']] });

    expect(texts).toEqual(expect.arrayContaining(['web-03', 'migration: completed']));
    expect(nothingInternal(texts)).toEqual([]);
  });
});

/** All numbers of a result, as a drawing may write them. */
function figuresOf(value: unknown): readonly string[] {
  if (typeof value === 'number') return [String(value), `${Math.round(value)} %`, formatShortDuration(value)];
  if (typeof value === 'string') return value.match(/\d+/gu) ?? [];
  if (typeof value !== 'object' || value === null) return [];
  const all = Object.values(value);
  const sum = all.reduce<number>((total, each) => total + (typeof each === 'number' ? each : 0), 0);
  return [String(sum), ...all.flatMap(figuresOf)];
}

describe('no figure is drawn that the text has not:', () => {
  const blueprint = {
    ...MACHINES,
    table: 'machine,wave\ndb-02,Shop\nfail-disk-quota-vm,Shop\nghost,Shop',
    network_map: { '*': 'private' },
  };
  it.each([
    ['the estate', 'summarize_estate', {}],
    ['the age of copies', 'report_rpo', { rpo_target_seconds: 3600 }],
    ['a wave', 'get_wave', { wave: 'Shop' }],
  ])('%s', async (what, tool, given) => {
    if (what === 'a wave') {
      const planned = await user.call('plan_wave', blueprint);
      const run = {
        ...blueprint,
        plan_hash: planned.structured.result['plan_hash'],
        until: 'cut_over',
        timeout_seconds: 45,
      };
      const { text, isError } = await user.call('run_wave', run);
      expect([isError, isError ? text : '']).toEqual([false, '']);
    }
    const { texts, result } = await drawn(tool, given);
    const figures = new Set(figuresOf(result));
    const shown = texts
      .filter((words) => !words.startsWith('as of '))
      .flatMap((words) => words.split(' · '))
      .flatMap((words) => words.match(/^(?:\d+ (?:%|s|min|h|d) ?)+(?=$| left$)|^\d+(?= [a-z]|$)/gu) ?? [])
      .map((figure) => figure.trim());

    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((figure) => !figures.has(figure))).toEqual([]);
  });
});
