import { InvalidInputError } from './errors';
import { httpUrl } from './http-url';

export type DomainReference = { readonly id: string } | { readonly name: string };
export type UserReference =
  { readonly id: string } | { readonly name: string; readonly domain: DomainReference };
/** Names of projects are unique only within their domain. */
export type ProjectReference =
  { readonly id: string } | { readonly name: string; readonly domain: DomainReference };

interface KeystoneAddress {
  /** "https://keystone.example.com:5000", with or without a path, `/v3` and a trailing slash. */
  readonly authUrl: string;
  /** Whether `authUrl` leads to v3 as it stands, without `/v3`: the proxy of an appliance does that. */
  readonly authUrlIsV3?: boolean;
}

/** Who logs in, and to which project. */
export type Caller =
  | {
      readonly method: 'password';
      readonly user: UserReference;
      readonly password: string;
      readonly project: ProjectReference;
    }
  /** A token obtained elsewhere. It cannot be renewed: when it expires, the session ends. */
  | { readonly method: 'token'; readonly token: string; readonly project: ProjectReference }
  /**
   * Bound to a project from the start. On a real Coriolis it can read, but start nothing: the server cannot make a
   * trust from it (trap 31).
   */
  | {
      readonly method: 'application_credential';
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: UserReference };
      readonly secret: string;
    };

/** Who logs in at which Keystone. */
export type Identity = KeystoneAddress & Caller;

interface ApplianceAddress {
  /** Address of the web interface of an appliance, which tells where its Keystone is: see `locate`. */
  readonly appliance: string;
}

/** Who logs in at the Keystone of which appliance. */
export type ApplianceIdentity = ApplianceAddress & Caller;

/** A request to Keystone, always a POST. The body holds the secret. */
export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The request that logs in.
 * @throws {InvalidInputError} the auth URL is no http(s) address, or asks for Keystone v2
 */
export function tokenRequest(identity: Identity): TokenRequest {
  return {
    url: `${keystoneV3(identity)}/auth/tokens`,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ auth: authOf(identity) }),
  };
}

function authOf(identity: Caller): unknown {
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
      // No scope: Keystone answers 401 to one.
      return {
        identity: {
          methods: ['application_credential'],
          application_credential: { ...identity.credential, secret: identity.secret },
        },
      };
  }
}

/** The root of Keystone v3, without a trailing slash. */
function keystoneV3({ authUrl, authUrlIsV3 }: KeystoneAddress): string {
  // The address of the very request is pasted as well.
  const url = httpUrl(authUrl, 'authUrl').replace(/\/auth\/tokens$/, '');
  if (/\/v2\.0$/.test(url)) {
    throw new InvalidInputError(`${url} is Keystone v2, which is not supported`, {
      field: 'authUrl',
      advice: 'Use the address of Keystone v3: the same one, with /v3 at the end.',
    });
  }
  return authUrlIsV3 === true || url.endsWith('/v3') ? url : `${url}/v3`;
}

/**
 * What distinguishes one login from another, as a stable text: two differ exactly when a cached token of one must not serve
 * the other. **It holds the secret**, so that a changed password counts: hash it at once, keep only the hash.
 */
export function fingerprintText(identity: Identity | ApplianceIdentity, selection: object): string {
  return stable([addressOf(identity), authOf(identity), selection]);
}

/** What leads to Keystone: its own address, or that of the appliance. */
export function addressOf(identity: Identity | ApplianceIdentity): string {
  return 'appliance' in identity ? httpUrl(identity.appliance, 'appliance') : keystoneV3(identity);
}

/** JSON with sorted keys and without undefined. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([one], [other]) => (one < other ? -1 : 1)))
      : entry,
  );
}

/** Who logs in and where to, in words for people; never the secret. */
export function describeLogin(identity: Caller): string {
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
