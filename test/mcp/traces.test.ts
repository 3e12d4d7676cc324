import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser, connectHttpUser } from './support/client';
import { startCollector } from './support/collector';
import type { CollectedSpan, Collector } from './support/collector';
import { serveHttp } from './support/http';
import { loginOf } from './support/server';
import type { Environment } from './support/server';

const SERVER = 2;
const CLIENT = 3;
const canary = 'canary-7f3a9';
const nowhere = '00000000-0000-4000-8000-000000000000';

let sandbox: Sandbox;
let collector: Collector;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.stop());

const traced = (more: Environment = {}): Environment =>
  loginOf(sandbox, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...more });

const named = (name: string): CollectedSpan => {
  const found = collector.spans().find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span "${name}" among: ${collector.raw()}`);
  return found;
};

describe('traces over standard input and output', () => {
  it('hold a span for each call, with one below for each request to Keystone and Coriolis', async () => {
    const user = await startUser({
      env: traced({ OTEL_SERVICE_NAME: 'wave-7', OTEL_EXPORTER_OTLP_HEADERS: `x-key=${canary}` }),
    });
    await user.call('list_transfers', { limit: 1 });
    await user.close();

    const call = named('tools/call list_transfers');
    expect(call).toMatchObject({ kind: SERVER, failed: false, parentSpanId: undefined });
    expect(call.attributes).toMatchObject({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'list_transfers',
    });
    expect(call.resource).toMatchObject({ 'service.name': 'wave-7' });
    const below = { kind: CLIENT, traceId: call.traceId, parentSpanId: call.spanId, failed: false };
    const login = named('POST /v3/auth/tokens');
    expect(login).toMatchObject(below);
    expect(login.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.response.status_code': '201',
      'server.address': '127.0.0.1',
    });
    expect(named('GET /v1/{id}/transfers')).toMatchObject(below);
    expect(collector.headers[0]?.['x-key']).toBe(canary);
  });

  it('tell what failed and hold no secret, no id and no query', async () => {
    const user = await startUser({ env: traced(), args: ['--allow-write'] });
    await user.call('get_transfer', { transfer_id: nowhere });
    await user.call('create_endpoint', {
      name: canary,
      type: 'vmware_vsphere',
      connection: { host: 'h.example.com', username: canary, password: canary },
    });
    await user.call('list_transfers', { status: 'ERROR' });
    await user.close();

    const call = named('tools/call get_transfer');
    expect(call).toMatchObject({ failed: true, attributes: { 'error.type': 'not_found' } });
    expect(named('GET /v1/{id}/transfers/{id}')).toMatchObject({
      failed: true,
      attributes: { 'http.response.status_code': '404', 'url.template': '/v1/{id}/transfers/{id}' },
    });
    for (const secret of [canary, sandbox.connection.password, nowhere, '?', 'gAAAA'])
      expect(collector.raw()).not.toContain(secret);
  });
});

describe('traces of what is no tool', () => {
  it('hold a span for each resource, prompt and completion that was asked for', async () => {
    const user = await startUser({ env: traced() });
    const { library } = user;
    await library.completeResource('coriolis://transfers/{transfer_id}', 'transfer_id', 'web');
    await library.prompt('report');
    await expect(library.read(`coriolis://transfers/${nowhere}`)).rejects.toThrow('No resource');
    await user.close();

    const read = named('resources/read');
    expect(read).toMatchObject({ kind: SERVER, failed: true });
    expect(read.attributes).toMatchObject({ 'mcp.method.name': 'resources/read', 'error.type': '-32602' });
    expect(named('GET /v1/{id}/transfers/{id}')).toMatchObject({
      traceId: read.traceId,
      parentSpanId: read.spanId,
    });
    expect(named('completion/complete')).toMatchObject({ kind: SERVER, failed: false });
    expect(named('prompts/get')).toMatchObject({ kind: SERVER, failed: false });
    expect(collector.raw()).not.toContain(nowhere);
  });
});

describe('traces over HTTP', () => {
  const one = '0af7651916cd43dd8448eb211c80319c';
  const other = '1af7651916cd43dd8448eb211c80319c';
  const parent = 'b7ad6b7169203331';
  const call = (url: string, headers: Environment, meta: Environment) =>
    fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'list_endpoints', arguments: {}, _meta: meta },
      }),
    }).then((answer) => answer.text());

  it.each([
    ['the header', { traceparent: `00-${one}-${parent}-01` }, {}, one],
    [
      '_meta before the header',
      { traceparent: `00-${one}-${parent}-01` },
      { traceparent: `00-${other}-${parent}-01` },
      other,
    ],
  ])("go on with the client's trace: %s", async (_what, headers, meta, traceId) => {
    const server = await serveHttp(traced());
    await call(server.url, headers, meta);
    await server.stop();

    expect(named('tools/call list_endpoints')).toMatchObject({ traceId, parentSpanId: parent });
    expect(named('GET /v1/{id}/endpoints')).toMatchObject({ traceId });
  });

  it('begin anew when the client names a trace that is not valid, and leave out what it did not sample', async () => {
    const server = await serveHttp(traced());
    await call(server.url, {}, { traceparent: `00-${one}-${parent}-00` });
    await call(server.url, {}, { traceparent: 'nonsense' });
    await server.stop();

    const calls = collector.spans().filter(({ kind }) => kind === SERVER);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ parentSpanId: undefined });
    expect(calls[0]?.traceId).not.toBe(one);
  });
});

describe('a collector', () => {
  it.each([
    ['OTEL_SDK_DISABLED is true', { OTEL_SDK_DISABLED: 'true' }],
    ['OTEL_TRACES_EXPORTER is none', { OTEL_TRACES_EXPORTER: 'none' }],
  ])('is sent nothing when %s', async (_when, env) => {
    const server = await serveHttp(traced(env));
    const user = await connectHttpUser({ url: server.url });
    await user.call('list_endpoints');
    await user.close();
    await server.stop();

    expect(collector.headers).toHaveLength(0);
  });

  it('that is away disturbs neither calls nor the end, and is complained about in the log', async () => {
    const server = await serveHttp(
      traced({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TIMEOUT: '500' }),
    );
    const user = await connectHttpUser({ url: server.url });
    const { isError } = await user.call('list_endpoints');
    await user.close();

    expect(isError).toBe(false);
    expect(await server.stop()).toBe(0);
    expect(server.log.whole()).toContain('"message":"traces"');
  });
});
