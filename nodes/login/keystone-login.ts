import { withoutUndefined } from '../../src/model/json';
import {
  OperationalError,
  type ICredentialDataDecryptedObject,
  type IDataObject,
  type IHttpRequestHelper,
  type IHttpRequestOptions,
} from 'n8n-workflow';
import { asError, CapabilityError, isCoriolisError, ProtocolError } from '../../src/api/errors';
import {
  addressOf,
  logIn as logInToKeystone,
  refusePlainHttp,
  findServiceAddress,
  type CatalogueSelection,
  type KeystoneToken,
} from '../../src/api/keystone';
import {
  COMPANION_SERVICES,
  type CompanionService,
  type TransportRequest,
  type TransportResponse,
} from '../../src/api/transport';
import type { LoginWithSelection } from '../../src/api/login-from-settings';
import { loginFingerprintOf, readKeystoneLogin, tlsOptionsOf } from './read-credential';
import { readResponse, streamedResponseOptions, addTimeoutToSignal } from './read-response';
import { networkErrorToCoriolisError } from './network-error';
import { nodeRuntime } from '../node-runtime';
import {
  requestNumberHeaderName,
  refusedTokenStartHeaderName,
  serviceHeaderName,
  tokenStartByRequest,
  tokenDoubtfulUntilHeaderName,
} from './node-transport';

/**
 * Age in milliseconds up to which a token is trusted after a 500, so that a server that always fails does not cause a
 * login each time.
 */
const trustedAfter500Ms = 10_000;
/** Milliseconds for which all requests that need the same login share it, also when it has failed. */
const sharedLoginMs = 5_000;

/** Hidden fields of the credential that a login fills. */
type Session = {
  /** The Keystone token. */
  readonly sessionToken: string;
  /** Address of Coriolis, from the catalogue. */
  readonly endpointUrl: string;
  /** `SessionMeta` as JSON. */
  readonly sessionMeta: string;
};

/** Facts that are stored with a token. */
interface SessionMeta {
  /** Fingerprint of the login that the token is of. */
  readonly fingerprint: string;
  /** Start of the login in milliseconds since 1970, on the local clock, because Keystone's may differ. */
  readonly begunAt: number;
  /** Time from which the token must not be used any more, in milliseconds since 1970. */
  readonly renewAt: number;
  /** Addresses of other services, or the reason why they are unknown. */
  readonly services: Readonly<Record<CompanionService, ServiceAddress>>;
}

/** Address of a service, or the reason why it is unknown. */
type ServiceAddress =
  { readonly url: string } | { readonly problem: string; readonly advice?: string | undefined };

interface Login {
  readonly at: number;
  readonly session: Promise<Session>;
}

/**
 * Logins of the last seconds in this process, by fingerprint and TLS options. n8n calls `logIn` separately for every
 * request without a valid token. Without this map each of several items at once would log in, and a wrong password sent
 * that often may lock the account. n8n stores the token itself with the credential.
 */
const recentLogins = new Map<string, Login>();

/**
 * n8n's `preAuthentication`: logs in and returns the hidden fields to keep. n8n calls it when there is no token, when a
 * request ended in 401 or `authenticateRequest` refused it, and whenever a credential is tested.
 *
 * @throws {OperationalError} with words for people, and without `response`: n8n would take a 401 of Keystone itself for
 *   an expired token and try the wrong password a second time
 */
export async function logIn(
  helpers: IHttpRequestHelper['helpers'],
  credentials: ICredentialDataDecryptedObject,
): Promise<IDataObject> {
  try {
    const form = readKeystoneLogin(credentials);
    const fingerprint = loginFingerprintOf(form);
    // The TLS options belong to the key, so that a corrected certificate does not get the failure of the wrong one.
    const key = `${fingerprint} ${JSON.stringify(tlsOptionsOf(credentials))}`;
    const known = recentLogins.get(key);
    if (known !== undefined && Date.now() - known.at < sharedLoginMs) {
      const session = await known.session;
      // Do not return the very token that was just refused: log in again.
      if (session.sessionToken !== credentials['sessionToken']) return session;
      if (recentLogins.get(key) !== known) return await logIn(helpers, credentials);
    }
    deleteOldLogins();
    const login = { at: Date.now(), session: createSession(helpers, credentials, form, fingerprint) };
    recentLogins.set(key, login);
    return await login.session;
  } catch (error) {
    throw withAdviceInMessage(error);
  }
}

