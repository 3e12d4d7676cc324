import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server';
import type { AuthInfo, OAuthTokenVerifier } from '@modelcontextprotocol/server';
import { InvalidInputError } from '../../src/api/errors';
import type { TokenScope } from '../caller/caller';
import { tokenScopes, expandScopes } from '../caller/caller';
import type { Log } from '../observability/log';

/** A token of the file: its digest, its scopes, and its name in the audit log. */
interface TokenGrant {
  readonly digest: Buffer;
  readonly scopes: readonly TokenScope[];
  readonly name: string;
}

const MIN_TOKEN_LENGTH = 16;
/**
 * Seconds until the expiry that is reported for a token. The SDK requires an expiry, but a token of the file is valid
 * until it is removed from the file.
 */
const VALID_SECONDS = 3600;

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * Creates a verifier of the bearer tokens in a file. Each line holds a token, its scopes separated by commas, and
 * optionally a name for the audit log. Lines that begin with # are comments. The file is read again when it has
 * changed. While the changed file is invalid, no token is accepted.
 *
 * @throws {InvalidInputError} the file cannot be read or is invalid; names the line, never its content
 */
export async function createTokensFileVerifier(path: string, log: Log): Promise<OAuthTokenVerifier> {
  await warnIfWorldReadable(path, log);
  let version = await versionOf(path);
  let grants: Promise<readonly TokenGrant[]> = Promise.resolve(await readGrants(path));
  const current = async (): Promise<readonly TokenGrant[]> => {
    const now = await versionOf(path);
    if (now === version) return await grants;
    version = now;
    grants = readGrants(path).then(
      (fresh) => {
        log.info('tokens file read again', { tokens: fresh.length });
        return fresh;
      },
      (error: unknown) => {
        log.error('tokens file is not valid: nobody can log in', {
          error: error instanceof Error ? error.message : 'unknown',
        });
        return [];
      },
    );
    return await grants;
  };
  return {
    async verifyAccessToken(token) {
      const digest = digestOf(token);
      // All tokens are compared, so that the time of the answer reveals nothing about them.
      const [grant] = (await current()).filter((one) => timingSafeEqual(one.digest, digest));
      if (grant === undefined) throw new OAuthError(OAuthErrorCode.InvalidToken, 'The token is unknown');
      return authInfo(token, grant);
    },
  };
}

const authInfo = (token: string, { name, scopes: granted }: TokenGrant): AuthInfo => ({
  token,
  clientId: name,
  scopes: [...granted],
  expiresAt: Math.floor(Date.now() / 1000) + VALID_SECONDS,
  extra: { subject: `file:${name}` },
});

/**
 * Warns when everybody on this machine can read the file. It is no error, because a container may protect the file in
 * another way. Windows has no such modes, so nothing is checked there.
 */
async function warnIfWorldReadable(path: string, log: Log): Promise<void> {
  const mode = await stat(path).then(
    (found) => found.mode,
    () => 0,
  );
  if (process.platform !== 'win32' && (mode & 0o004) !== 0) {
    log.warn('the tokens file can be read by everybody on this machine', { file: path });
  }
}

const versionOf = async (path: string): Promise<string> =>
  await stat(path).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
    () => 'missing',
  );

async function readGrants(path: string): Promise<readonly TokenGrant[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) throw new InvalidInputError(`--tokens-file ${path} cannot be read.`);
  const grants = text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => readGrant(line, `${path}, line ${number}`));
  if (grants.length === 0) throw new InvalidInputError(`--tokens-file ${path} holds no token.`);
  return grants;
}

function readGrant(line: string, place: string): TokenGrant {
  const [token = '', words = '', ...rest] = line.split(/\s+/u);
  if (token.length < MIN_TOKEN_LENGTH) {
    throw new InvalidInputError(`${place}: a token has at least ${MIN_TOKEN_LENGTH} characters.`);
  }
  const granted = words.split(',');
  const known = tokenScopes.filter((scope) => granted.includes(scope));
  if (known.length !== granted.length) {
    throw new InvalidInputError(
      `${place}: after the token come its scopes, with commas: ${tokenScopes.join(', ')}.`,
    );
  }
  const digest = digestOf(token);
  const name = rest.join(' ');
  return {
    digest,
    scopes: expandScopes(known),
    name: name === '' ? digest.toString('hex').slice(0, 8) : name,
  };
}
