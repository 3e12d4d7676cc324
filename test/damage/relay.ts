import { createServer, request as send, Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SCALE } from './scaled-time';
import type { Random } from './random';

/** A relay on loopback between clients and a sandbox that damages answers. */

/** What happens to an answer. */
export type Harm =
  | { readonly kind: 'none' }
  /** The connection ends without an answer. */
  | { readonly kind: 'lost' }
  /** The connection ends within the answer, its head included; a share of its bytes. */
  | { readonly kind: 'cut'; readonly share: number }
  | { readonly kind: 'page' | 'empty' | 'foreign'; readonly status: number }
  /** The answer to an earlier request to the same collection. */
  | { readonly kind: 'other' }
  /** Milliseconds of the scaled clock. */
  | { readonly kind: 'late'; readonly ms: number }
  /** The answer comes twice. */
  | { readonly kind: 'double'; readonly ms: number };

/** Damage of one request. */
export interface Damage {
  /** When the request is passed on: before the answer, so many milliseconds after it, or never. */
  readonly passedOn: 'before' | 'never' | { readonly afterMs: number };
  readonly harm: Harm;
}

const UNHARMED: Damage = { passedOn: 'before', harm: { kind: 'none' } };

const PAGE = '<!DOCTYPE html><html><head><title>Error</title></head><body>A gateway answered</body></html>';
const FOREIGN = [
  '{"message": "hello"}',
  '{"error": {"message": "nope"}}',
  '{"error": {"code": 500, "message": 7}}',
  '[]',
  '"ok"',
  'null',
  '{"status": "ok", "id": "3"}',
  '{"transfer": {}}',
];

/**
 * Damages at random, mostly of the kinds that make a caller believe the wrong thing.
 * @param isHeldBack whether requests may be passed on after their answer. When equal requests of others are carried out in the
 * meantime, nobody can tell their objects apart.
 */
export function randomDamage(random: Random, isHeldBack: boolean): Damage {
  const harm = randomHarm(random);
  if (harm.kind === 'none') return UNHARMED;
  if (['late', 'double'].includes(harm.kind)) return { passedOn: 'before', harm };
  const roll = random.next();
  if (roll < 0.6) return { passedOn: 'before', harm };
  if (roll < 0.85 || !isHeldBack) return { passedOn: 'never', harm };
  return { passedOn: { afterMs: 300 + random.below(9_000) }, harm };
}

