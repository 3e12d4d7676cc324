import fc from 'fast-check';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { catalogue } from '../../src/catalogue';
import { startUser } from './support/client';
import type { Row, Tool, StdioUser } from './support/client';
import { everyObject } from './support/everything';
import type { Known } from './support/everything';
import { loginOf } from './support/server';
import { cases } from '../support/cases';

/** Calls a tool: a few, because there are many tools. */
const RUNS = 5;

const names = catalogue.filter(({ related }) => related?.supersededBy === undefined).map(({ tool }) => tool);

let sandbox: Sandbox;
let user: StdioUser;
let known: Known;
let tools: ReadonlyMap<string, Tool>;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 2000, transfers: 30 });
  // Waits end after a second, whatever time is asked for.
  const args = ['--allow-destroy', '--toolsets', 'all', '--confirm', 'token', '--max-wait', '1'];
  user = await startUser({ env: loginOf(sandbox), args });
  known = await everyObject(user);
  tools = new Map((await user.tools()).map((tool) => [tool.name, tool]));
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

/** Texts that make trouble elsewhere. */
const TROUBLE = [
  '',
  ' ',
  '../../etc/passwd',
  '%00%2e%2e%2f',
  "'; DROP TABLE transfers; --",
  '{"__proto__": {"x": 1}}',
  '[1, 2',
  '\u202e\u200b\u0000\ud800',
  '=1+1',
  'x'.repeat(20_000),
  '9'.repeat(400),
  'NaN',
  '__proto__',
  'constructor',
  '1/2/3',
  '/',
];

/** What a property of a schema accepts, and values that look as if. */
function valueOf(name: string, schema: Row): fc.Arbitrary<unknown> {
  const proper: fc.Arbitrary<unknown>[] = [];
  if (name in known) proper.push(fc.constant(known[name]));
  if (Array.isArray(schema['enum'])) proper.push(fc.constantFrom(...(schema['enum'] as unknown[])));
  switch (schema['type']) {
    case 'string':
      proper.push(fc.constantFrom(...TROUBLE), fc.string({ unit: 'binary' }));
      break;
    case 'integer':
      proper.push(fc.integer(), fc.constantFrom(0, -1, 1.5, Number.MAX_SAFE_INTEGER, 1e308));
      break;
    case 'boolean':
      proper.push(fc.boolean(), fc.constantFrom('true', 'no', 1));
      break;
    case 'array':
      proper.push(fc.array(fc.oneof(fc.constantFrom(...TROUBLE), fc.string()), { maxLength: 5 }));
      break;
    case 'object':
      proper.push(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom(...TROUBLE)), fc.jsonValue(), { maxKeys: 5 }),
      );
      break;
  }
  return fc.oneof({ weight: 4, arbitrary: fc.oneof(...proper) }, { weight: 1, arbitrary: fc.jsonValue() });
}

/** Arguments of a tool: what must be given is mostly given, and sometimes there is something nobody asked for. */
function argumentsOf({ inputSchema }: Tool): fc.Arbitrary<Row> {
  const properties = Object.entries((inputSchema['properties'] ?? {}) as Readonly<Record<string, Row>>);
  const required = (inputSchema['required'] ?? []) as string[];
  const declared = Object.fromEntries(properties.map(([name, schema]) => [name, valueOf(name, schema)]));
  const proper = fc.record(declared, { requiredKeys: required });
  const loose = fc.record(declared, { requiredKeys: [] });
  const extra = fc.dictionary(
    fc.constantFrom('colour', 'toString', 'constructor', ...Object.keys(known)),
    fc.jsonValue(),
    { maxKeys: 2 },
  );
  return fc.oneof(
    { weight: 3, arbitrary: proper },
    { weight: 1, arbitrary: fc.tuple(loose, extra).map(([given, more]) => ({ ...given, ...more })) },
  );
}

/** What a crash looks like to whoever called. */
const CRASH =
  /bug in this MCP server|\n\s+at |node:internal|TypeError|RangeError|is not a function|Cannot read/u;

describe('whatever arguments a model makes up', () => {
  it.each(names)('are answered in words: %s', async (name) => {
    const tool = tools.get(name);
    if (tool === undefined) throw new Error(`there is no ${name}`);
    await fc.assert(
      fc.asyncProperty(argumentsOf(tool), async (given) => {
        const { text } = await user.call(name, given);

        expect(text).not.toMatch(CRASH);
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThan(50_000);
      }),
      { ...cases(RUNS), endOnFailure: true },
    );
  });

  it('leave the server as it was', async () => {
    const { isError } = await user.call('list_endpoints');

    expect(isError).toBe(false);
    await user.close();
    expect(user.log.whole()).not.toContain('unexpected error');
  });
});
