import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Result, Row, StdioUser } from './support/client';
import { startCollector } from './support/collector';
import type { Collector } from './support/collector';
import { argumentsFor, everyObject } from './support/everything';
import type { Known } from './support/everything';
import { INVISIBLE, INVISIBLE_ESCAPED, ORDER, poisonedServer, leaksIn } from '../support/poisoned-server';
import type { PoisonedServer, Said } from '../support/poisoned-server';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { bare, loginOf } from './support/server';
import { ask } from './support/wire';

const allowed = ['--allow-destroy', '--toolsets', 'all', '--confirm', 'token', '--max-wait', '1'];
const unknown = '00000000-0000-4000-8000-000000000000';

let sandbox: Sandbox;
let poisoned: PoisonedServer;
let collector: Collector;
let user: StdioUser;
let overHttp: HttpProcess;
let folder: string;
let audit: string;
const said: Said[] = [];
/** What is added to the places of answers while every request fails. */
let failing = '';
const results: Array<{ readonly where: string; readonly result: Result }> = [];

async function call(name: string, args: Row): Promise<void> {
  const where = `${name} ${JSON.stringify(args)}${failing}`;
  const onprogress = ({ message }: { message?: string | undefined }) =>
    said.push({ where: `progress of ${where}`, text: message ?? '' });
  const result = await user.call(name, args, { onprogress });
  results.push({ where, result });
  said.push({ where, text: result.text }, { where, text: JSON.stringify(result.structured) });
}

/** Asks, and keeps the answer or the error. */
async function keep(where: string, ask: () => Promise<unknown>): Promise<void> {
  const answer = await ask().catch((error: unknown) => (error instanceof Error ? error.message : error));
  said.push({ where, text: typeof answer === 'string' ? answer : JSON.stringify(answer) });
}

async function callEveryTool(known: Known): Promise<void> {
  const tools = await user.tools();
  // What reads comes first: what deletes takes its objects away.
  const order = [...tools].sort(
    (one, other) => Number(other.annotations?.['readOnlyHint']) - Number(one.annotations?.['readOnlyHint']),
  );
  for (const tool of order) {
    const given = argumentsFor(tool, known);
    await call(tool.name, given);
    const properties = (tool.inputSchema['properties'] ?? {}) as Row;
    if ('detail' in properties) await call(tool.name, { ...given, detail: 'full' });
    // Errors of the server quote what others wrote.
    const ids = Object.keys(given).filter((key) => key.endsWith('_id') && key !== 'appliance_id');
    if (ids.length > 0)
      await call(tool.name, { ...given, ...Object.fromEntries(ids.map((key) => [key, unknown])) });
  }
}

async function readTheLibrary(known: Known): Promise<void> {
  const { library } = user;
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/gu, (_match, name: string) => String(known[name] ?? unknown));
  const templates = await library.templates();
  for (const uri of [...(await library.resources()), ...templates.map(fill)]) {
    await keep(uri, () => library.read(uri));
  }
  for (const template of templates) {
    for (const [, argument = ''] of template.matchAll(/\{(\w+)\}/gu)) {
      const context = Object.fromEntries(Object.entries(known).map(([key, value]) => [key, String(value)]));
      await keep(`completion of ${template}, ${argument}`, () =>
        library.completeResource(template, argument, '', context),
      );
    }
    await keep(`${template}, of nothing`, () => library.read(template.replace(/\{\w+\}/gu, unknown)));
  }
  for (const name of await library.prompts()) {
    await keep(`prompt ${name}`, () => library.prompt(name, {}));
    for (const argument of ['source', 'destination', 'endpoint_id', 'transfer_id', 'execution_id', 'wave']) {
      await keep(`completion of ${name}, ${argument}`, () => library.completePrompt(name, argument, ''));
    }
  }
}

