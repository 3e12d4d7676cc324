import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { readMessage } from '../../mcp/wire/json-rpc-messages';
import { cases } from '../support/cases';
import type { Row } from './support/client';
import { run } from './support/command';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { bare, built } from './support/server';

// Every frame with an id is answered with that id, over stdio as over HTTP: a request without a response hangs its host.

type Id = string | number;
interface Response {
  readonly id?: Id | null;
  readonly result?: Row;
  readonly error?: { readonly code: number; readonly message: string };
}

const TIMEOUT_MS = 120_000;

/** Sends a frame and returns the response with its id. @throws after two minutes without one */
type Send = (frame: unknown, id: Id) => Promise<Response>;

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'start',
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

/** The built server over stdio. */
class Stdio {
  private readonly waiting = new Map<Id, (response: Response) => void>();
  private readonly child: ChildProcessWithoutNullStreams;

  constructor() {
    this.child = spawn(process.execPath, [built, '--log-level', 'silent'], { env: bare });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const response = JSON.parse(line) as Response;
      if (response.id !== undefined && response.id !== null) this.waiting.get(response.id)?.(response);
    });
  }

  readonly send: Send = async (frame, id) => {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    const answered = new Promise<Response>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no response to ${text.slice(0, 500)}`)), TIMEOUT_MS);
      this.waiting.set(id, (response) => {
        clearTimeout(timer);
        resolve(response);
      });
    });
    this.child.stdin.write(`${text}\n`);
    return await answered;
  };

  async close(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, 'exit');
  }
}

/** The built server over HTTP. */
const overHttp =
  (server: HttpProcess): Send =>
  async (frame) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: '*/*' },
      body: typeof frame === 'string' ? frame : JSON.stringify(frame),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return JSON.parse(text.startsWith('event:') ? text.replace(/^[^{]*/u, '') : text) as Response;
  };

let stdio: Stdio;
let http: HttpProcess;
const faces: Record<string, Send> = {};
beforeAll(async () => {
  stdio = new Stdio();
  await stdio.send(INITIALIZE, 'start');
  http = await serveHttp(bare, ['--rate-limit', '1000000']);
  faces['stdio'] = stdio.send;
  faces['HTTP'] = overHttp(http);
});
afterAll(async () => {
  await stdio.close();
  await http.stop();
});

const request = (id: Id, method: string, more: Row = {}): Row => ({ jsonrpc: '2.0', id, method, ...more });
const face = (name: string): Send => {
  const send = faces[name];
  if (send === undefined) throw new Error(`no face ${name}`);
  return send;
};

describe.each(['stdio', 'HTTP'])('over %s', (name) => {
  it.each([
    ['params that are null', request('a', 'ping', { params: null })],
    ['_meta that is null', request('a', 'ping', { params: { _meta: null } })],
    ['a cursor that is null', request('a', 'tools/list', { params: { cursor: null } })],
    ['arguments that are null', request('a', 'prompts/get', { params: { name: 'triage', arguments: null } })],
    ['keys that the protocol does not know', request('a', 'ping', { trace: 1, context: null })],
    ['a byte order mark', `\uFEFF${JSON.stringify(request('a', 'ping'))}`],
  ])('serves a frame with %s as if they were left out', async (_case, frame) => {
    const { id, result } = await face(name)(frame, 'a');

    expect(id).toBe('a');
    expect(result).toBeDefined();
  });

  it('serves a call of a tool without arguments', async () => {
    const frame = request('b', 'tools/call', { params: { name: 'list_endpoints', arguments: null } });
    const { result } = await face(name)(frame, 'b');

    // There is no login here: what counts is that no validator refused the call.
    expect(JSON.stringify(result)).toContain('OS_AUTH_URL');
  });

  it.each([
    ['no method', { jsonrpc: '2.0', id: 'c' }],
    ['another version', { jsonrpc: '1.0', id: 'c', method: 'ping' }],
    ['a method that is no text', { jsonrpc: '2.0', id: 'c', method: 7 }],
    ['a list of params', request('c', 'ping', { params: [1] })],
    ['_meta that is a text', request('c', 'ping', { params: { _meta: 'x' } })],
    [
      'a progress token that is an object',
      request('c', 'ping', { params: { _meta: { progressToken: {} } } }),
    ],
    ['an unknown method', request('c', 'tools/forget')],
    ['a tool that is a number', request('c', 'tools/call', { params: { name: 7 } })],
    [
      'arguments that are a list',
      request('c', 'tools/call', { params: { name: 'list_endpoints', arguments: [1] } }),
    ],
  ])('answers a frame with %s with an error', async (_case, frame) => {
    const { id, error } = await face(name)(frame, 'c');

    expect(id).toBe('c');
    expect(error?.message).toEqual(expect.any(String));
  });
});

describe('whatever a client sends with an id', () => {
  const names = [
    'name',
    'arguments',
    '_meta',
    'cursor',
    'uri',
    'ref',
    'argument',
    'taskId',
    'context',
    'level',
    'protocolVersion',
    'capabilities',
    'clientInfo',
  ];
  const value = fc.oneof(
    fc.constantFrom<unknown>(null, {}, [], '', 'triage', 'list_endpoints', 0, -1, 1.5, true),
    fc.constantFrom<unknown>(
      'coriolis://transfers',
      'coriolis://endpoints/{id}',
      'debug',
      { type: 'ref/prompt', name: 'triage' },
      { type: 'ref/resource', uri: 'coriolis://transfers/{transferId}' },
      { name: 'transfer', value: '' },
      { name: 'test', version: '1' },
      { limit: null, fields: ['id'] },
      '2025-06-18',
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const params = fc.oneof(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 }), value);
  const method = fc.constantFrom<unknown>(
    'ping',
    'initialize',
    'tools/list',
    'tools/call',
    'resources/list',
    'resources/read',
    'resources/subscribe',
    'resources/templates/list',
    'prompts/list',
    'prompts/get',
    'completion/complete',
    'tasks/get',
    'tasks/list',
    'tasks/cancel',
    'logging/setLevel',
    'notifications/cancelled',
    'nonsense',
    '',
    null,
    7,
  );
  const more = fc.dictionary(fc.string(), value, { maxKeys: 2 });

  it('is answered with that id, over stdio and over HTTP the same', async () => {
    let last = 0;
    await fc.assert(
      fc.asyncProperty(method, params, more, async (called, given, others) => {
        last += 1;
        const id = last % 2 === 0 ? last : `f${last}`;
        const frame = { ...others, jsonrpc: '2.0', id, method: called, params: given };
        const [one, other] = await Promise.all([face('stdio')(frame, id), face('HTTP')(frame, id)]);

        expect(one).toMatchObject({ id });
        expect(other).toEqual(one);
      }),
      cases(300),
    );
  });
});

describe('over stdio', () => {
  it('what is no JSON is answered too', async () => {
    const { stdout } = await run([], 'this is no JSON\n');

    expect(JSON.parse(stdout)).toMatchObject({ id: null, error: { code: -32_700 } });
  });

  it('requests are answered although the input ended right after them', async () => {
    const input = [INITIALIZE, request(1, 'tools/list'), request(2, 'ping')];
    const { code, stdout } = await run([], input.map((frame) => `${JSON.stringify(frame)}\n`).join(''));

    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Response).id);
    expect(ids.sort()).toEqual([1, 2, 'start']);
    expect(code).toBe(0);
  });

  it('a frame over 10 MiB is answered with its id, and ends the server with a code that says so', async () => {
    const frame = JSON.stringify(request(7, 'ping', { params: { text: 'x'.repeat(11 * 2 ** 20) } }));
    const { code, stdout } = await run([], `${frame}\n`);

    expect(JSON.parse(stdout)).toMatchObject({
      id: 7,
      error: { message: expect.stringContaining('10 MiB') },
    });
    expect(code).toBe(1);
  });
});

describe('over HTTP', () => {
  it('each message of a batch counts for the rate limit', async () => {
    const server = await serveHttp(bare, ['--rate-limit', '3']);
    const batch = Array.from({ length: 20 }, (_each, id) => request(id, 'ping'));
    const answers = await Promise.all(
      [batch, [request(1, 'ping')]].map((body) =>
        fetch(server.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: '*/*' },
          body: JSON.stringify(body),
        }),
      ),
    );
    await server.stop();

    expect(answers.map(({ status }) => status)).toContain(429);
    expect(answers[0]?.status).toBe(429);
  });
});

describe('a message', () => {
  it('keeps nulls that belong to the caller: those in the arguments of a tool', () => {
    const read = readMessage(request(1, 'tools/call', { params: { name: 'x', arguments: { notes: null } } }));

    expect(read).toMatchObject({ message: { params: { arguments: { notes: null } } } });
  });
});
