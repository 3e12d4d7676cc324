import type { INode } from 'n8n-workflow';
import { makeErrorResult } from '../../../mcp/results/error-results';
import { createLog } from '../../../mcp/observability/log';
import { toNodeError } from '../../../nodes/render/node-error';
import { CoriolisClient } from '../../../src/api/coriolis-client';
import type { Generation } from '../../../src/api/api-request';
import type { CoriolisError } from '../../../src/api/errors';
import type { KeystoneCredentials } from '../../../src/api/keystone';
import { makeKeystoneSession } from '../../../src/api/keystone-session';
import { below, demo, failure, fakeRuntime, listen, overFetch } from '../api/support';
import { readRecording, recordingNames } from '../../sandbox/contract/recording';
import { TABLE, type Row, type Server } from './table';
import { disarmMarkup } from '../../../src/model/untrusted-text';

/** Who answered, by the port of the recorded server. */
const SERVERS: Readonly<Record<string, Server>> = {
  '5000': 'keystone',
  '7667': 'coriolis',
  '7668': 'coriolis',
  '7767': 'coriolis',
  '9311': 'key-manager',
  '9998': 'coriolis-logger',
};
/** A recorded answer that is an error. */
interface Refused {
  readonly name: string;
  readonly server: Server;
  readonly generation: Generation;
  readonly method: string;
  /** Below the endpoint. */
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: unknown;
  /** What the server said, as text. */
  readonly words: string;
}

/** Requests that no part of this project can make: their errors reach nobody. */
const NEVER_ASKED: ReadonlyArray<readonly [why: string, asked: (refused: Refused) => boolean]> = [
  ['the client has no such method', ({ method }) => !['GET', 'POST', 'PUT', 'DELETE'].includes(method)],
  [
    'of Keystone only logins are asked for',
    ({ server, method, path }) => server === 'keystone' && `${method} ${path}` !== 'POST /v3/auth/tokens',
  ],
];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function wordsOf(answer: unknown): string {
  if (typeof answer === 'string') return answer.trim();
  if (!isObject(answer)) return '';
  const { error, title, description, message } = answer;
  if (isObject(error)) return String(error['message']).replace(/^[A-Za-z]+(_Remote)?: (?=[A-Z0-9])/, '');
  return typeof description === 'string' ? description : `${String(title)}: ${String(message)}`;
}

function refusedIn(name: string): readonly Refused[] {
  const { request, response, exchanges, samples, generation } = readRecording(name);
  const single = response === undefined ? [] : [{ request, response }];
  const series = (samples ?? []).map((sample) => ({ request, response: { headers: {}, ...sample } }));
  return [...single, ...(exchanges ?? []), ...series]
    .filter((exchange) => exchange.response.status >= 400)
    .map(({ request: { url, method, path, body }, response: { status, headers, body: answer } }) => ({
      name: `${name}: ${method} ${path}, ${status}`,
      server: SERVERS[/:(\d+)/.exec(url ?? '')?.[1] ?? '7667'] ?? 'coriolis',
      generation,
      method,
      path: path.replace(/^\/v1\/[0-9a-f]{32}(?=\/)/, ''),
      body,
      status,
      headers,
      answer,
      words: wordsOf(answer),
    }));
}

const all = recordingNames().flatMap(refusedIn);
const met = all.filter((refused) => !NEVER_ASKED.some(([, fits]) => fits(refused)));

const rowOf = ({ server, status, words, method, path }: Refused): Row | undefined =>
  TABLE.find(
    (row) =>
      (row.server ?? server) === server &&
      row.status === status &&
      (row.words?.test(words) ?? true) &&
      (row.asked?.test(`${method} ${path}`) ?? true),
  );

const REQUEST_ID = 'req-5b7a1c64-0f0e-4b7e-9a54-3f6f1d0c2a11';
const NO_SUCH_ID = '/00000000-0000-4000-8000-000000000000';

