import { inspect } from 'node:util';
import { connect, isCoriolisError, type CoriolisApi } from '../../library';
import { toCamelCase, methodNameOf } from '../../library/member-names';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { catalogue, resources } from '../../src/catalogue';
import { operationId } from '../../src/operation';
import { eventsField } from '../../src/watch/trigger-fields';
import { adminAt, inputsFor, poisonedEstate, type KnownInputs } from '../support/poisoned-estate';
import {
  INVISIBLE,
  leaksIn,
  ORDER,
  poisonedServer,
  type PoisonedServer,
  type Said,
} from '../support/poisoned-server';

/** Everything that a program gets from a Coriolis whose every text is an attacker's and holds a secret. */

type Method = (
  given: object,
  options?: object,
) => Promise<unknown> & { toArray?: () => Promise<unknown[]>; preview?: unknown };

let sandbox: Sandbox;
let poisoned: PoisonedServer;
let coriolis: CoriolisApi;
let known: KnownInputs;
const said: Said[] = [];
const pages: Said[] = [];

const keep = (where: string, value: unknown): void => {
  said.push({ where, text: `${JSON.stringify([value])} ${inspect(value, { depth: 20, showHidden: true })}` });
};

async function call(where: string, ask: () => Promise<unknown>): Promise<void> {
  try {
    const result = await ask();
    keep(where, result);
    const { html, text, slack, teams } = (result ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof html === 'string') pages.push({ where: `the page of ${where}`, text: html });
    if (typeof text === 'string' && slack !== undefined)
      pages.push({ where: `the text of ${where}`, text: text.replaceAll('\n', ' ') });
    if (slack !== undefined) pages.push({ where: `the messages of ${where}`, text: words([slack, teams]) });
  } catch (error) {
    if (!isCoriolisError(error)) throw error;
    keep(where, [error, error.message, error.advice, error.stack, error.cause]);
  }
}

/** All texts in a value, without the escapes of JSON. */
const words = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'object' && value !== null
      ? Object.values(value).map(words).join(' ').replaceAll('\n', ' ')
      : '';

async function callEverything(more: string): Promise<void> {
  // What reads comes first: what deletes takes its objects away.
  const order = [...catalogue].sort(
    (one, other) => Number(other.effect === 'read') - Number(one.effect === 'read'),
  );
  for (const operation of order) {
    const group = toCamelCase(resources[operation.resource].plural) as keyof CoriolisApi;
    const method = (coriolis[group] as unknown as Readonly<Record<string, Method>>)[
      methodNameOf(operation.name)
    ];
    if (method === undefined) throw new Error(`the library has no ${operationId(operation)}`);
    const given = inputsFor(operation, known);
    const where = `${operationId(operation)}${more}`;
    const onProgress = (note: unknown) => keep(`progress of ${where}`, note);
    const { preview } = method as { preview?: Method };
    if (operation.effect === 'destroy' && preview !== undefined)
      await call(`preview of ${where}`, async () => await preview(given));
    for (const detail of ['summary', 'full']) {
      await call(`${where}, ${detail}`, async () => {
        const called = method(given, { detail, onProgress });
        return await (called.toArray?.() ?? called);
      });
    }
  }
}

/** Two batches of a watch with all kinds: what was before, and a run that ends in between. */
async function watchRuns(): Promise<void> {
  const all = eventsField.kind === 'choice' ? eventsField.choices.map(({ value }) => value) : [];
  const events: unknown[] = [];
  const end = AbortSignal.timeout(60_000);
  const transferId = String(known['transferId']);
  let isStarted = false;
  for await (const batch of coriolis.watch({ kinds: all as never, intervalSeconds: 1, signal: end })) {
    keep('the watch', batch);
    events.push(...batch.events);
    if (events.length > 0) break;
    // The first batch takes in what was before.
    if (!isStarted) await coriolis.executions.start({ transferId });
    isStarted = true;
  }
  expect(events.length).toBeGreaterThan(0);
}

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 2000, transfers: 30 });
  known = await poisonedEstate(connect(adminAt(sandbox.connection, sandbox.url)));
  poisoned = await poisonedServer(sandbox.url);
  const login = adminAt(sandbox.connection, poisoned.url);
  coriolis = connect(login);
  await watchRuns();
  poisoned.fails = true;
  let now = Date.now();
  // Nobody waits between the attempts.
  const sleep = (ms: number): Promise<void> => Promise.resolve(void (now += ms));
  coriolis = connect({ ...login, runtime: { clock: () => now, sleep, random: () => 0.5 } });
  await callEverything(' of a server that fails');
  poisoned.fails = false;
  coriolis = connect(login);
  await callEverything('');
}, 600_000);
afterAll(async () => {
  await poisoned.close();
  await sandbox.stop();
});

const placesOf = (all: readonly Said[], found: (text: string) => boolean): readonly string[] =>
  all.filter(({ text }) => found(text)).map(({ where }) => where);

it('most of what is planted comes to the library', () => {
  expect(poisoned.planted()).toBeGreaterThan(1500);
  expect(placesOf(said, (text) => text.includes(ORDER)).length).toBeGreaterThan(40);
  expect(pages.length).toBeGreaterThan(4);
  expect(pages.filter(({ text }) => text.includes(ORDER.slice(0, 20))).length).toBeGreaterThan(1);
});

it('no secret is in a result, an error, a preview, a progress note, an event, a page or a message', () => {
  expect(leaksIn([...said, ...pages])).toEqual([]);
});

it('nothing invisible is in a page or a message', () => {
  expect(placesOf(pages, (text) => INVISIBLE.test(text.replaceAll('\n', '')))).toEqual([]);
});

/** Pages are HTML, in which Markdown is plain text. */
const drawsOrLinks = (text: string): boolean =>
  /<img|<https:/u.test(text) || (!/^<!doctype html>/iu.test(text) && /(?<!\\)\]\(https:/u.test(text));

it('no page and no message draws or links what others wrote', () => {
  expect(placesOf(pages, drawsOrLinks)).toEqual([]);
});
