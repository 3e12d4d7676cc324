import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpText } from '../../mcp/configuration/help-text';
import { readCommand } from '../../mcp/configuration/mcp-options';
import { loginSettingVariables } from '../../src/api/login-settings';
import { startUser, type McpUser } from './support/client';
import { bare, built } from './support/server';
import { findSchemaProblem } from '../../sandbox/python/schema-check';

const folder = join(__dirname, '../../mcp');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

interface Package {
  readonly name: string;
  readonly version: string;
  readonly mcpName: string;
  readonly bin: Readonly<Record<string, string>>;
}
const own = JSON.parse(read('package.json')) as Package;

/** What the MCP registry accepts as server.json, as far as ours uses it (its schema of 2025-12-11). */
const text = { type: 'string' };
const input = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    description: text,
    format: { enum: ['string', 'number', 'boolean', 'filepath'] },
    isRequired: { type: 'boolean' },
    isSecret: { type: 'boolean' },
    default: text,
    placeholder: text,
    choices: { type: 'array', items: text },
    type: { enum: ['named', 'positional'] },
  },
  required: ['name', 'description'],
  additionalProperties: false,
};
const registryEntry = {
  type: 'object',
  properties: {
    $schema: { const: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json' },
    name: { type: 'string', minLength: 3, maxLength: 200, pattern: '^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$' },
    title: { type: 'string', minLength: 1, maxLength: 100 },
    description: { type: 'string', minLength: 1, maxLength: 100 },
    version: { type: 'string', maxLength: 255, pattern: '^\\d+\\.\\d+\\.\\d+(-[\\w.]+)?$' },
    repository: {
      type: 'object',
      properties: { url: { type: 'string', pattern: '^https://' }, source: text, subfolder: text },
      required: ['url', 'source'],
      additionalProperties: false,
    },
    packages: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          registryType: { enum: ['npm', 'oci', 'mcpb'] },
          identifier: text,
          version: { type: 'string', minLength: 1, not: { const: 'latest' } },
          runtimeHint: text,
          transport: { type: 'object', properties: { type: { const: 'stdio' } }, required: ['type'] },
          packageArguments: { type: 'array', items: { ...input, required: ['type', 'name'] } },
          environmentVariables: { type: 'array', items: input },
        },
        required: ['registryType', 'identifier', 'transport'],
        additionalProperties: false,
      },
    },
  },
  required: ['$schema', 'name', 'description', 'version', 'packages'],
  additionalProperties: false,
};

interface RegistryEntry {
  readonly name: string;
  readonly version: string;
  readonly packages: ReadonlyArray<{
    readonly identifier: string;
    readonly version: string;
    readonly packageArguments: ReadonlyArray<{ readonly name: string }>;
    readonly environmentVariables: ReadonlyArray<{ readonly name: string; readonly isSecret?: boolean }>;
  }>;
}

