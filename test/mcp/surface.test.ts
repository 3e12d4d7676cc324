import { catalogue } from '../../src/catalogue';
import { startUser } from './support/client';
import type { Row, Tool } from './support/client';
import { bare } from './support/server';
import { tokensOfTool } from './support/tokens';

const modes = {
  'read only': [],
  'with writes': ['--allow-write'],
  'with destruction': ['--allow-destroy'],
  everything: ['--allow-destroy', '--toolsets', 'all'],
} as const;

/** The tools of a server that has no settings at all: listing must not need any. */
async function toolsOf(args: readonly string[]): Promise<readonly Tool[]> {
  const user = await startUser({ env: bare, args });
  const tools = await user.tools();
  await user.close();
  return tools;
}

const surfaces = new Map<string, readonly Tool[]>();
beforeAll(async () => {
  for (const [mode, args] of Object.entries(modes)) surfaces.set(mode, await toolsOf(args));
});
const surface = (mode: keyof typeof modes): readonly Tool[] => surfaces.get(mode) ?? [];
const everyTool = (): readonly Tool[] => surface('everything');

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe('what an assistant is offered', () => {
  it.each(Object.keys(modes))('stays as published: %s', (mode) => {
    const tools = surface(mode as keyof typeof modes).map(
      ({ name, description, inputSchema, annotations }) => ({
        name,
        description,
        inputSchema,
        annotations,
      }),
    );

    expect(tools).toMatchSnapshot();
  });

  it('is at most 20 tools and 3,500 tokens by default, whatever is allowed', () => {
    for (const mode of ['read only', 'with writes', 'with destruction'] as const) {
      expect(surface(mode).length).toBeLessThanOrEqual(20);
      expect(sum(surface(mode).map(tokensOfTool))).toBeLessThanOrEqual(3500);
    }
  });

  it('is at most 12,000 tokens in all, and 350 a tool', () => {
    expect(sum(everyTool().map(tokensOfTool))).toBeLessThanOrEqual(12_000);
    for (const tool of everyTool()) {
      expect([tool.name, tokensOfTool(tool) <= 350]).toEqual([tool.name, true]);
    }
  });

  it('is the whole catalogue when everything is switched on', () => {
    expect(
      everyTool()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      catalogue
        .filter(({ related }) => related?.supersededBy === undefined)
        .map(({ tool }) => tool)
        .sort(),
    );
  });

  it('can be single tools, without others', async () => {
    const names = async (...args: readonly string[]) => (await toolsOf(args)).map(({ name }) => name);

    expect(await names('--tools', 'get_transfer,wait_for_execution')).toEqual([
      'get_transfer',
      'wait_for_execution',
    ]);
    expect(await names('--toolsets', 'default', '--tools', 'get_schedule')).toContain('get_schedule');
    expect(await names('--toolsets', 'all', '--exclude-tools', 'get_transfer')).not.toContain('get_transfer');
  });

  it('can be one resource', async () => {
    const names = (await toolsOf(['--toolsets', 'deployment'])).map(({ name }) => name);

    expect(names).toEqual([
      'list_deployments',
      'get_deployment',
      'wait_for_deployment',
      'diagnose_deployment',
    ]);
  });
});

describe('every tool', () => {
  it('has a name that hosts can prefix, and a title', () => {
    for (const { name, title } of everyTool()) {
      expect(name).toMatch(/^[a-z][a-z_]{0,31}$/u);
      expect(title).toBeTruthy();
    }
  });

  it('says what it does to the world in all four hints', () => {
    for (const { name, annotations } of everyTool()) {
      expect([name, annotations]).toEqual([
        name,
        expect.objectContaining({
          readOnlyHint: expect.any(Boolean) as boolean,
          destructiveHint: expect.any(Boolean) as boolean,
          idempotentHint: expect.any(Boolean) as boolean,
          openWorldHint: expect.any(Boolean) as boolean,
        }),
      ]);
    }
  });

  it('announces destruction exactly where the operator allows it', () => {
    const hints = (mode: keyof typeof modes) =>
      Object.fromEntries(
        surface(mode).map(({ name, annotations }) => [name, annotations?.['destructiveHint']]),
      );

    expect(hints('with writes')).toMatchObject({ execute_transfer: false, cancel_execution: false });
    expect(hints('with destruction')).toMatchObject({ execute_transfer: true, cancel_execution: true });
    expect(hints('everything')).toMatchObject({ delete_transfer: true, get_transfer: false });
  });

  it('has schemas that every host understands, with each argument described', () => {
    for (const { name, inputSchema, outputSchema } of everyTool()) {
      for (const schema of [inputSchema, outputSchema ?? {}]) {
        expect(schema['type']).toBe('object');
        for (const part of partsOf(schema)) {
          expect([name, part, typeof part['type']]).toEqual([name, part, 'string']);
        }
      }
      for (const [argument, schema] of Object.entries(
        (inputSchema['properties'] ?? {}) as Record<string, Row>,
      )) {
        // The words of a choice may say everything, and so may the name of an id and those that the instructions explain.
        if (/_id$/u.test(argument) || ['limit', 'fields'].includes(argument)) continue;
        expect([name, argument, schema['description'] ?? schema['enum']?.toString()]).toEqual([
          name,
          argument,
          expect.any(String),
        ]);
      }
    }
  });
});

/** All schemas within a schema. */
function partsOf(schema: Row): readonly Row[] {
  const properties = Object.values((schema['properties'] ?? {}) as Record<string, Row>);
  const items = schema['items'] === undefined ? [] : [schema['items'] as Row];
  return [schema, ...[...properties, ...items].flatMap(partsOf)];
}

describe('the instructions', () => {
  it.each(Object.entries(modes))('stay short: %s', async (_mode, args) => {
    const user = await startUser({ env: bare, args });

    const words = user.instructions() ?? '';

    expect(words.length).toBeGreaterThan(500);
    expect(words.length).toBeLessThanOrEqual(2000);
    await user.close();
  });

  it('name the switches that are off', async () => {
    const user = await startUser({ env: bare });

    expect(user.instructions()).toContain('--allow-write');
    expect(user.instructions()).toContain('--allow-destroy');
    await user.close();
  });
});
