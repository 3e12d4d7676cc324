import { locateKeystone, type LocatedLogin } from './locate-keystone';
import { isDefiniteRefusal } from './parse-answer';
import { asError, isCoriolisError, ProtocolError, type CoriolisError } from './errors';
import { makeTokenRequest } from './login-request';
import type { LoginWithSelection } from './login-from-settings';
import { DEFAULT_RETRY, withRetries } from './retry';
import type { Runtime } from './core-runtime';
import { findCoriolisAddress, type CatalogueSelection } from './service-catalogue';
import { readKeystoneToken, type KeystoneToken } from './keystone-token';
import type { TransportRequest, TransportResponse } from './transport';

/** Login and renewal of tokens, with the same rules in n8n, MCP and the library. */

const LOGIN_TIMEOUT_MS = 30_000;
/**
 * Milliseconds before its expiry at which a token is renewed. A token that lives less than ten times as long is renewed
 * a tenth of its lifetime before.
 */
const RENEW_BEFORE_MS = 60_000;

/** Result of a login: the token, the endpoint, and the time from which on it must be renewed. */
export interface LoginResult {
  readonly token: KeystoneToken;
  readonly selection: CatalogueSelection;
  /** Address of Coriolis with the project id. */
  readonly coriolisAddress: string;
  /** Address that the user gave, of Keystone or of the appliance. All other addresses were learned from there. */
  readonly givenAddress: string;
  /** Start of the login, in milliseconds on the local clock, which may differ from Keystone's clock. */
  readonly begunAt: number;
  /** Time from which on the token must be renewed, in milliseconds on the local clock. */
  readonly renewAt: number;
}

/**
 * Logs in with retries. No other code repeats a failed login. Every error is marked `nothingSent`.
 * @param options.located result of `locateKeystone` from an earlier login, which saves asking the appliance again
 * @param options.signal cancels the login
 * @throws what `locateKeystone`, `readKeystoneToken` and `findCoriolisAddress` throw
 */
export async function logIn(
  login: LoginWithSelection,
  send: (request: TransportRequest) => Promise<TransportResponse>,
  runtime: Runtime,
  { located, signal }: { readonly located?: LocatedLogin | undefined; readonly signal?: AbortSignal } = {},
): Promise<LoginResult & { readonly located: LocatedLogin }> {
  let found = located;
  try {
    return await withRetries(
      async (leftMs) => {
        found ??= await locateKeystone(login, send);
        const { identity, selection } = found;
        const givenAddress = 'appliance' in login.identity ? login.identity.appliance : identity.authUrl;
        refusePlainHttp(identity.authUrl, givenAddress);
        const begunAt = runtime.clock();
        const answer = await send({
          method: 'POST',
          ...makeTokenRequest(identity),
          timeoutMs: Math.min(LOGIN_TIMEOUT_MS, Math.ceil(leftMs)),
        });
        const token = readKeystoneToken(answer, identity);
        const coriolisAddress = findCoriolisAddress(token, selection);
        // An address that the user configured explicitly is not refused.
        if (isEmpty(login.selection.override)) refusePlainHttp(coriolisAddress, givenAddress);
        const lifetime = token.expiresAt - token.issuedAt;
        const renewAt = begunAt + lifetime - Math.min(RENEW_BEFORE_MS, lifetime / 10);
        return { token, selection, coriolisAddress, givenAddress, begunAt, renewAt, located: found };
      },
      DEFAULT_RETRY,
      runtime,
      { signal },
    );
  } catch (error) {
    throw isCoriolisError(error) ? markAsLoginError(error) : asError(error);
  }
}

/** Marks the error of a failed login: nothing was sent to Coriolis. */
const markAsLoginError = (error: CoriolisError): CoriolisError =>
  Object.assign(
    error.kind === 'unreachable' || error.kind === 'timeout'
      ? error.advising('Nothing was sent to Coriolis: only the login failed.')
      : error,
    { nothingSent: true },
  );

const isEmpty = (text: string | undefined): boolean => text === undefined || text.trim() === '';

/**
 * Refuses an address of plain http that was learned from an https address.
 * @throws {ProtocolError} `from` is https and `url` is not, so a password or token would travel unencrypted
 */
export function refusePlainHttp(url: string, from: string): void {
  if (!/^https:/i.test(from.trim()) || /^https:/i.test(url)) return;
  throw new ProtocolError(
    `${originOf(url)} is plain http, although ${originOf(from.trim())}, which names it, is https: the login would travel unencrypted`,
    {
      advice:
        'Have the address corrected where it is configured: in the catalogue of Keystone or on the appliance. To use it all the same, give it by hand, as the auth URL or the endpoint URL.',
    },
  );
}

const originOf = (url: string): string => /^https?:\/\/[^/?#]+/i.exec(url)?.[0] ?? 'The address';

/**
 * Whether an answer may mean that the token was revoked, so that the next request needs a new one. For 300 s after a
 * revocation Coriolis still answers reads with the token, but answers requests that start work with a 500
 * (recordings/auth).
 */
export const mayMeanRevokedToken = (
  { method }: Pick<TransportRequest, 'method'>,
  { status }: Pick<TransportResponse, 'status'>,
): boolean => status === 500 && method !== 'GET';

/**
 * Whether an answer refuses the token, so that nothing was done and the request may be sent again with a new one
 * (recordings/auth). For a change only the format of Keystone's middleware proves that, because a gateway may answer
 * 401 after it has forwarded the request.
 */
export const isTokenRefused = (
  { method, service }: Pick<TransportRequest, 'method' | 'service'>,
  response: TransportResponse,
): boolean => response.status === 401 && (method === 'GET' || isDefiniteRefusal(response, service));
