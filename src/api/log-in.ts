import { locateKeystone } from './locate-keystone';
import type { LocatedLogin } from './locate-keystone';
import { isDefiniteRefusal } from './answer';
import { asError, isCoriolisError, ProtocolError } from './errors';
import type { CoriolisError } from './errors';
import { tokenRequest } from './login-request';
import type { KeystoneLogin } from './login';
import { DEFAULT_RETRY, withRetries } from './retry';
import type { Runtime } from './runtime';
import { chooseEndpoint } from './service-catalogue';
import type { EndpointSelection } from './service-catalogue';
import { readToken } from './token';
import type { Token } from './token';
import type { TransportRequest, TransportResponse } from './transport';

/** Rules of logging in and of renewing tokens, the same in n8n, MCP and the library. */

const LOGIN_TIMEOUT_MS = 30_000;
/** Time before its expiry at which a token is renewed; for short-lived ones, the last tenth of its life. */
const RENEW_BEFORE_MS = 60_000;

/** A token with its endpoint and the time of its renewal. */
export interface LoginSession {
  readonly token: Token;
  readonly selection: EndpointSelection;
  /** Address of Coriolis with the project id. */
  readonly endpoint: string;
  /** Address of Keystone or the appliance, which named all others. */
  readonly from: string;
  /** Time of the login, on the local clock: Keystone's need not agree with it. */
  readonly begunAt: number;
  /** Time of renewal, on the local clock. */
  readonly renewAt: number;
}

/**
 * Logs in, with retries: the only place where a failed login is repeated. Every error says that nothing was sent to Coriolis.
 * @param options.located where the services are, when an appliance has been asked before
 * @param options.signal ends it; nothing is sent any more
 * @throws what `locateKeystone`, `readToken` and `chooseEndpoint` throw
 */
export async function logIn(
  login: KeystoneLogin,
  send: (request: TransportRequest) => Promise<TransportResponse>,
  runtime: Runtime,
  { located, signal }: { readonly located?: LocatedLogin | undefined; readonly signal?: AbortSignal } = {},
): Promise<LoginSession & { readonly located: LocatedLogin }> {
  let found = located;
  try {
    return await withRetries(
      async (leftMs) => {
        found ??= await locateKeystone(login, send);
        const { identity, selection } = found;
        const from = 'appliance' in login.identity ? login.identity.appliance : identity.authUrl;
        refuseClearText(identity.authUrl, from);
        const begunAt = runtime.clock();
        const answer = await send({
          method: 'POST',
          ...tokenRequest(identity),
          timeoutMs: Math.min(LOGIN_TIMEOUT_MS, Math.ceil(leftMs)),
        });
        const token = readToken(answer, identity);
        const endpoint = chooseEndpoint(token, selection);
        // An address that somebody gave by hand is meant.
        if (isEmpty(login.selection.override)) refuseClearText(endpoint, from);
        const lifetime = token.expiresAt - token.issuedAt;
        const renewAt = begunAt + lifetime - Math.min(RENEW_BEFORE_MS, lifetime / 10);
        return { token, selection, endpoint, from, begunAt, renewAt, located: found };
      },
      DEFAULT_RETRY,
      runtime,
      { signal },
    );
  } catch (error) {
    throw isCoriolisError(error) ? ofLogin(error) : asError(error);
  }
}

/** The same error, marked as one of a login. */
const ofLogin = (error: CoriolisError): CoriolisError =>
  Object.assign(
    error.kind === 'unreachable' || error.kind === 'timeout'
      ? error.advising('Nothing was sent to Coriolis: only the login failed.')
      : error,
    { nothingSent: true },
  );

const isEmpty = (text: string | undefined): boolean => text === undefined || text.trim() === '';

/**
 * Refuses to send a secret over http that was meant for https.
 * @throws {ProtocolError} a password or token that came over https would travel on without
 */
export function refuseClearText(url: string, from: string): void {
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
 * Whether an answer may mean that the token was revoked: Coriolis goes on reading with such a token for 300 s, and
 * answers all that starts work with a 500 (recordings/auth). What comes next needs a new token then.
 */
export const mayBeRevoked = (
  { method }: Pick<TransportRequest, 'method'>,
  { status }: Pick<TransportResponse, 'status'>,
): boolean => status === 500 && method !== 'GET';

/**
 * Whether an answer refuses the token, so that nothing was done and the request may be sent again with a new one
 * (recordings/auth). For a change only the form of Keystone's middleware says that: a gateway may answer 401 to what it
 * has passed on.
 */
export const isTokenRefused = (
  { method, service }: Pick<TransportRequest, 'method' | 'service'>,
  response: TransportResponse,
): boolean => response.status === 401 && (method === 'GET' || isDefiniteRefusal(response, service));
