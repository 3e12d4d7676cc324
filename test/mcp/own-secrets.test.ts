import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser, connectHttpUser } from './support/client';
import type { McpUser } from './support/client';
import { startCollector } from './support/collector';
import type { Collector } from './support/collector';
import { run } from './support/command';
import { serveHttp } from './support/http';
import { startIssuer } from './support/issuer';
import { bare, loginOf } from './support/server';
import type { Environment } from './support/server';

const CANARY = 'canary-5d2e8-do-not-show';

let sandbox: Sandbox;
let collector: Collector;
let folder: string;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
  collector = await startCollector();
  folder = mkdtempSync(join(tmpdir(), 'coriolis-mcp-secrets-'));
});
afterAll(async () => {
  await collector.stop();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

/** Asks for a bit of everything, and gives all that came back, errors too. */
async function everythingOf(user: McpUser): Promise<string> {
  const { library } = user;
  const questions: ReadonlyArray<() => Promise<unknown>> = [
    () => user.call('list_endpoints', {}),
    () => user.call('summarize_estate', {}),
    () => user.call('create_region', { name: 'one' }),
    () => user.call('delete_transfer', { transfer_id: 'none' }),
    () => library.read('coriolis://transfers/none'),
    () => library.completeResource('coriolis://transfers/{transfer_id}', 'transfer_id', ''),
    () => library.prompt('report'),
  ];
  const said: string[] = [];
  for (const ask of questions) {
    const answer = await ask().catch((error: unknown) => String(error));
    said.push(JSON.stringify(answer));
  }
  return said.join('\n');
}

/** A `clouds.yaml` with this text, and a `secure.yaml` beside it. */
function clouds(name: string, text: string, secure = ''): Environment {
  const place = join(folder, name);
  mkdirSync(place);
  const file = join(place, 'clouds.yaml');
  writeFileSync(file, text);
  writeFileSync(join(place, 'secure.yaml'), secure);
  return { ...bare, OS_CLIENT_CONFIG_FILE: file, OS_CLOUD: 'one' };
}

const cloud = (password: string): string =>
  JSON.stringify({
    clouds: {
      one: {
        auth: {
          auth_url: sandbox.connection.auth_url,
          username: sandbox.connection.username,
          password,
          user_domain_name: sandbox.connection.user_domain,
          project_name: sandbox.connection.project,
          project_domain_name: sandbox.connection.project_domain,
        },
      },
    },
  });

/** The address with a name and the canary before its host. */
const withLogin = (url: string): string => url.replace('://', `://user:${CANARY}@`);

describe('a secret of this server itself is shown to nobody', () => {
  it.each<[string, () => Environment, ReadonlyArray<string>?]>([
    ['a password of the environment', () => loginOf(sandbox, { OS_PASSWORD: CANARY })],
    [
      'a password in the address of Keystone',
      () => loginOf(sandbox, { OS_AUTH_URL: withLogin(sandbox.authUrl) }),
    ],
    [
      'a password in the address of Coriolis',
      () => loginOf(sandbox, { CORIOLIS_ENDPOINT: `${withLogin(sandbox.url)}/v1` }),
    ],
    [
      'a token',
      () => ({
        ...bare,
        OS_AUTH_TYPE: 'token',
        OS_AUTH_URL: sandbox.authUrl,
        OS_TOKEN: CANARY,
        OS_PROJECT_ID: sandbox.users.migration.id,
      }),
    ],
    [
      'the secret of an application credential',
      () => ({
        ...bare,
        OS_AUTH_TYPE: 'v3applicationcredential',
        OS_AUTH_URL: sandbox.authUrl,
        OS_APPLICATION_CREDENTIAL_ID: sandbox.users.restricted.id,
        OS_APPLICATION_CREDENTIAL_SECRET: CANARY,
      }),
    ],
    ['a password of clouds.yaml', () => clouds('plain', cloud(CANARY))],
    ['a password of secure.yaml', () => clouds('secure', cloud('x'), cloud(CANARY))],
    [
      'a password of a clouds.yaml that is broken',
      () => clouds('broken', `clouds:\n one: {password: ${CANARY}\n  - ]`),
    ],
    [
      'what a command prints',
      () => loginOf(sandbox, { OS_PASSWORD: '' }),
      ['--password-command', `echo ${CANARY.slice(0, 9)}''${CANARY.slice(9)}`],
    ],
    [
      'what a command prints before it fails',
      () => loginOf(sandbox, { OS_PASSWORD: '' }),
      ['--password-command', `echo ${CANARY.slice(0, 9)}''${CANARY.slice(9)}; exit 3`],
    ],
    [
      'the key of confirmations, and what opens the collector of traces',
      () =>
        loginOf(sandbox, {
          CORIOLIS_MCP_CONFIRM_KEY: `${CANARY}-${CANARY}`,
          OTEL_EXPORTER_OTLP_HEADERS: `authorization=${CANARY}`,
        }),
    ],
  ])('%s', async (what, environment, more = []) => {
    const env = { ...environment(), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const audit = join(folder, `audit of ${what}`);
    const args = [
      '--allow-destroy',
      '--toolsets',
      'all',
      '--confirm',
      'token',
      '--log-level',
      'debug',
      ...more,
    ];
    const user = await startUser({ env, args: [...args, '--audit', audit] });

    const said = await everythingOf(user);
    await user.close();
    const checked = await run([...args, '--check'], '', env);

    const audited = existsSync(audit) ? readFileSync(audit, 'utf8') : '';
    const all = [said, user.log.whole(), audited, checked.stdout, checked.stderr, collector.raw()].join('\n');
    expect(said.length).toBeGreaterThan(500);
    expect(all).not.toContain(CANARY);
    expect(all).not.toMatch(/gAAAA[\w-]{20}/u);
  });

  it('the tokens of callers, good ones and others, in answers, logs, traces, metrics and the audit log', async () => {
    const publicUrl = 'https://mcp.example.com/mcp';
    const issuer = await startIssuer(publicUrl);
    const tokens = join(folder, 'tokens');
    const audit = join(folder, 'audit of callers');
    const [known, unknown] = [`${CANARY}-known`, `${CANARY}-unknown`];
    writeFileSync(tokens, `${known} destroy\n`);
    const server = await serveHttp(loginOf(sandbox, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }), [
      ...['--allow-destroy', '--toolsets', 'all', '--log-level', 'debug', '--audit', audit],
      ...['--tokens-file', tokens, '--oauth-issuer', issuer.url, '--public-url', publicUrl],
    ]);
    const [good, stale] = [issuer.token({ scope: 'destroy' }), issuer.token({}, -300)];
    const said: string[] = [];
    for (const token of [known, good]) {
      const user = await connectHttpUser({ url: server.url, token });
      said.push(await everythingOf(user));
      await user.close();
    }
    for (const token of [known, unknown, good, stale]) {
      const answer = await fetch(`${server.origin}/metrics`, {
        headers: { authorization: `Bearer ${token}` },
      });
      said.push(JSON.stringify([...answer.headers]), await answer.text());
    }
    await server.stop();
    await issuer.stop();

    const all = [...said, server.log.whole(), readFileSync(audit, 'utf8'), collector.raw()].join('\n');
    expect(all).toContain('coriolis_mcp_calls_total');
    expect(all).toContain('oauth:alice');
    for (const secret of [CANARY, good, stale, good.split('.')[2] ?? good, sandbox.connection.password]) {
      expect(all).not.toContain(secret);
    }
  });
});
