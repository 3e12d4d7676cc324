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
  chooseEndpoint,
  locate,
  readToken,
  serviceEndpoint,
  tokenRequest,
  type EndpointSelection,
  type Token,
} from '../../src/api/keystone';
import {
  OTHER_SERVICES,
  type OtherService,
  type TransportRequest,
  type TransportResponse,
} from '../../src/api/transport';
import type { KeystoneLogin } from '../../src/api/login';
import { fingerprintOf, readForm, tlsOptions } from './keystone-form';
import { networkError } from './network-error';
import { serviceHeader, youngerThanHeader } from './transport';

const loginTimeoutMs = 30_000;
/** Time before its expiry at which a token is renewed; for short-lived ones, the last tenth of its life. */
const renewBeforeMs = 60_000;
/** A token this young is not doubted, so that a server that fails at everything is not asked for a token each time. */
const undoubtedForMs = 10_000;
/** A login, or its failure, serves everybody who asks for the same one within this time. */
const sharedForMs = 5_000;

/** What a login leaves in the hidden fields of the credential, all of them declared there. */
type Session = {
  /** The Keystone token. */
  readonly sessionToken: string;
  /** Where Coriolis is, from the catalogue. */
  readonly endpointUrl: string;
  /** `SessionMeta` as JSON. */
  readonly sessionMeta: string;
};

interface SessionMeta {
  readonly fingerprint: string;
  /** Milliseconds since 1970 on our own clock, so that Keystone's need not agree with it. */
  readonly begunAt: number;
  readonly renewAt: number;
  /** Where the services beside Coriolis are, or why that is unknown. */
  readonly services: Readonly<Record<OtherService, Place>>;
}

type Place = { readonly url: string } | { readonly problem: string; readonly advice?: string | undefined };

interface Login {
  readonly at: number;
  readonly session: Promise<Session>;
}

/**
 * Logins of the last seconds in this process, by fingerprint and TLS options. It only spares logins: items that work at once would
 * otherwise each log in when a token is missing or refused, because n8n asks separately for every request, and repeated
 * wrong passwords lock accounts. What counts is kept by n8n with the credential.
 */
const recent = new Map<string, Login>();

/**
 * n8n's `preAuthentication`: logs in and returns the hidden fields to keep. n8n calls it when there is no token, when a
 * request ended in 401 or `withSession` refused it, and whenever a credential is tested.
 *
 * @throws {OperationalError} with words for people, and without `response`: n8n would take a 401 of Keystone itself for
 *   an expired token and try the wrong password a second time
 */
export async function logIn(
  helpers: IHttpRequestHelper['helpers'],
  credentials: ICredentialDataDecryptedObject,
): Promise<IDataObject> {
  try {
    const form = readForm(credentials);
    const fingerprint = fingerprintOf(form);
    // Whoever has just corrected the certificate must not be told of the failure before.
    const key = `${fingerprint} ${JSON.stringify(tlsOptions(credentials))}`;
    const known = recent.get(key);
    if (known !== undefined && Date.now() - known.at < sharedForMs) {
      const session = await known.session;
      // The token that was just refused is no answer.
      if (session.sessionToken !== credentials['sessionToken']) return session;
      if (recent.get(key) !== known) return await logIn(helpers, credentials);
    }
    forgetOld();
    const login = { at: Date.now(), session: newSession(helpers, credentials, form, fingerprint) };
    recent.set(key, login);
    return await login.session;
  } catch (error) {
    throw readable(error);
  }
}

function forgetOld(): void {
  const now = Date.now();
  for (const [key, { at }] of recent) if (now - at >= sharedForMs) recent.delete(key);
}

async function newSession(
  helpers: IHttpRequestHelper['helpers'],
  credentials: ICredentialDataDecryptedObject,
  form: KeystoneLogin,
  fingerprint: string,
): Promise<Session> {
  const ask = (request: TransportRequest): Promise<TransportResponse> => send(helpers, request, credentials);
  const { identity, selection } = await locate(form, ask);
  const begin = Date.now();
  const token = readToken(
    await ask({ method: 'POST', ...tokenRequest(identity), timeoutMs: loginTimeoutMs }),
    identity,
  );
  const lifetime = token.expiresAt - token.issuedAt;
  const meta: SessionMeta = {
    fingerprint,
    begunAt: begin,
    renewAt: begin + lifetime - Math.min(renewBeforeMs, lifetime / 10),
    services: placesOf(token, selection),
  };
  return {
    sessionToken: token.id,
    endpointUrl: chooseEndpoint(token, selection),
    sessionMeta: JSON.stringify(meta),
  };
}

