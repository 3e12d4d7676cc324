import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDebianPython } from '../../tools/servers/debian-servers';
import { findFreePort } from '../../tools/servers/guarded-process';
import { servers } from './servers';

/** One process of a Keystone. */
export interface KeystoneProcess {
  /** Its v3, e.g. `http://127.0.0.1:41234/v3`. */
  readonly authUrl: string;
  /** How many requests for a token it has answered so far, whatever the answer. */
  readonly logins: () => number;
}

/** A real Keystone with Fernet tokens, in PostgreSQL: SQLite locks itself out under load. */
export interface Keystone extends KeystoneProcess {
  /** Asks it as its administrator; paths begin after `/v3`. @throws when it refuses */
  readonly admin: <Answer = unknown>(method: string, path: string, body?: object) => Promise<Answer>;
  /** One more process with the same people and keys. @param tokenSeconds how long the tokens live that it issues */
  readonly serve: (tokenSeconds: number) => Promise<KeystoneProcess>;
  readonly stop: () => Promise<void>;
}

const ADMIN = { username: 'admin', password: 'admin-0-password', project: 'admin' };
/** So many wrong passwords in a row lock an account, for half an hour. */
export const LOCKING_FAILURES = 3;
const TOKEN_SECONDS = 3600;

const MANAGE = 'import sys; from keystone.cmd.manage import main; sys.exit(main())';

/** Keystone's application behind the smallest server that has threads, with a line for each answer. */
const SERVE = `
import os
from waitress import serve
from keystone.server.wsgi import initialize_public_application
keystone = initialize_public_application()
def told(environ, start_response):
    def start(status, *rest):
        print('ANSWER', environ['REQUEST_METHOD'], environ['PATH_INFO'], status, flush=True)
        return start_response(status, *rest)
    return keystone(environ, start)
serve(told, listen=os.environ['LISTEN'], threads=8)
`;

export async function startKeystone(): Promise<Keystone> {
  const { python, env } = findDebianPython();
  const { folder, start, postgres, stop } = servers();
  const config = (name: string, database: number, tokenSeconds: number): string => {
    const file = join(folder, `${name}.conf`);
    writeFileSync(file, configText(folder, database, tokenSeconds));
    return file;
  };
  try {
    const database = await postgres('keystone');
    const first = config('keystone', database, TOKEN_SECONDS);
    makeKeys(join(folder, 'fernet'));
    const manage = (...args: string[]): unknown =>
      execFileSync(python, ['-c', MANAGE, '--config-file', first, ...args], { env, stdio: 'pipe' });
    const serve = async (tokenSeconds: number): Promise<KeystoneProcess> => {
      const port = await findFreePort();
      const name = `keystone-${port}`;
      const more = {
        LISTEN: `127.0.0.1:${port}`,
        OS_KEYSTONE_CONFIG_FILES: config(name, database, tokenSeconds),
      };
      const command = [python, '-c', SERVE] as const;
      const server = await start({ name, command, env: { ...env, ...more } }, port);
      return {
        authUrl: `http://127.0.0.1:${port}/v3`,
        logins: () => server.log().match(/^ANSWER POST \/v3\/auth\/tokens /gm)?.length ?? 0,
      };
    };
    manage('db_sync');
    manage('bootstrap', '--bootstrap-password', ADMIN.password);
    const main = await serve(TOKEN_SECONDS);
    return { ...main, serve, stop, admin: await administrator(main.authUrl) };
  } catch (error) {
    await stop();
    throw error;
  }
}

const configText = (folder: string, database: number, tokenSeconds: number): string => `
[database]
connection = postgresql://keystone@127.0.0.1:${database}/postgres
[token]
expiration = ${tokenSeconds}
[fernet_tokens]
key_repository = ${join(folder, 'fernet')}
[fernet_receipts]
key_repository = ${join(folder, 'fernet')}
[auth]
methods = password,token,application_credential,totp
[cache]
backend = dogpile.cache.memory
[security_compliance]
lockout_failure_attempts = ${LOCKING_FAILURES}
`;

/** Key 0 is the one to come, the other one encrypts. */
function makeKeys(folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['0', '1']) {
    const key = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    writeFileSync(join(folder, name), key, { mode: 0o600 });
  }
}

/** @returns the token, as a person at a command line would get one */
export async function tokenOf(authUrl: string, auth: object): Promise<string> {
  const answer = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  const token = answer.headers.get('x-subject-token');
  if (token === null) throw new Error(`no token: HTTP ${answer.status} ${await answer.text()}`);
  return token;
}

/** A login by password, to `project` of the same domain. */
export const byPassword = (
  user: { readonly username: string; readonly password: string; readonly project: string },
  domain = 'Default',
): object => ({
  identity: {
    methods: ['password'],
    password: { user: { name: user.username, password: user.password, domain: { name: domain } } },
  },
  scope: { project: { name: user.project, domain: { name: domain } } },
});

async function administrator(authUrl: string): Promise<Keystone['admin']> {
  const token = await tokenOf(authUrl, byPassword(ADMIN));
  return async (method, path, body) => await asked(authUrl, token, method, path, body);
}

/** Asks Keystone with somebody's token. @throws when it refuses */
export async function asked<Answer>(
  authUrl: string,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const answer = await fetch(`${authUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-auth-token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Keystone answered ${method} ${path} with ${answer.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}
