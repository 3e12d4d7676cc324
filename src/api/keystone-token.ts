import { isObject } from '../model/json';
import {
  parseAnswerContent,
  statusAndRequestIdOf,
  readErrorBody,
  redirectTargetOf,
  describeProxy,
} from './parse-answer';
import type { CatalogueService } from './service-catalogue';
import {
  AuthenticationError,
  CoriolisError,
  InvalidInputError,
  ProtocolError,
  ServerError,
  UnreachableError,
} from './errors';
import { describeLogin, makeTokenRequest, type KeystoneCredentials } from './login-request';
import { parseRetryAfter } from './retry';
import type { TransportResponse } from './transport';

/** Token of Keystone. `id` is secret: it must never appear in an error, a log or an output. */
export interface KeystoneToken {
  readonly id: string;
  /** Time of issue on Keystone's clock, in milliseconds since 1970. */
  readonly issuedAt: number;
  /** Time of expiry on Keystone's clock, in milliseconds since 1970, exact to the second. */
  readonly expiresAt: number;
  readonly projectId: string;
  readonly projectName: string;
  readonly userId: string;
  readonly userName: string;
  readonly roles: readonly string[];
  readonly catalogue: readonly CatalogueService[];
}

/**
 * Reads the token from Keystone's answer to `makeTokenRequest(identity)`.
 * @throws {AuthenticationError} Keystone refused the login. The advice lists possible reasons, because Keystone gives
 *   none
 * @throws {InvalidInputError} Keystone finds the request incomplete
 * @throws {ProtocolError} something else than Keystone v3 answered
 * @throws {UnreachableError | ServerError} Keystone, or a proxy before it, is in trouble
 */