/** Most workflows need Coriolis alone, so a service that is missing only matters to the requests that are for it. */
function placesOf(token: Token, selection: EndpointSelection): SessionMeta['services'] {
  const place = (service: OtherService): Place => {
    try {
      return { url: serviceEndpoint(token, service, selection) };
    } catch (error) {
      if (!isCoriolisError(error)) throw asError(error);
      return { problem: error.message, advice: error.advice };
    }
  };
  return Object.fromEntries(
    OTHER_SERVICES.map((service) => [service, place(service)]),
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
    ...(request.body === undefined ? {} : { body: request.body }),
    encoding: 'text',
    timeout: request.timeoutMs,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    disableFollowRedirect: true,
    ...tlsOptions(credentials),
  };
  try {
    const { statusCode, headers, body } = (await helpers.httpRequest(options)) as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
    };
    return { status: statusCode, headers, body };
  } catch (error) {
    throw networkError(error, request.url, request.timeoutMs);
  }
}

/** n8n shows a person the message only; what to do next belongs into it. The cause keeps the kind for our own nodes. */
function readable(error: unknown): Error {
  if (error instanceof OperationalError) return error;
  const { message } = error as Error;
  const advice = isCoriolisError(error) ? error.advice : undefined;
  return new OperationalError(advice === undefined ? message : `${message}. ${advice}`, { cause: error });
}

/**
 * n8n's `authenticate`: adds the token, completes the path with the address of Coriolis and sets what keeps the token
 * safe. Refuses, before anything is sent, a token that expires soon, is doubtful or belongs to another login: the error looks like a
 * 401, so that n8n calls `logIn` and tries again. Without it a changed password would go unnoticed until the old token ends.
 */
export function withSession(
  credentials: ICredentialDataDecryptedObject,
  request: IHttpRequestOptions,
): IHttpRequestOptions {
  const meta = metaOf(credentials['sessionMeta']);
  const login = readForm(credentials);
  const { [serviceHeader]: service, [youngerThanHeader]: doubt, ...headers } = request.headers ?? {};
  if (
    meta === undefined ||
    Date.now() >= meta.renewAt ||
    meta.fingerprint !== fingerprintOf(login) ||
    isDoubtful(meta, doubt)
  ) {
    throw new StaleSession();
  }
  const base =
    service === undefined ? String(credentials['endpointUrl']) : urlOf(meta, service as OtherService);
  refuseForeign(request, [base, String(credentials['endpointUrl']), addressOf(login.identity)]);
  return {
    ...request,
    ...absolute(request, base),
    headers: { ...headers, 'X-Auth-Token': String(credentials['sessionToken']) },
    disableFollowRedirect: true,
    ...tlsOptions(credentials),
  };
}

/** Whether a token was in use when an answer made it doubtful, see `youngerThanHeader`. */
const isDoubtful = ({ begunAt }: SessionMeta, doubt: unknown): boolean =>
  doubt !== undefined && begunAt <= Number(doubt) && Date.now() - begunAt > undoubtedForMs;

/** @throws {CapabilityError} the catalogue has no such service; lists what it has */
function urlOf({ services }: SessionMeta, service: OtherService): string {
  const place = services[service];
  if ('url' in place) return place.url;
  const { problem, advice } = place;
  throw new CapabilityError(problem, advice === undefined ? {} : { advice });
}

/**
 * Paths belong to Coriolis, or to the service that the request is for. n8n's HTTP Request node, which may use this credential too, speaks the dialect of an older
 * helper: an absolute `uri`, no `url`, and other words for "do not follow redirects".
 */
function absolute(request: Partial<IHttpRequestOptions>, base: string) {
  if (request.url === undefined) return { followRedirect: false, followAllRedirects: false };
  return { url: request.url.startsWith('/') ? `${base}${request.url}` : request.url };
}

/**
 * The HTTP Request node takes any address, and a token must not go wherever somebody types.
 * @throws {ProtocolError} an absolute address on another host than the given ones
 */
function refuseForeign(
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

/** What n8n takes for an answer with status 401. */
class StaleSession extends Error {
  readonly response = { status: 401 };

  constructor() {
    super('The kept Keystone token belongs to another login, expires soon or was refused');
  }
}

function metaOf(kept: unknown): SessionMeta | undefined {
  if (typeof kept !== 'string' || kept === '') return undefined;
  try {
    const meta = JSON.parse(kept) as Partial<SessionMeta>;
    // Kept by an earlier version of this package: a new login completes it.
    return meta.services === undefined || meta.begunAt === undefined ? undefined : (meta as SessionMeta);
  } catch {
    return undefined;
  }
}
