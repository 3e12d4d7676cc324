import { inspect } from 'node:util';
import { connect, isCoriolisError, type Transport } from '../../library';
import { makeDefaultTransport } from '../../library/connect-defaults';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { catalogue, resources } from '../../src/catalogue';
import { SECRET_SUBSTRINGS, SECRET_WHOLE_WORDS } from '../../src/model/secret-names';
import { operationId } from '../../src/operation';
import { toCamelCase, methodNameOf } from '../../library/member-names';
import { loginTo } from './support';
import { valueFor } from '../support/poisoned-estate';

/** Secrets in whatever a server answers to any operation come out of no error and of no result. */

const SECRET = 'Zx9Canary7Q';
const NAMES = [
  ...new Set([
    ...SECRET_SUBSTRINGS,
    ...SECRET_WHOLE_WORDS,
    'adminPass',
    'account_key',
    'hasło',
    'Mot_de_passe',
  ]),
]
  // Patterns of the table are no names.
  .filter((name) => /^[\p{L}_]+$/u.test(name));

interface Poison {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers that hold a secret under a name. */
const poisons: ReadonlyArray<readonly [place: string, poison: (name: string) => Poison]> = [
  [
    'a text',
    (name) => ({ status: 500, headers: {}, body: `Refused {"${name}": "${SECRET}"} and ${name}=${SECRET}` }),
  ],
  [
    'an error',
    (name) => ({
      status: 400,
      headers: {},
      body: JSON.stringify({ error: { code: 400, message: `got {'${name}': u'${SECRET}'}` } }),
    }),
  ],
  [
    'an error of a conflict',
    (name) => ({
      status: 409,
      headers: {},
      body: JSON.stringify({ error: { code: 409, message: `busy: ${name}=${SECRET}` } }),
    }),
  ],
  [
    'a request id and a redirect',
    (name) => ({
      status: 302,
      headers: {
        'x-openstack-request-id': `req-1 ${name}=${SECRET}`,
        location: `https://h/?${name}=${SECRET}`,
      },
      body: '',
    }),
  ],
  [
    'a content type',
    (name) => ({ status: 200, headers: { 'content-type': `${name}=${SECRET}` }, body: 'x' }),
  ],
  [
    'a page',
    (name) => ({ status: 502, headers: { 'content-type': 'text/html' }, body: `<p>${name}: ${SECRET}</p>` }),
  ],
];

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

/** Everything that a program, a log or a person can see of a value. */
const seenOf = (value: unknown): string => {
  const causes: unknown[] = [];
  for (let at = value; at instanceof Error; at = at.cause)
    causes.push(at.message, at.stack, Object.entries(at));
  return [
    String(value),
    JSON.stringify([value]),
    inspect(value, { depth: 20, showHidden: true }),
    inspect(causes, { depth: 20 }),
  ].join('\n');
};

it.each(poisons)('in %s', async (_place, poison) => {
  const real = makeDefaultTransport();
  let now = Date.now();
  let turn = 0;
  const transport: Transport = {
    async send(request) {
      if (request.url.includes('/auth/') || request.url.endsWith('/v3')) return await real.send(request);
      const name = NAMES[(turn += 1) % NAMES.length] ?? 'password';
      return poison(name);
    },
  };
  const coriolis = connect({
    ...loginTo(sandbox),
    transport,
    runtime: {
      clock: () => now,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
      random: () => 0.5,
    },
  }) as unknown as Readonly<
    Record<
      string,
      Readonly<Record<string, (given: object) => Promise<unknown> & { toArray?: () => Promise<unknown> }>>
    >
  >;
  let errors = 0;
  for (let round = 0; round < 8; round += 1) {
    for (const operation of catalogue) {
      const method =
        coriolis[toCamelCase(resources[operation.resource].plural)]?.[methodNameOf(operation.name)];
      if (method === undefined) throw new Error(`the library has no ${operationId(operation)}`);
      const given = Object.fromEntries(
        Object.entries(operation.input)
          .filter(([, field]) => field.required)
          .map(([name, field]) => [name, valueFor(field)]),
      );
      try {
        const called = method(given);
        expect(seenOf(await (called.toArray?.() ?? called))).not.toContain(SECRET);
      } catch (error) {
        if (!isCoriolisError(error)) throw error;
        errors += 1;
        const seen = seenOf(error);
        if (seen.includes(SECRET))
          throw new Error(`${operationId(operation)} shows a secret: ${error.message}`);
      }
    }
  }
  expect(errors).toBeGreaterThan(catalogue.length);
  expect(turn).toBeGreaterThan(NAMES.length);
});