function deleteOldLogins(): void {
  const now = Date.now();
  for (const [key, { at }] of recentLogins) if (now - at >= sharedLoginMs) recentLogins.delete(key);
}

async function createSession(
  helpers: IHttpRequestHelper['helpers'],
  credentials: ICredentialDataDecryptedObject,
  form: LoginWithSelection,
  fingerprint: string,
): Promise<Session> {
  const { token, selection, coriolisAddress, givenAddress, begunAt, renewAt } = await logInToKeystone(
    form,
    (request) => send(helpers, request, credentials),
    nodeRuntime,
  );
  const meta: SessionMeta = {
    fingerprint,
    begunAt,
    renewAt,
    services: serviceUrlsOf(token, selection, givenAddress),
  };
  return {
    sessionToken: token.id,
    endpointUrl: coriolisAddress,
    sessionMeta: JSON.stringify(meta),
  };
}

/**
 * Finds the addresses of the other services. A service that the catalogue lacks only fails the requests to it, because
 * most workflows need Coriolis alone.
 */
function serviceUrlsOf(
  token: KeystoneToken,
  selection: CatalogueSelection,
  from: string,
): SessionMeta['services'] {
  const place = (service: CompanionService): ServiceAddress => {
    try {
      const url = findServiceAddress(token, service, selection);
      refusePlainHttp(url, from);
      return { url };
    } catch (error) {
      if (!isCoriolisError(error)) throw asError(error);
      return { problem: error.message, advice: error.advice };
    }
  };
  return Object.fromEntries(
    COMPANION_SERVICES.map((service) => [service, place(service)]),
  ) as SessionMeta['services'];
}

async function send(
  helpers: IHttpRequestHelper['helpers'],
  request: TransportRequest,
  credentials: ICredentialDataDecryptedObject,
): Promise<TransportResponse> {
  const options: IHttpRequestOptions = {
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    ...withoutUndefined({ body: request.body }),
    timeout: request.timeoutMs,
    ...streamedResponseOptions,
    abortSignal: addTimeoutToSignal(request.timeoutMs, request.signal),
    ...tlsOptionsOf(credentials),
  };
  try {
    return await readResponse(await helpers.httpRequest(options), request.url);
  } catch (error) {
    throw networkErrorToCoriolisError(
      error,
      request.url,
      request.timeoutMs,
      request.signal?.aborted === true,
    );
  }
}

/**
 * Moves the advice of an error into the message, because n8n shows only the message. The original error is the cause,
 * where nodes find its kind.
 */
function withAdviceInMessage(error: unknown): Error {
  if (error instanceof OperationalError) return error;
  const { message } = error as Error;
  const advice = isCoriolisError(error) ? error.advice : undefined;
  return new OperationalError(advice === undefined ? message : `${message}. ${advice}`, { cause: error });
}

/**
 * n8n's `authenticate`: adds the token and a deadline, completes the URL, and forbids redirects. A token that expires
 * soon, is doubtful or belongs to another login is refused before anything is sent: the error looks like a 401, so that
 * n8n calls `logIn` and tries again. Without this check, a changed password would not matter until the old token
 * expires.
 */