function randomHarm(random: Random): Harm {
  switch (random.below(8)) {
    case 0:
      return { kind: 'lost' };
    case 1:
      return { kind: 'cut', share: random.next() };
    case 2:
      return { kind: 'page', status: random.pick([200, 202, 302, 400, 401, 403, 404, 500, 502, 503, 524]) };
    case 3:
      return { kind: 'empty', status: random.pick([200, 202, 401, 500, 502]) };
    case 4:
      return { kind: 'foreign', status: random.pick([200, 201, 400, 401, 404, 409, 500, 503]) };
    case 5:
      return { kind: 'other' };
    case 6:
      return { kind: 'late', ms: 500 + random.below(15_000) };
    default:
      return { kind: 'double', ms: random.pick([0, 0, 20, 400]) };
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Relay {
  readonly url: string;
  /** Decides about each request; undefined passes it through. */
  decide: (method: string, path: string) => Damage | undefined;
  /** Begins a run: mixed up answers are those of earlier runs, or also of this one. */
  begin(isOwnMixedUp: boolean): void;
  /** Resolves when all that was held back has been passed on. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a relay in front of a server whose answers name its own address. */
export async function startRelay(target: string): Promise<Relay> {
  const agent = new Agent({ keepAlive: true });
  const heldBack = new Set<Promise<unknown>>();
  /** Earlier answers, by method and path without ids, and those of the present run. */
  const earlier = new Map<string, Answer>();
  const present = new Map<string, Answer>();
  let isOwnMixed = true;

  const pass = async (incoming: IncomingMessage, body: Buffer): Promise<Answer> => {
    const answer = await ask(`${target}${incoming.url ?? '/'}`, incoming, body, agent);
    const text = answer.body.toString('utf8').replaceAll(target, relay.url);
    return { ...answer, body: Buffer.from(text) };
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const { method = 'GET', url = '/' } = incoming;
    const { passedOn, harm } = relay.decide(method, url) ?? UNHARMED;
    const collection = `${method} ${url.replace(/[0-9a-f-]{32,36}|\?.*$/gu, '')}`;
    const before = (isOwnMixed ? present.get(collection) : undefined) ?? earlier.get(collection);
    let answer: Answer | undefined;
    if (passedOn === 'before') {
      answer = await pass(incoming, body);
      if (answer.status < 300) present.set(collection, answer);
    } else if (passedOn !== 'never') {
      const later = delay(passedOn.afterMs / SCALE).then(() => pass(incoming, body));
      heldBack.add(later);
      void later.catch(() => undefined).finally(() => heldBack.delete(later));
    }
    await reply(outgoing, harm, answer, before);
  };

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    decide: () => undefined,
    begin(isOwnMixedUp) {
      for (const [collection, answer] of present) earlier.set(collection, answer);
      present.clear();
      isOwnMixed = isOwnMixedUp;
    },
    async settled() {
      await Promise.allSettled(heldBack);
    },
    async stop() {
      await Promise.allSettled(heldBack);
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return relay;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Headers of one connection, which a relay does not pass on. */
const HOP =
  /^(?:connection|keep-alive|transfer-encoding|content-length|content-encoding|host|accept-encoding)$/iu;

const passedOnOf = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !HOP.test(name))
      .map(([name, value]) => [name, String(value)]),
  );

function ask(url: string, incoming: IncomingMessage, body: Buffer, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = passedOnOf(incoming.headers);
    if (body.length > 0 || incoming.method !== 'GET') headers['content-length'] = String(body.length);
    const outgoing = send(url, { method: incoming.method, headers, agent }, (answer) => {
      bodyOf(answer).then(
        (received) =>
          resolve({ status: answer.statusCode ?? 502, headers: passedOnOf(answer.headers), body: received }),
        reject,
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

const EMPTY: Answer = { status: 502, headers: {}, body: Buffer.alloc(0) };

async function reply(
  outgoing: ServerResponse,
  harm: Harm,
  answer: Answer = EMPTY,
  before: Answer = EMPTY,
): Promise<void> {
  const { socket } = outgoing;
  switch (harm.kind) {
    case 'none':
      write(outgoing, answer);
      return;
    case 'lost':
      socket?.resetAndDestroy();
      return;
    case 'cut': {
      const raw = rawOf(answer);
      socket?.write(raw.subarray(0, Math.floor(raw.length * harm.share)), () => socket.destroy());
      return;
    }
    case 'page':
      write(outgoing, {
        status: harm.status,
        headers: { 'content-type': 'text/html', ...(harm.status === 302 ? { location: '/login' } : {}) },
        body: Buffer.from(PAGE),
      });
      return;
    case 'empty':
      write(outgoing, { status: harm.status, headers: {}, body: Buffer.alloc(0) });
      return;
    case 'foreign':
      write(outgoing, {
        status: harm.status,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(FOREIGN[harm.status % FOREIGN.length] ?? 'null'),
      });
      return;
    case 'other':
      write(outgoing, before);
      return;
    case 'late':
      await delay(harm.ms / SCALE);
      write(outgoing, answer);
      return;
    case 'double':
      write(outgoing, answer);
      await delay(harm.ms / SCALE);
      if (socket?.destroyed === false) socket.write(rawOf(answer));
      return;
  }
}

function write(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const length = status === 204 ? {} : { 'content-length': String(body.length) };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(status === 204 ? undefined : body);
}

/** An answer as it is on the wire. */
function rawOf({ status, headers, body }: Answer): Buffer {
  const lines = Object.entries({ ...headers, 'content-length': String(body.length) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Answer\r\n${lines.join('')}\r\n`), body]);
}