/** Options that the command line knows, as its help names them. */
const options = new Set(helpText.match(/--[a-z][a-z-]+/gu));
/** What a text says of variables: `OS_USER_DOMAIN_NAME or _ID` are two, `OS_TENANT_*` is a family. */
function variablesIn(words: string): readonly string[] {
  const expanded = words.replaceAll(
    /\b((?:OS|CORIOLIS)_[A-Z_]*?)(_[A-Z]+)((?:,|\s+or|\s+and|\s*\(or)\s+)(_[A-Z]+)\b/gu,
    '$1$2$3$1$4',
  );
  return [...new Set(expanded.match(/\b(?:OS|CORIOLIS)_[A-Z_]*[A-Z](?![A-Z_*])/gu))];
}

/** The variables of login and connection that the server reads, the name that counts first of each setting. */
const settings = Object.values(loginSettingVariables);
const FILES = ['OS_CLOUD', 'OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE'];
/** Whether a variable is one that the server reads. */
const isKnown = (variable: string): boolean =>
  variable.startsWith('CORIOLIS_MCP_')
    ? options.has(`--${variable.slice('CORIOLIS_MCP_'.length).toLowerCase().replaceAll('_', '-')}`) ||
      variable === 'CORIOLIS_MCP_CONFIRM_KEY'
    : FILES.includes(variable) || settings.some((names) => names.some((name) => name === variable));
const isSecret = (variable: string): boolean => /PASSWORD|SECRET|TOKEN/u.test(variable);

describe('server.json', () => {
  const entry = JSON.parse(read('server.json')) as RegistryEntry;

  it('is what the registry accepts', () => {
    expect(findSchemaProblem(registryEntry, entry)).toBeNull();
  });

  it('would be refused with a longer description, or with a field that is not known', () => {
    expect(findSchemaProblem(registryEntry, { ...entry, description: 'x'.repeat(101) })).toContain(
      'description',
    );
    expect(findSchemaProblem(registryEntry, { ...entry, licence: 'MIT' })).toContain('licence');
  });

  it('is of this package and release', () => {
    expect(entry).toMatchObject({
      name: own.mcpName,
      version: own.version,
      packages: [{ identifier: own.name, version: own.version }],
    });
  });

  it('names options and variables that exist, and which of them are secret', () => {
    for (const { packageArguments, environmentVariables } of entry.packages) {
      for (const { name } of packageArguments) expect([name, options.has(name)]).toEqual([name, true]);
      for (const { name, isSecret: secret } of environmentVariables)
        expect([name, isKnown(name), secret ?? false]).toEqual([name, true, isSecret(name)]);
    }
  });
});

describe('manifest.json', () => {
  const manifest = JSON.parse(read('manifest.json')) as {
    readonly name: string;
    readonly version: string;
    readonly server: {
      readonly entry_point: string;
      readonly mcp_config: {
        readonly args: readonly string[];
        readonly env: Readonly<Record<string, string>>;
      };
    };
    readonly user_config: Readonly<
      Record<string, { readonly sensitive?: boolean; readonly default?: unknown }>
    >;
  };
  const { env } = manifest.server.mcp_config;

  it('is of this package and release, and starts what it publishes', () => {
    expect(manifest).toMatchObject({
      name: own.name,
      version: own.version,
      server: { entry_point: own.bin[own.name] },
    });
  });

  it('sets variables that exist, each from a setting that has a default, and hides what is secret', () => {
    for (const [variable, value] of Object.entries(env)) {
      const setting = manifest.user_config[/^\$\{user_config\.(\w+)\}$/u.exec(value)?.[1] ?? ''];

      expect([variable, isKnown(variable), setting?.sensitive ?? false]).toEqual([
        variable,
        true,
        isSecret(variable),
      ]);
      expect([variable, typeof setting?.default]).not.toEqual([variable, 'undefined']);
    }
  });

  it('reads only, unless its user says otherwise', () => {
    const defaults = Object.fromEntries(
      Object.entries(env).map(([variable, value]) => [
        variable,
        String(manifest.user_config[value.slice('${user_config.'.length, -1)]?.default),
      ]),
    );

    expect(readCommand([], defaults)).toMatchObject({
      options: { permissions: { write: false, destroy: false }, usesSandbox: false, toolsets: ['default'] },
    });
  });
});

describe('the variables of the environment', () => {
  const registry = JSON.parse(read('server.json')) as RegistryEntry;
  const named: Readonly<Record<string, readonly string[]>> = {
    '--help': variablesIn(helpText),
    'README.md': variablesIn(read('README.md')),
    'docs/mcp.md': variablesIn(read('../docs/mcp.md')),
    'server.json': registry.packages.flatMap(({ environmentVariables }) =>
      environmentVariables.map(({ name }) => name),
    ),
    'manifest.json': Object.keys(
      (JSON.parse(read('manifest.json')) as { server: { mcp_config: { env: object } } }).server.mcp_config
        .env,
    ),
  };

  it.each(Object.keys(named))('of %s are all read', (where) => {
    const names = named[where] ?? [];
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  });

  it('are all told of by --help, under the name of each setting that counts first', () => {
    const missing = settings.filter(([name]) => !(named['--help'] ?? []).includes(name));
    expect(missing).toEqual([]);
  });

  it.each(['server.json', 'manifest.json'])('that a login needs can be given in %s', (where) => {
    const needed = [
      'OS_AUTH_URL',
      'CORIOLIS_APPLIANCE',
      'OS_USERNAME',
      'OS_PASSWORD',
      'OS_USER_DOMAIN_NAME',
      'OS_PROJECT_NAME',
      'OS_PROJECT_DOMAIN_NAME',
      'CORIOLIS_ENDPOINT',
      'OS_REGION_NAME',
      'OS_CACERT',
      'CORIOLIS_MCP_ALLOW_WRITE',
      'CORIOLIS_MCP_ALLOW_DESTROY',
    ];
    expect(needed.filter((name) => !(named[where] ?? []).includes(name))).toEqual([]);
  });
});

describe('the ways to set it up that the README shows', () => {
  const blocks = [...read('README.md').matchAll(/```(json|sh)\n([\s\S]*?)```/gu)].map(
    ([, kind, code = '']) => ({ kind, code }),
  );
  const hosts = blocks
    .filter(({ kind }) => kind === 'json')
    .map(({ code }) => JSON.parse(code) as Readonly<Record<string, Readonly<Record<string, unknown>>>>);

  it('are of the shapes that hosts read', () => {
    expect(hosts.map((host) => Object.keys(host))).toEqual([['mcpServers'], ['inputs', 'servers']]);
    for (const host of hosts) {
      expect((host['mcpServers'] ?? host['servers'])?.['coriolis']).toMatchObject({
        command: 'npx',
        args: ['-y', own.name],
        env: expect.objectContaining({ OS_AUTH_URL: expect.stringMatching(/^https:/u) }),
      });
    }
  });

  it('set variables that exist', () => {
    for (const host of hosts) {
      const { env } = (host['mcpServers'] ?? host['servers'])?.['coriolis'] as {
        env: Record<string, string>;
      };
      for (const variable of Object.keys(env))
        expect([variable, isKnown(variable)]).toEqual([variable, true]);
    }
  });

  it('give options that are accepted', () => {
    const commands = blocks
      .filter(({ kind }) => kind === 'sh')
      .flatMap(({ code }) => code.split('\n'))
      .filter((line) => line.includes(own.name))
      .map((line) =>
        line
          .slice(line.indexOf(own.name) + own.name.length)
          .trim()
          .split(' ')
          .filter(Boolean),
      );

    expect(commands.length).toBeGreaterThan(1);
    for (const words of commands) expect(readCommand(words, {})).toMatchObject({ kind: 'serve' });
  });
});

describe('the board', () => {
  /** Chunks of the built server that hold the script of the board. */
  const chunks = join(folder, 'dist/chunks');
  const holders = readdirSync(chunks).filter((name) =>
    readFileSync(join(chunks, name), 'utf8').includes('coriolis-board'),
  );

  /** Names of the chunks that the server has loaded after it did something. */
  async function loadedAfter(act: (user: McpUser) => Promise<unknown>): Promise<readonly string[]> {
    const user = await startUser({ env: { ...bare, NODE_DEBUG: 'module' } });
    await act(user);
    await user.close();
    const log = user.log.whole();
    return holders.filter((name) => log.includes(name));
  }

  it('is loaded when somebody asks for it, and not for the list of tools', async () => {
    expect(holders).toHaveLength(1);
    expect(readFileSync(built, 'utf8')).not.toContain('coriolis-board');
    expect(await loadedAfter((user) => user.tools())).toEqual([]);
    expect(await loadedAfter((user) => user.library.read('ui://coriolis/board'))).toEqual(holders);
  });
});

describe('the Dockerfile', () => {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const stages = lines.map((line, index) => ({ line, index })).filter(({ line }) => line.startsWith('FROM '));
  const last = lines.slice(stages.at(-1)?.index);
  const words = (instruction: string): readonly string[] => {
    const line = last.find((one) => one.startsWith(`${instruction} [`)) ?? `${instruction} []`;
    return JSON.parse(line.slice(instruction.length)) as string[];
  };

  it('leaves what was needed to build behind', () => {
    expect(stages.length).toBe(2);
    expect(last.filter((line) => line.startsWith('COPY'))).toEqual([
      expect.stringMatching(/^COPY --from=build /u),
      expect.stringMatching(/^COPY --from=build /u),
    ]);
    expect(last.some((line) => line.startsWith('RUN'))).toBe(false);
  });

  it('does not run as root, and holds no secret', () => {
    expect(last).toContain('USER 1000');
    expect(lines.filter((line) => /^(ENV|ARG)/u.test(line) && /PASSWORD|SECRET|TOKEN/u.test(line))).toEqual(
      [],
    );
  });

  it('starts what is published, with options that are accepted once the names of clients are given', () => {
    expect(words('ENTRYPOINT')).toEqual(['node', own.bin[own.name]]);
    expect(readCommand(words('CMD'), { CORIOLIS_MCP_ALLOWED_HOSTS: 'mcp.example.com' })).toMatchObject({
      kind: 'serve',
      options: { permissions: { write: false }, http: { port: 8080, tokensFile: '/run/secrets/tokens' } },
    });
  });
});
