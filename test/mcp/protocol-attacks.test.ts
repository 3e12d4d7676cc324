import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { until } from '../support/until';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { bare, loginOf } from './support/server';
import { StdioProcess } from './support/stdio-process';
import type { Frame } from './support/stdio-process';

// What clients send that is allowed by no protocol, over stdio and over HTTP.

/** Keys that every object of JavaScript has. */
const INHERITED = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
/** A name that turns text around, colours a terminal, loads a picture and is far too long. */
const HOSTILE = `a\u202E\u001B[31m\u200B![x](https://a.example/)${'x'.repeat(3000)}`;

/** What each request of the modern era says of its client. */
const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

let http: HttpProcess;
let stdio: StdioProcess;
let lastId = 0;
beforeAll(async () => {
  stdio = new StdioProcess(['--allow-destroy']);
  http = await serveHttp(bare, ['--allow-destroy', '--rate-limit', '1000000']);
});
afterAll(async () => {
  await stdio.close();
  await http.stop();
});

async function post(
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Frame & { readonly status: number }> {
  const response = await fetch(http.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: '*/*', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { ...(JSON.parse(text.replace(/^event:[^{]*/u, '')) as Frame), status: response.status };
}

/** The answers to a request over stdio and over HTTP. */
async function ask(method: string, params: object): Promise<readonly Frame[]> {
  const id = `a${(lastId += 1)}`;
  return await Promise.all([stdio.request(id, method, params), post({ jsonrpc: '2.0', id, method, params })]);
}

it('requests before initialize are answered, also over stdio', async () => {
  const early = new StdioProcess();
  expect((await early.request(1, 'ping')).result).toEqual({});
  expect((await early.request(2, 'tools/list')).result).toHaveProperty('tools');
  await early.initialize();
  await early.initialize();
  await early.close();
});

it.each(INHERITED)('there is no tool, prompt or resource named %s, and no argument', async (name) => {
  for (const { error } of await ask('tools/call', { name, arguments: {} }))
    expect(error).toMatchObject({ code: -32_602, message: `There is no tool "${name}".` });
  for (const { error } of await ask('prompts/get', { name })) expect(error?.message).toContain('No prompt');
  for (const { error } of await ask('resources/read', { uri: `coriolis://${name}` }))
    expect(error?.message).toContain('No resource');
  for (const { error } of await ask(name, {})) expect(error?.message).toBe('Method not found');
  const completion = { ref: { type: 'ref/prompt', name: 'triage' }, argument: { name, value: '' } };
  for (const { result } of await ask('completion/complete', completion))
    expect(result).toMatchObject({ completion: { values: [] } });
});

it.each([
  ['tools/call', { name: HOSTILE, arguments: {} }],
  ['prompts/get', { name: HOSTILE }],
  ['resources/read', { uri: `coriolis://${HOSTILE}` }],
  ['resources/subscribe', { uri: HOSTILE }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: HOSTILE }, argument: { name: 'x', value: '' } }],
  ['tasks/get', { taskId: HOSTILE }],
  ['logging/setLevel', { level: HOSTILE }],
  [HOSTILE, {}],
] as const)('what clients choose comes back cut and visible: %.20s', async (method, params) => {
  for (const { error } of await ask(method, params)) {
    expect(error?.message).toEqual(expect.any(String));
    expect(error?.message.length).toBeLessThan(600);
    expect(error?.message).not.toMatch(/[\p{Cf}\u001B]/u);
  }
});

it('an unknown protocol version comes back cut and quoted', async () => {
  const ping = { jsonrpc: '2.0', id: 7, method: 'ping' };
  for (const version of [`9"<b>${'y'.repeat(3000)}`, '\u00AD2025', 'two words']) {
    const { status, id, error } = await post(ping, { 'mcp-protocol-version': version });
    expect([status, id]).toEqual([400, 7]);
    expect(error?.message).toMatch(/^The header MCP-Protocol-Version is no version: ".{4,40}"\.$/u);
  }
  const { status, error } = await post(ping, { 'mcp-protocol-version': '2099-01-01' });
  expect(status).toBe(400);
  expect(error?.message).toContain('2099-01-01');
});

it('other headers that the library quotes are cut', async () => {
  const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'a', _meta: MODERN } };
  const names = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' };
  for (const more of [{ 'mcp-name': 'q'.repeat(5000) }, { 'mcp-method': 'q'.repeat(5000) }]) {
    const { status, error } = await post(call, { ...names, ...more });
    expect(status).toBe(400);
    expect(error?.message.length).toBeLessThanOrEqual(1000);
  }
});

