import { InvalidInputError } from './errors';
import { normalizeHttpUrl } from './http-url';

export type DomainReference = { readonly id: string } | { readonly name: string };
export type UserReference =
  { readonly id: string } | { readonly name: string; readonly domain: DomainReference };
/** Project by id, or by name and domain. */
export type ProjectReference =
  { readonly id: string } | { readonly name: string; readonly domain: DomainReference };

interface KeystoneAddress {
  /** Address of Keystone: "https://keystone.example.com:5000", with or without a path, `/v3` and a trailing slash. */
  readonly authUrl: string;
  /** Whether `authUrl` is the complete address of Keystone v3 although it does not end in `/v3`, as on an appliance. */
  readonly authUrlIsV3?: boolean;
}

/** Login method with its credentials and project. */
export type Login =
  | {
      readonly method: 'password';
      readonly user: UserReference;
      readonly password: string;
      readonly project: ProjectReference;
    }
  /** A token that somebody else requested. It cannot be renewed, so the session ends when it expires. */
  | { readonly method: 'token'; readonly token: string; readonly project: ProjectReference }
  /**
   * Application credential, bound to a project. It can read but start no work, because Coriolis cannot make a trust of
   * it (docs/reference/coriolis-api.md §17, trap 31).
   */
  | {
      readonly method: 'application_credential';
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: UserReference };
      readonly secret: string;
    };

/** A login with the address of its Keystone. */
export type KeystoneCredentials = KeystoneAddress & Login;

interface ApplianceAddress {
  /** Address of an appliance's web interface, from which `locateKeystone` finds Keystone. */
  readonly appliance: string;
}

/** A login with the address of an appliance. */
export type ApplianceCredentials = ApplianceAddress & Login;

/** Login request to Keystone, always a POST. The body holds the secret. */
export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Makes the request that logs in.
 * @throws {InvalidInputError} the auth URL is no http(s) address, or asks for Keystone v2
 */
export function makeTokenRequest(identity: KeystoneCredentials): TokenRequest {
  return {
    url: `${keystoneV3(identity)}/auth/tokens`,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ auth: authOf(identity) }),
  };
}

function authOf(identity: Login): unknown {
  switch (identity.method) {
    case 'password':
      return {
        identity: {
          methods: ['password'],
          password: { user: { ...identity.user, password: identity.password } },
        },
        scope: { project: identity.project },
      };
    case 'token':
      return {
        identity: { methods: ['token'], token: { id: identity.token } },
        scope: { project: identity.project },
      };
    case 'application_credential':
      // Without a scope, because Keystone answers 401 to an application credential with one.
      return {
        identity: {
          methods: ['application_credential'],
          application_credential: { ...identity.credential, secret: identity.secret },
        },
      };
  }
}

/**
 * Address of Keystone v3, without a trailing slash. It ends in `/v3`, unless `authUrlIsV3` says that the given address is
 * complete.
 */
function keystoneV3({ authUrl, authUrlIsV3 }: KeystoneAddress): string {
  // Some users paste the complete address of the login request.
  const url = normalizeHttpUrl(authUrl, 'authUrl').replace(/\/auth\/tokens$/, '');
  if (/\/v2\.0$/.test(url)) {
    throw new InvalidInputError(`${url} is Keystone v2, which is not supported`, {
      field: 'authUrl',
      advice: 'Use the address of Keystone v3: the same one, with /v3 at the end.',
    });
  }
  return authUrlIsV3 === true || url.endsWith('/v3') ? url : `${url}/v3`;
}

/**
 * Cache key of a login. Two logins have the same key only when a cached token may serve both. **It contains the
 * secret**, because a changed password must give another key. Hash it at once, and keep only the hash.
 */
export function loginCacheKey(
  identity: KeystoneCredentials | ApplianceCredentials,
  selection: object,
): string {
  return stable([loginAddressOf(identity), authOf(identity), selection]);
}

/** Normalised address of a login: that of Keystone v3, or that of the appliance. */
export function loginAddressOf(identity: KeystoneCredentials | ApplianceCredentials): string {
  return 'appliance' in identity ? normalizeHttpUrl(identity.appliance, 'appliance') : keystoneV3(identity);
}

/** JSON with sorted keys and without undefined values, so that equal objects give equal texts. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([one], [other]) => (one < other ? -1 : 1)))
      : entry,
  );
}

/** Describes a login for people, without the secret. */
export function describeLogin(identity: Login): string {
  const named = (it: { id: string } | { name: string; domain: DomainReference }): string =>
    'id' in it ? `with id ${it.id}` : `"${it.name}" of domain ${domain(it.domain)}`;
  const domain = (it: DomainReference): string => ('id' in it ? `with id ${it.id}` : `"${it.name}"`);
  switch (identity.method) {
    case 'password':
      return `user ${named(identity.user)} in project ${named(identity.project)}`;
    case 'token':
      return `the given token in project ${named(identity.project)}`;
    case 'application_credential':
      return 'id' in identity.credential
        ? `the application credential with id ${identity.credential.id}`
        : `the application credential "${identity.credential.name}" of user ${named(identity.credential.user)}`;
  }
}
