import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REDACTED, redact } from '../../../src/model/redact-object';

const RECORDINGS = join(__dirname, '../../fixtures/recordings');

const recordings = readdirSync(RECORDINGS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name): [string, unknown] => [name, JSON.parse(readFileSync(join(RECORDINGS, name), 'utf8'))]);

const CANARY = 'cAnAry';

/** A copy in which everything that must not leave holds a canary: named by the documents, not by the code under test. */
function withCanaries(value: unknown, inside = false): unknown {
  if (Array.isArray(value)) return value.map((entry) => withCanaries(entry, inside));
  if (typeof value !== 'object' || value === null) return inside && value !== null ? CANARY : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (key === 'secret_ref') return [key, entry];
      const secret =
        /^(.*connection_info|user_scripts|info|password|secret|trust_id|x-subject-token|x-auth-token)$/i.test(
          key,
        );
      return [key, withCanaries(entry, inside || secret)];
    }),
  );
}

/** A schema names fields that hold secrets, and holds none. */
const describesFields = (name: string): boolean => name.includes('provider-schemas');

describe('every recording', () => {
  it('is there', () => {
    expect(recordings.length).toBeGreaterThan(100);
  });

  it.each(recordings.filter(([name]) => !describesFields(name)))(
    '%s leaves without its secrets',
    (_name, recorded) => {
      const told = withCanaries(recorded);
      expect(JSON.stringify(redact(told))).not.toContain(CANARY);
      // Also when it travels as text, as bodies of HTTP nodes and notes do.
      expect(JSON.stringify(redact({ text: JSON.stringify(told) }))).not.toContain(CANARY);
    },
  );

  it.each(recordings.filter(([name]) => describesFields(name)))(
    '%s is a form, whose schema stays',
    (_name, recorded) => {
      const { body } = (recorded as { response: { body: unknown } }).response;
      expect(redact(body)).toEqual(body);
    },
  );
});

describe('what is secret', () => {
  it('connection details: their keys stay, and where they are kept', () => {
    const endpoint = {
      name: 'vcenter',
      connection_info: {
        host: 'vc.example.com',
        port: 443,
        allow_untrusted: true,
        nested: { user: 'administrator' },
        secret_ref: 'https://barbican/v1/secrets/1',
      },
    };
    expect(redact(endpoint)).toEqual({
      name: 'vcenter',
      connection_info: {
        host: REDACTED,
        port: REDACTED,
        allow_untrusted: true,
        nested: { user: REDACTED },
        secret_ref: 'https://barbican/v1/secrets/1',
      },
    });
  });

  it.each([
    'password',
    'adminPassword',
    'admin_pass_word_password2',
    'passphrase',
    'encrypted_disks_passphrase',
    'secret_access_key',
    'client-secret',
    'X-Auth-Token',
    'private_key',
    'apiKey',
    'credentials',
    'pkey',
    'trust_id',
  ])('the value of %s, also in an environment', (name) => {
    expect(redact({ destination_environment: { [name]: 'hunter2', flavor: 'm1.small' } })).toEqual({
      destination_environment: { [name]: REDACTED, flavor: 'm1.small' },
    });
  });

  it('everything inside a value whose name says so', () => {
    expect(redact({ credentials: { user: 'u', list: ['a', 1] } })).toEqual({
      credentials: { user: REDACTED, list: [REDACTED, REDACTED] },
    });
  });

  it('user scripts, of which the places stay', () => {
    expect(redact({ user_scripts: { global: { linux: 'echo pw' }, instances: {} } })).toEqual({
      user_scripts: { global: { linux: REDACTED }, instances: {} },
    });
  });

  it('the conductor’s notes, as a whole; an empty one stays empty, and a word of that name is none', () => {
    expect(redact({ info: { 'db-01': { volumes_info: [] } } })).toEqual({ info: REDACTED });
    expect(redact({ info: {} })).toEqual({ info: {} });
    expect(redact({ level: 'info', info: 'fine' })).toEqual({ level: 'info', info: 'fine' });
  });

  it('the machines of a minion pool', () => {
    const machine = {
      id: 'm',
      connection_info: { ip: '10.0.0.1', pkey: 'x' },
      provider_properties: { id: 'i-1' },
    };
    expect(redact({ minion_machines: [machine] })).toEqual({
      minion_machines: [
        { id: 'm', connection_info: { ip: REDACTED, pkey: REDACTED }, provider_properties: { id: REDACTED } },
      ],
    });
  });

  it('JSON inside a text', () => {
    const body = JSON.stringify({ endpoint: { connection_info: { password: 'hunter2' }, name: 'e' } });
    expect(redact({ body })).toEqual({
      body: JSON.stringify({ endpoint: { connection_info: { password: REDACTED }, name: 'e' } }),
    });
  });

  it('what looks like a secret in free text', () => {
    const notes = 'moved with https://admin:hunter2@vc.example.com, password=hunter3';
    expect(JSON.stringify(redact({ notes }))).not.toMatch(/hunter/);
  });
});

describe('what is not', () => {
  it.each([
    { id: '351ed44a-c151-4745-99d9-7370df948b5e', created_at: '2026-11-22T15:44:13.000000', deleted: '0' },
    { password: '', token: null, secret: false, has_password: true },
    { notes: 'A note: "with quotes", {braces} and [brackets]' },
    { text: '{"kept": "as it was",   "spaces": 1}' },
    { keypair_name: 'ci', secret_ref: 'http://barbican/1', depends_on: ['a'], index: 3 },
    [1, 'two', null, undefined, true],
    'a word',
    42,
    null,
    undefined,
  ])('stays: %j', (value) => {
    expect(redact(value)).toEqual(value);
  });
});

describe('whatever comes', () => {
  it('is never changed in place', () => {
    const given = { connection_info: { password: 'hunter2' }, list: [{ token: 't' }] };
    const before = structuredClone(given);
    redact(given);
    expect(given).toEqual(before);
  });

  it('may contain itself', () => {
    const given: Record<string, unknown> = { name: 'loop' };
    given['self'] = given;
    expect(redact(given)).toEqual({ name: 'loop', self: REDACTED });
  });

  it('may contain the same object twice', () => {
    const shared = { a: 1 };
    expect(redact({ one: shared, other: shared })).toEqual({ one: shared, other: shared });
  });

  it('may be deeper than anything sane', () => {
    let deep: unknown = { password: 'hunter2' };
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    expect(JSON.stringify(redact(deep))).not.toContain('hunter2');
  });

  it('may be a text made to keep the search for secrets busy for minutes', () => {
    const text = `${'a-'.repeat(131_072)} password=hunter2`;
    expect(redact({ text })).toEqual({ text: text.replace('hunter2', '***') });
  });

  it('may name itself after the prototype', () => {
    const given: unknown = JSON.parse('{"__proto__": {"password": "hunter2"}}');
    const redacted = redact(given);
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"password":"[redacted]"}}');
    expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
  });
});