/** Asks the real client what was asked, of a server that answers as the recorded one did. */
async function meet(refused: Refused): Promise<{ readonly error: CoriolisError; readonly hasId: boolean }> {
  const { method, path, body, status, generation } = refused;
  const entries = Object.entries(refused.headers).filter(
    ([name]) => !/length|connection|encoding/.test(name),
  );
  const headers = Object.fromEntries(
    entries.map(([name, value]) => [name, /request-id$/.test(name) ? REQUEST_ID : value]),
  );
  const server = await listen(({ url }) => {
    // The client asks what the server speaks when a route is missing.
    const probed = url.endsWith(NO_SUCH_ID) && url !== path;
    if (!probed) return { status, headers, body: refused.answer ?? undefined };
    const speaks = url.startsWith(generation === 'legacy' ? '/replicas' : '/transfers');
    return { status: 404, body: speaks ? { error: { code: 404, message: 'no' } } : { message: 'no' } };
  });
  try {
    const runtime = fakeRuntime();
    if (refused.server === 'keystone') {
      const session = makeKeystoneSession({
        transport: overFetch,
        runtime,
        identity: identityIn(body, server.url),
      });
      const client = new CoriolisClient({ transport: session, runtime, retry: { attempts: 1 } });
      return { error: await failed(client.get('/transfers')), hasId: REQUEST_ID in headers };
    }
    const main = new CoriolisClient({ transport: below(server.url), runtime, retry: { attempts: 1 } });
    const client = refused.server === 'coriolis' ? main : main.forService(refused.server);
    const call = {
      GET: () => client.get(path),
      POST: () => client.post(path, body ?? undefined),
      PUT: () => client.put(path, body ?? undefined),
      DELETE: () => client.delete(path),
    }[method as 'GET'];
    return { error: await failed(call()), hasId: Object.values(headers).includes(REQUEST_ID) };
  } finally {
    await server.close();
  }
}

const failed = async (call: Promise<unknown>): Promise<CoriolisError> =>
  (await failure(call)) as unknown as CoriolisError;

/** A login of the recorded kind; what is wrong with it only the recorded server knew. */
function identityIn(body: unknown, url: string): KeystoneCredentials {
  const methods = JSON.stringify(body);
  const password = demo(`${url}/v3`);
  const { authUrl, project } = password;
  if (methods.includes('application_credential')) {
    return { method: 'application_credential', authUrl, credential: { id: 'ac' }, secret: 'correct horse' };
  }
  return methods.includes('"token"')
    ? { method: 'token', authUrl, token: 'correct horse', project }
    : password;
}

const node: INode = {
  id: '1',
  name: 'Coriolis',
  type: 'n8n-nodes-coriolis.coriolis',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

/** What the user of each face reads. */
function shownBy(error: CoriolisError): Readonly<Record<'n8n' | 'assistant', string>> {
  const inNode = toNodeError(node, error);
  const [content] = makeErrorResult(error, 'some_tool', createLog('silent', 'json')).content;
  return {
    n8n: `${inNode.message}\n${inNode.description ?? ''}\n${JSON.stringify(inNode.context['data'] ?? {})}`,
    assistant: content?.type === 'text' ? content.text : '',
  };
}

/** Secrets of the request: they must not come back. */
function secretsIn(value: unknown, name = ''): readonly string[] {
  if (isObject(value)) return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, key));
  if (Array.isArray(value)) return value.flatMap((inner) => secretsIn(inner, name));
  return /password|secret$|payload|^token$/.test(name) && typeof value === 'string' && value.length > 5
    ? [value]
    : [];
}

/** The beginning of the server's words, which a reader must find again. */
const gist = (words: string): string =>
  words
    .replace(/^(Invalid input received: )+/, '')
    .split(/\n|"20\d\d-/)[0]
    ?.slice(0, 40) ?? '';

describe('the errors of the recordings', () => {
  it('are many', () => {
    expect(met.length).toBeGreaterThan(280);
  });

  it('all fit a row of the table, and no row fits none', () => {
    const rows = new Set(met.map(rowOf));

    expect(met.filter((refused) => rowOf(refused) === undefined).map(({ name }) => name)).toEqual([]);
    expect(TABLE.filter((row) => !rows.has(row)).map(({ what }) => what)).toEqual([]);
  });

  it.each(met.map((refused) => [refused.name, refused] as const))('%s', async (_name, refused) => {
    const row = rowOf(refused);

    const { error, hasId } = await meet(refused);

    expect([error.kind, error.advice]).toEqual([row?.kind, expect.stringMatching(row?.says ?? /^$/)]);
    for (const [, text] of Object.entries(shownBy(error))) {
      expect(text).toContain(error.advice);
      // A feature that the server lacks is refused without asking for it.
      if (error.status === undefined) continue;
      expect(text).toContain(`HTTP ${refused.status}`);
      if (error.serverMessage !== undefined && error.kind !== 'authentication') {
        // MCP disarms markup in the words, n8n shows them as text.
        expect(disarmMarkup(text)).toContain(disarmMarkup(gist(refused.words)));
      }
      if (hasId) expect(text).toContain(REQUEST_ID);
      for (const secret of ['correct horse', ...secretsIn(refused.body)]) expect(text).not.toContain(secret);
    }
  });
});
