import { startUser } from '../mcp/support/client';
import type { McpUser, Row } from '../mcp/support/client';
import { loginOf } from '../mcp/support/server';
import { Assistant, type Answer } from './question';
import { evaluationFiles } from './mcpchecker';
import { questions } from './questions';
import type { World } from './world';
import { worlds, type WorldName } from './worlds';

/** Budgets of one question. */
const MAX_CALLS = 2;
const MAX_TOKENS = 1500;

const cases = (Object.keys(worlds) as WorldName[]).map((name) => ({
  world: name,
  asked: questions.filter((question) => question.worlds.includes(name)),
}));

it('asks at least 30 questions, of all topics', () => {
  expect(questions.length).toBeGreaterThanOrEqual(30);
  expect(new Set(questions.map(({ name }) => name)).size).toBe(questions.length);
  expect(new Set(questions.map(({ topic }) => topic)).size).toBe(10);
});

describe.each(cases)('$world', ({ world: name, asked }) => {
  let world: World | undefined;
  let user: McpUser | undefined;
  beforeAll(async () => {
    world = await worlds[name]();
    // Who asks may also start things: nothing that is asked here calls for it.
    user = await startUser({ env: loginOf(world.sandbox), args: ['--allow-write', '--toolsets', 'all'] });
  });
  afterAll(async () => {
    await user?.close();
    await world?.stop();
  });

  it.each(asked)('$name', async ({ truth, solve, tolerance = 0 }) => {
    if (world === undefined || user === undefined) throw new Error('The world was not started');
    const assistant = new Assistant(user);
    world.sandbox.requests.clear();

    const answer = await solve(assistant);

    expectAnswer(answer, truth(world), tolerance);
    expect(assistant.called.length).toBeLessThanOrEqual(MAX_CALLS);
    expect(assistant.tokens).toBeLessThanOrEqual(MAX_TOKENS);
    expect(changesOf(world)).toEqual([]);
    const tools = new Map((await user.tools()).map((tool) => [tool.name, tool.inputSchema]));
    for (const step of assistant.suggested)
      expect([step, misfits(tools.get(step.tool), step)]).toEqual([step, []]);
  });
});

/** Arguments of a suggested call that the schema of its tool lacks, and those that it requires in addition. */
function misfits(
  schema: Row | undefined,
  { arguments: given }: { readonly arguments: Row },
): readonly string[] {
  const known = Object.keys(schema?.['properties'] ?? {});
  const required = (schema?.['required'] ?? []) as readonly string[];
  return [
    ...Object.keys(given).filter((name) => !known.includes(name)),
    ...required.filter((name) => !(name in given)),
  ];
}

describe('the same questions for a model', () => {
  it('are tasks with a prompt and a true answer, and forbid all changes', async () => {
    const world = await worlds.nights();
    try {
      const files = evaluationFiles('nights', world);
      const tasks = Object.entries(files).filter(([file]) => file.includes('/tasks/'));

      expect(tasks).toHaveLength(questions.filter((question) => question.worlds.includes('nights')).length);
      for (const [, task] of tasks) {
        expect(task).toMatchObject({
          kind: 'Task',
          spec: { prompt: { inline: expect.stringMatching(/[?.]$/u) as string } },
        });
        expect(JSON.stringify(task)).not.toMatch(/undefined|NaN|\[object|"contains":""/u);
      }
      expect(JSON.stringify(files['nights/eval.yaml'])).toContain(
        '{"server":"coriolis","tool":"execute_transfer"}',
      );
    } finally {
      await world.stop();
    }
  });

  it('have no key that mcpchecker does not know: it ignores such keys', async () => {
    const world = await worlds.nights();
    try {
      const files = evaluationFiles('nights', world);
      const unknown = Object.entries(files).flatMap(([file, content]) =>
        keysOf(content)
          .filter((path) => !knownKeys.some((known) => known.test(path)))
          .map((path) => `${file}: ${path}`),
      );

      expect(unknown).toEqual([]);
    } finally {
      await world.stop();
    }
  });
});

/** Keys of mcpchecker's files, as paths without the positions in lists. */
const knownKeys: readonly RegExp[] = [
  /^(?:kind|apiVersion|metadata|metadata\.(?:name|difficulty|parallel|labels|labels\.topic))$/u,
  /^spec(?:\.(?:prompt|prompt\.inline|verify|verify\.llmJudge|verify\.llmJudge\.contains))?$/u,
  /^config(?:\.(?:mcpConfigFile|agent|agent\.(?:type|model)|llmJudge|llmJudge\.ref|llmJudge\.ref\.(?:type|model)))?$/u,
  /^config\.taskSets(?:\.(?:glob|assertions|assertions\.(?:maxToolCalls|tools(?:Not)?Used|tools(?:Not)?Used\.(?:server|tool|toolPattern))))?$/u,
  /^mcpServers(?:\.coriolis(?:\.(?:command|args|enableAllTools|env|env\.\w+))?)?$/u,
];

function keysOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = path === '' ? name : `${path}.${name}`;
    return [key, ...keysOf(inner, key)];
  });
}

/** Requests that changed something: neither logins nor validations of connections. */
const changesOf = ({ sandbox }: World): readonly string[] =>
  sandbox.requests.entries
    .filter(({ method }) => !['GET', 'HEAD'].includes(method))
    .map(({ method, path }) => `${method} ${path}`)
    .filter((request) => !/\/(auth\/tokens|actions)$/u.test(request));

/** A number may differ by a part of itself, because time goes on while it is asked for. */
function expectAnswer(answer: Answer, truth: Answer, tolerance: number): void {
  if (tolerance === 0 || typeof answer !== 'number' || typeof truth !== 'number') {
    expect(answer).toEqual(truth);
    return;
  }
  expect(Math.abs(answer - truth)).toBeLessThanOrEqual(tolerance * truth);
}