/** Starts work as a task, and reads it while it goes on and when it has ended; also a task that is none. */
async function readTasks({ transfer_id }: Known): Promise<void> {
  for (const [tool, args] of [
    ['execute_transfer', { transfer_id }],
    ['deploy_transfer', { transfer_id }],
    ['wait_for', { executions: [`${String(transfer_id)}/${unknown}`] }],
  ] as const) {
    const { result, error } = await ask(overHttp.url, 'tools/call', { name: tool, arguments: args });
    said.push({ where: `task of ${tool}`, text: JSON.stringify([result, error]) });
    for (let read = 0; read < 4; read += 1) {
      const answer = await ask(overHttp.url, 'tasks/get', { taskId: result?.['taskId'] ?? 'none' });
      said.push({ where: `tasks/get of ${tool}`, text: JSON.stringify(answer) });
    }
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coriolis-mcp-poisoned-'));
  audit = join(folder, 'audit');
  sandbox = await startSandbox({ speed: 2000, transfers: 30 });
  collector = await startCollector();
  const { admin } = sandbox.connection;
  const login = { OS_USERNAME: admin.username, OS_PASSWORD: admin.password, OS_PROJECT_NAME: admin.project };
  const maker = await startUser({ env: loginOf(sandbox, login), args: allowed });
  const known = await everyObject(maker);
  await maker.close();
  poisoned = await poisonedServer(sandbox.url);
  const env = {
    ...bare,
    OS_AUTH_URL: `${poisoned.url}/v3`,
    OS_USERNAME: admin.username,
    OS_PASSWORD: admin.password,
    OS_USER_DOMAIN_NAME: sandbox.connection.user_domain,
    OS_PROJECT_NAME: admin.project,
    OS_PROJECT_DOMAIN_NAME: sandbox.connection.project_domain,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  const args = [...allowed, '--audit', audit, '--log-level', 'debug'];
  overHttp = await serveHttp(env, args);
  user = await startUser({ env, args });
  // Reads first: calling every tool takes the objects away.
  await readTasks(known);
  poisoned.fails = true;
  failing = ' of a server that fails';
  await readTheLibrary(known);
  await readTasks(known);
  await call('list_transfers', {});
  await call('get_transfer', { transfer_id: known['transfer_id'] });
  failing = '';
  poisoned.fails = false;
  await callEveryTool(known);
  await readTheLibrary(known);
  await keep('the metrics', async () => await (await fetch(`${overHttp.origin}/metrics`)).text());
  // The last traces go out with the end.
  await user.close();
  await overHttp.stop();
}, 600_000);
afterAll(async () => {
  await collector.stop();
  await poisoned.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

/** Where something is found, for the message of a failure. */
const placesOf = (found: (text: string) => boolean): readonly string[] =>
  everything()
    .filter(({ text }) => found(text))
    .map(({ where }) => where);

const everything = (): readonly Said[] =>
  said.concat(
    { where: 'the log', text: user.log.whole() },
    { where: 'the log over HTTP', text: overHttp.log.whole() },
    { where: 'the traces', text: collector.raw() },
    { where: 'the audit log', text: readFileSync(audit, 'utf8') },
  );

describe('when everything that Coriolis answers is full of secrets and of orders to the model', () => {
  it('most tools answer', () => {
    const answered = new Set(
      results.filter(({ result }) => !result.isError).map(({ where }) => where.split(' ')[0]),
    );

    expect(answered.size).toBeGreaterThan(55);
    const places = placesOf((text) => text.includes(ORDER));
    expect(places.length).toBeGreaterThan(20);
    for (const tool of ['list_instances', 'get_transfer', 'download_log'])
      expect(places).toContainEqual(expect.stringMatching(`^${tool} `));
  });

  it('no secret leaves the server: in no result, error, progress message, resource, prompt, completion, task, log, trace, metric or audit record', () => {
    const own = [sandbox.connection.admin.password, 'BEGIN RSA'];

    expect(poisoned.planted()).toBeGreaterThan(1000);
    expect(leaksIn(everything())).toEqual([]);
    expect(placesOf((text) => own.some((secret) => text.includes(secret)))).toEqual([]);
  });

  it('nothing invisible leaves the server', () => {
    expect(placesOf((text) => INVISIBLE.test(text.replaceAll('\n', '')))).toEqual([]);
    // The script of the board names such characters, in order to remove them.
    const shown = placesOf((text) => INVISIBLE_ESCAPED.test(text));
    expect(shown.filter((where) => where !== 'ui://coriolis/board')).toEqual([]);
  });

  it('what others wrote is never said by the server itself', () => {
    const own = ({ summary, next_steps, warnings }: Result['structured']) =>
      JSON.stringify([summary, next_steps, warnings]);

    expect(
      results.filter(({ result }) => own(result.structured).includes(ORDER)).map(({ where }) => where),
    ).toEqual([]);
  });

  it('no picture, link or tag of others is drawn where a model reads', () => {
    const read = [
      ...results.map(({ where, result }) => ({ where, text: result.text })),
      ...said.filter(({ where }) => /^(?:coriolis:|prompt |completion of |progress of )/u.test(where)),
    ];

    expect(read.filter(({ text }) => text.includes('[p] (https://evil.example')).length).toBeGreaterThan(20);
    expect(
      read.filter(({ text }) => /\]\(https:\/\/evil|<img/u.test(text)).map(({ where }) => where),
    ).toEqual([]);
  });

  it('no text of others fills the answer', () => {
    expect(placesOf((text) => text.includes('x'.repeat(2100)))).toEqual([]);
    expect(results.filter(({ result }) => result.text.length > 50_000).map(({ where }) => where)).toEqual([]);
  });
});
