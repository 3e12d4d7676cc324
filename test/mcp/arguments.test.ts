import { readFileSync } from 'node:fs';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser, connectHttpUser } from './support/client';
import type { Row, Tool, McpUser } from './support/client';
import { serveHttp } from './support/http';
import type { HttpProcess } from './support/http';
import { loginOf } from './support/server';

/** What every tool makes of arguments that its schema does not have, that are null, and that are too large. */

const everything = ['--allow-destroy', '--toolsets', 'all'] as const;

let sandbox: Sandbox;
let user: McpUser;
let tools: readonly Tool[];
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  user = await startUser({ env: loginOf(sandbox), args: everything });
  tools = await user.tools();
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

const refuses = ({ inputSchema }: Tool): boolean => inputSchema['additionalProperties'] === false;
const propertiesOf = ({ inputSchema }: Tool): Record<string, Row> =>
  (inputSchema['properties'] ?? {}) as Record<string, Row>;
/** Not called without arguments: a wait takes its time. */
const isBrief = ({ name }: Tool): boolean => !name.startsWith('wait_');

it('an unknown argument is refused where the schema says so, and elsewhere named in a warning', async () => {
  for (const tool of tools) {
    const { isError, text, structured } = await user.call(tool.name, { task_progress: 1 });

    expect([tool.name, text.includes('task_progress')]).toEqual([tool.name, true]);
    if (refuses(tool)) expect([tool.name, isError]).toEqual([tool.name, true]);
    else if (!isError) expect(structured.warnings?.join(' ')).toContain('task_progress');
  }
});

it('tools that change something refuse, tools that only read do not', () => {
  for (const tool of tools) {
    const isRead = tool.annotations?.['readOnlyHint'] === true || ['wait_for'].includes(tool.name);
    if (isRead) expect([tool.name, refuses(tool)]).toEqual([tool.name, false]);
    else expect([tool.name, refuses(tool) || isWaiting(tool)]).toEqual([tool.name, true]);
  }
});
/** Waits read, and are marked as changes where they also take the next steps of migrations. */
const isWaiting = ({ name }: Tool): boolean => name.startsWith('wait_');

it('nulls count as left out, known and unknown', async () => {
  for (const tool of tools.filter(isBrief)) {
    const nulls = Object.fromEntries(
      [...Object.keys(propertiesOf(tool)), 'task_progress'].map((name) => [name, null]),
    );
    const without = await user.call(tool.name);
    const withNulls = await user.call(tool.name, nulls);

    expect([tool.name, withNulls.isError, firstWords(withNulls.text)]).toEqual([
      tool.name,
      without.isError,
      firstWords(without.text),
    ]);
  }
});
const firstWords = (text: string): string => text.slice(0, 30);

it('lists, maps and numbers show their maxima', () => {
  for (const tool of tools) {
    for (const [name, property] of Object.entries(propertiesOf(tool))) {
      if (property['type'] === 'array' && name !== 'fields') {
        expect([tool.name, name, property['maxItems']]).toEqual([tool.name, name, expect.any(Number)]);
      }
      if (name === 'limit') expect(property['maximum']).toBe(100);
    }
  }
});

describe('what is too large', () => {
  const many = 140_000;
  const list = (length: number): readonly string[] => Array.from({ length }, (_, index) => `t${index}`);
  const values: Readonly<Record<string, unknown>> = {
    array: list(20_001),
    string: 'x'.repeat(70_000),
    object: Object.fromEntries(list(20_001).map((key) => [key, 'v'])),
    integer: '9'.repeat(70_000),
    boolean: 'x'.repeat(70_000),
  };
  /** Texts of several lines, such as a table. */
  const long = ['table', 'licence_pem', 'user_scripts'];
  const required: Row = {
    transfer_id: 't',
    origin_endpoint_id: 'a',
    destination_endpoint_id: 'b',
    instances: ['x'],
  };

  it('is refused in words, for every argument of every tool, and sends nothing', async () => {
    sandbox.requests.clear();
    for (const tool of tools) {
      for (const [name, property] of Object.entries(propertiesOf(tool))) {
        if (name === 'options' || property['enum'] !== undefined) continue;
        const value = long.includes(name) ? 'x'.repeat(4_200_000) : values[String(property['type'])];
        const { isError, text } = await user.call(tool.name, { ...required, [name]: value });

        expect([tool.name, name, isError]).toEqual([tool.name, name, true]);
        expect(text.length).toBeLessThan(3_000);
      }
    }
    expect(sandbox.requests.count('POST', /./u)).toBeLessThanOrEqual(1);
  });

  it('names at most ten problems', async () => {
    const strangers = Object.fromEntries(Array.from({ length: many }, (_, index) => [`k${index}`, 'v']));
    const { isError, text } = await user.call('create_transfer', strangers);

    expect(isError).toBe(true);
    expect(text).toContain('k9 and 139990 more are not inputs here');
    expect(text.length).toBeLessThan(3_000);
  });

  describe('over HTTP', () => {
    let server: HttpProcess;
    beforeAll(async () => {
      server = await serveHttp(loginOf(sandbox), [...everything, '--rate-limit', '1000000']);
    });
    afterAll(() => server.stop());

    /** Milliseconds of CPU that the server has used. */
    const cpuMs = (): number => {
      const fields =
        readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    };

    it('costs milliseconds, and the server answers meanwhile', async () => {
      const caller = await connectHttpUser({ url: server.url });
      await caller.call('list_endpoints');
      const executions = list(many);
      const rounds = 20;
      const before = cpuMs();
      for (let round = 0; round < rounds; round += 1) {
        const call = caller.call('wait_for', { executions });
        // Answered while the call is under way: nothing waits for its end.
        const health = await fetch(`${server.origin}/healthz`);
        expect(health.status).toBe(200);
        const { text } = await call;
        expect(text).toContain('at most 20 are accepted');
      }
      const each = (cpuMs() - before) / rounds;
      process.stdout.write(
        `an argument of ${(JSON.stringify(executions).length / 1e6).toFixed(1)} MB: ${each.toFixed(0)} ms of CPU with its transport and /healthz\n`,
      );
      await caller.close();

      expect(each).toBeLessThan(1_000);
    });
  });
});