export function readKeystoneToken(response: TransportResponse, identity: KeystoneCredentials): KeystoneToken {
  if (response.status !== 201 && response.status !== 200) throw loginFailure(response, identity);
  const content = parseAnswerContent(response.body);
  const token = content.kind === 'json' && isObject(content.value) ? content.value['token'] : undefined;
  const id = response.headers['x-subject-token'];
  if (!isObject(token) || id === undefined) throw notKeystoneError(response, identity);
  const expiresAt = Date.parse(text(token['expires_at']));
  const project = token['project'];
  if (!isObject(project)) {
    throw new AuthenticationError(`Keystone logged in ${describeLogin(identity)} without a project`, {
      advice: 'Name the project that the migrations belong to.',
    });
  }
  if (Number.isNaN(expiresAt)) throw notKeystoneError(response, identity);
  const issuedAt = Date.parse(text(token['issued_at']));
  const user = isObject(token['user']) ? token['user'] : {};
  return {
    id,
    issuedAt: Number.isNaN(issuedAt) ? expiresAt : issuedAt,
    expiresAt,
    projectId: text(project['id']),
    projectName: text(project['name']),
    userId: text(user['id']),
    userName: text(user['name']),
    roles: objects(token['roles']).map((role) => text(role['name'])),
    catalogue: objects(token['catalog']).map((service) => ({
      type: text(service['type']),
      name: text(service['name']),
      endpoints: objects(service['endpoints']).map((endpoint) => ({
        interface: text(endpoint['interface']),
        region: text(endpoint['region_id'] ?? endpoint['region']),
        url: text(endpoint['url']),
      })),
    })),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const objects = (value: unknown) => list(value).filter(isObject);

/** Keystone's generic message of refusal, which explains nothing and is left out. Other messages are passed on. */
const GENERIC_REFUSAL_MESSAGE = 'The request you have made requires authentication.';

/** Beginnings of a 404's message that mean an unknown user, project or token, not a wrong URL. */
const UNKNOWN_OBJECT_MESSAGE = /^(Could not find|Could not recognize|Failed to validate)/;

function loginFailure(response: TransportResponse, identity: KeystoneCredentials): CoriolisError {
  const { status } = response;
  const { url } = makeTokenRequest(identity);
  const error = readErrorBody(parseAnswerContent(response.body));
  const serverMessage = error?.message;
  const details = { ...statusAndRequestIdOf(response), serverMessage };

  if (status >= 300 && status < 400) {
    return new ProtocolError(
      `${url} was redirected to ${redirectTargetOf(response)}; redirects are not followed`,
      {
        ...details,
        advice: 'Correct the auth URL: its scheme (https), its host or its path is wrong.',
      },
    );
  }
  if ([429, 502, 503, 504].includes(status)) {
    const retryAfterMs = parseRetryAfter(
      response.headers['retry-after'],
      Date.parse(response.headers['date'] ?? ''),
    );
    return new UnreachableError(`Keystone does not answer now (POST ${url}, HTTP ${status})`, {
      ...details,
      retryAfterMs,
      advice: 'Check that Keystone is up, then try again.',
    });
  }
  if (status === 401 && response.headers['openstack-auth-receipt'] !== undefined) {
    return new AuthenticationError(
      `Keystone wants more of ${describeLogin(identity)} than was given, such as a second factor${methodsOf(response)} (HTTP 401)`,
      {
        ...details,
        advice:
          'Log in as a user whom Keystone asks for a password alone; for reading, an application credential does as well.',
      },
    );
  }
  if (error === undefined && status < 500) return notKeystoneError(response, identity);
  if (status === 400) {
    return new InvalidInputError(
      `Keystone finds the login incomplete: ${serverMessage ?? ''} (POST ${url}, HTTP 400)`,
      {
        ...details,
        advice: 'A user or project given by name needs its domain, by name or id.',
      },
    );
  }
  if (status === 404 && !UNKNOWN_OBJECT_MESSAGE.test(serverMessage ?? ''))
    return notKeystoneError(response, identity);
  if (status === 401 || status === 403 || status === 404) return refusedLoginError(details, identity);
  return new ServerError(
    `Keystone failed: ${serverMessage ?? 'no explanation'} (POST ${url}, HTTP ${status})`,
    {
      ...details,
      advice: 'The log of Keystone tells more; search it for the request id.',
    },
  );
}

/**
 * Login methods that Keystone requires of a user with multi-factor rules, in Keystone's words: " (password and totp)".
 */
function methodsOf(response: TransportResponse): string {
  const content = parseAnswerContent(response.body);
  const body = content.kind === 'json' && isObject(content.value) ? content.value : {};
  // Keystone stores each rule as a set, so the order of its methods has no meaning.
  const words = list(body['required_auth_methods']).map((rule) => list(rule).map(text).sort().join(' and '));
  return words.length === 0 ? '' : ` (${words.join(', or ')})`;
}

function refusedLoginError(
  details: ReturnType<typeof statusAndRequestIdOf> & { readonly serverMessage: string | undefined },
  identity: KeystoneCredentials,
): AuthenticationError {
  const { serverMessage, status } = details;
  const words =
    serverMessage === undefined || serverMessage === GENERIC_REFUSAL_MESSAGE ? '' : `: ${serverMessage}`;
  return new AuthenticationError(
    `Keystone refused ${describeLogin(identity)}${words} (HTTP ${status ?? '?'})`,
    {
      ...details,
      advice: REFUSED_LOGIN_ADVICE[identity.method],
    },
  );
}

/** Advice after a refused login, by method. */
const REFUSED_LOGIN_ADVICE: Readonly<Record<KeystoneCredentials['method'], string>> = {
  password:
    'Check the password, the user name and its domain, the project and its domain, and that the user has a role in that project: Keystone does not say which of them is wrong.',
  token:
    'The token is wrong, has expired, was revoked, or has no role in that project: log in for a new one.',
  application_credential:
    'Check the id (or name and user) and the secret; the application credential may also have expired or been deleted.',
};

function notKeystoneError(response: TransportResponse, identity: KeystoneCredentials): ProtocolError {
  const { url } = makeTokenRequest(identity);
  const { kind } = parseAnswerContent(response.body);
  const what = kind === 'html' ? 'a web page' : kind === 'empty' ? 'nothing' : 'something else';
  return new ProtocolError(
    `No Keystone v3 answers at ${url}: it sent ${what} (HTTP ${response.status})${describeProxy(response)}`,
    {
      ...statusAndRequestIdOf(response),
      advice:
        response.proxy === undefined
          ? 'Correct the auth URL. It looks like https://keystone.example.com:5000/v3.'
          : 'Check that the proxy lets requests to Keystone through, or name its host in NO_PROXY; then the auth URL, which looks like https://keystone.example.com:5000/v3.',
    },
  );
}