export function authenticateRequest(
  credentials: ICredentialDataDecryptedObject,
  request: IHttpRequestOptions,
): IHttpRequestOptions {
  const meta = parseSessionMeta(credentials['sessionMeta']);
  const login = readKeystoneLogin(credentials);
  const {
    [serviceHeaderName]: service,
    [tokenDoubtfulUntilHeaderName]: doubt,
    [refusedTokenStartHeaderName]: refused,
    [requestNumberHeaderName]: number,
    ...headers
  } = request.headers ?? {};
  if (
    meta === undefined ||
    Date.now() >= meta.renewAt ||
    meta.fingerprint !== loginFingerprintOf(login) ||
    isDoubtful(meta, doubt) ||
    (refused !== undefined && meta.begunAt <= Number(refused))
  ) {
    throw new StaleSessionError();
  }
  if (number !== undefined) tokenStartByRequest.set(String(number), meta.begunAt);
  const base =
    service === undefined ? String(credentials['endpointUrl']) : urlOf(meta, service as CompanionService);
  refuseOtherHosts(request, [base, String(credentials['endpointUrl']), addressOf(login.identity)]);
  return {
    ...request,
    ...completeUrl(request, base),
    headers: { ...headers, 'X-Auth-Token': String(credentials['sessionToken']) },
    disableFollowRedirect: true,
    ...(request.timeout === undefined
      ? {}
      : { abortSignal: addTimeoutToSignal(request.timeout, request.abortSignal) }),
    ...tlsOptionsOf(credentials),
  };
}

/**
 * Whether a change ended in a 500 after this token was issued, and the token is old enough to suspect; see
 * `tokenDoubtfulUntilHeaderName`.
 */
const isDoubtful = ({ begunAt }: SessionMeta, doubt: unknown): boolean =>
  doubt !== undefined && begunAt <= Number(doubt) && Date.now() - begunAt > trustedAfter500Ms;

/**
 * Address of a service other than Coriolis.
 * @throws {CapabilityError} the catalogue has no such service; the message lists the services that it has
 */
function urlOf({ services }: SessionMeta, service: CompanionService): string {
  const place = services[service];
  if ('url' in place) return place.url;
  const { problem, advice } = place;
  throw new CapabilityError(problem, advice === undefined ? {} : { advice });
}

/**
 * Completes a request's URL: a path is appended to `base`, an absolute URL stays. n8n's HTTP Request node can use this
 * credential too. Its requests have the form of an older helper, with an absolute `uri` instead of a `url`, and with
 * other options that forbid redirects.
 */
function completeUrl(request: Partial<IHttpRequestOptions>, base: string) {
  if (request.url === undefined) return { followRedirect: false, followAllRedirects: false };
  return { url: request.url.startsWith('/') ? `${base}${request.url}` : request.url };
}

/**
 * Refuses requests to other hosts. The HTTP Request node accepts any address, and the token must not be sent there.
 * @throws {ProtocolError} an absolute address on another host than the given ones
 */
function refuseOtherHosts(
  request: Partial<IHttpRequestOptions> & { readonly uri?: unknown },
  known: readonly string[],
): void {
  const address = request.url ?? request.uri;
  if (typeof address !== 'string' || address.startsWith('/')) return;
  if (known.some((one) => originOf(one) === originOf(address))) return;
  throw new ProtocolError(
    'The URL is on another host than Coriolis and Keystone, so the token is not sent there',
    {
      advice: 'Use an address below the Coriolis endpoint, or a credential that is meant for that host.',
    },
  );
}

const originOf = (address: string): string =>
  /^https?:\/\/[^/?#]+/iu.exec(address)?.[0].toLowerCase() ?? address;

/** Error that n8n treats like an answer with status 401. */
class StaleSessionError extends Error {
  readonly response = { status: 401 };

  constructor() {
    super('The kept Keystone token belongs to another login, expires soon or was refused');
  }
}

function parseSessionMeta(kept: unknown): SessionMeta | undefined {
  if (typeof kept !== 'string' || kept === '') return undefined;
  try {
    const meta = JSON.parse(kept) as Partial<SessionMeta>;
    // A token that an earlier version of this package stored lacks some facts: undefined makes the credential log in.
    return meta.services === undefined || meta.begunAt === undefined ? undefined : (meta as SessionMeta);
  } catch {
    return undefined;
  }
}