describe('with a Coriolis', () => {
  let sandbox: Sandbox;
  let user: StdioProcess;
  beforeAll(async () => {
    sandbox = await startSandbox({ speed: 600 });
    user = new StdioProcess(['--allow-destroy', '--toolsets', 'all'], loginOf(sandbox));
    await user.initialize();
  });
  afterAll(async () => {
    await user.close();
    await sandbox.stop();
  });

  it('a call without an id does nothing, and a notification with one is an unknown request', async () => {
    const params = { name: 'create_region', arguments: { name: 'nobody asked' } };
    user.write({ jsonrpc: '2.0', method: 'tools/call', params });
    expect((await user.request(1, 'notifications/initialized')).error?.code).toBe(-32_601);
    const cancel = await user.request(2, 'notifications/cancelled', { requestId: 1 });
    expect(cancel.error?.code).toBe(-32_601);
    // The answer to a later call: an earlier one has been served or was never begun.
    await user.request(3, 'tools/call', { name: 'list_regions', arguments: {} });
    expect(sandbox.requests.count('POST', /regions/u)).toBe(0);
  });

  it('two calls with one id, and with one progress token, are both answered', async () => {
    const call = {
      jsonrpc: '2.0',
      id: 'twice',
      method: 'tools/call',
      params: { name: 'list_endpoints', arguments: {}, _meta: { progressToken: 'same' } },
    };
    user.write(call);
    user.write(call);
    const answers = await until(
      'both answers',
      () => user.frames.filter(({ id }) => id === 'twice'),
      (found) => found.length === 2,
    );
    expect(answers.map(({ result }) => result?.['isError'] ?? false)).toEqual([false, false]);
  });

  it.each([[0], [''], ['x'.repeat(2000)], [-1], ['__proto__']])(
    'progress comes back with its token as it was, whatever text or number it is',
    async (progressToken) => {
      const id = `p${(lastId += 1)}`;
      const { result } = await user.request(id, 'tools/call', {
        name: 'wait_for',
        arguments: { executions: ['00000000-0000-4000-8000-000000000000'], timeout_seconds: 1 },
        _meta: { progressToken },
      });
      expect(result).toBeDefined();
      for (const { method, params } of user.frames)
        if (method === 'notifications/progress' && params?.['progressToken'] !== 'same')
          expect([0, '', 'x'.repeat(2000), -1, '__proto__']).toContain(params?.['progressToken']);
    },
  );
});

it('subscriptions, of which there are none, end at once, however often a client subscribes', async () => {
  const listen = async (id: number): Promise<string> => {
    const response = await fetch(http.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id,
        method: 'subscriptions/listen',
        params: { notifications: { resourceSubscriptions: ['coriolis://endpoints'] }, _meta: MODERN },
      }),
    });
    // The body ends with the subscription.
    return `${response.status} ${await response.text()}`;
  };
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_each, id) => listen(round * 20 + id)));
    for (const answer of answers) expect(answer).toMatch(/^200 [^]*subscriptions\/acknowledged/u);
  }
  expect(await post({ jsonrpc: '2.0', id: 1, method: 'ping' })).toMatchObject({ status: 200, result: {} });
});
