import { UserDirectory } from './user-directory';
import type { ApplicationCredential, Project, Role, User } from './user-directory';
import { invalidTokenError, unauthorizedError, unrecognizedTokenError } from './errors';

/** Caller of the Coriolis API, as its auth middleware sees it. */
export interface Caller {
  readonly tokenId: string;
  readonly userId: string;
  readonly userName: string;
  /** The project that the token is scoped to; `null` for an unscoped token. */
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly roles: string[];
  /**
   * Whether the token came from an application credential: actions that need a Keystone trust fail
   * (docs/reference/coriolis-api.md §3.1).
   */
  readonly delegated: boolean;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /**
   * Whether the token is revoked but still in the middleware's cache: reads work, and actions that need a Keystone
   * trust answer the generic 500.
   */
  readonly revoked: boolean;
}

/** A token with its contents. */
export interface Token {
  readonly id: string;
  /** Authentication methods, e.g. `["password"]` or, after a re-scope, `["token", "password"]`. */
  readonly methods: readonly string[];
  readonly user: User;
  readonly project: Project | null;
  readonly roles: readonly Role[];
  readonly applicationCredential: ApplicationCredential | null;
  /** Audit ids: the token's own, then that of the token from which it was made. */
  readonly auditIds: readonly string[];
  /** Milliseconds since the epoch, whole seconds. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** Token document of an external Keystone, with the keys that Coriolis uses. */
export interface TokenDocument {
  readonly user: Named & { readonly domain: Named };
  readonly project?: Named & { readonly domain: Named };
  readonly roles?: readonly Named[];
  readonly methods: readonly string[];
  readonly audit_ids: readonly string[];
  readonly issued_at: string;
  readonly expires_at: string;
  readonly application_credential?: Named & { readonly restricted: boolean };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface StoredToken extends Token {
  expiresAtMs: number;
  revoked: boolean;
  /** Time of the middleware's last validation. */
  validatedAt: number | null;
}

export interface IdentityOptions {
  /**
   * Current time in milliseconds since the epoch. Clients compare `expires_at` with their own clock, so this is real
   * time outside tests.
   */
  readonly nowMs: () => number;
  /** Random number in [0, 1), from which ids are made. With a seed, users and tokens are the same every time. */
  readonly random: () => number;
  /** Lifetime of tokens in milliseconds; default four hours, as on the recorded server. */
  readonly tokenLifetimeMs?: number;
  /** Time in milliseconds for which Coriolis' middleware caches a validation; default 300 s. */
  readonly validationCacheMs?: number;
}

const FOUR_HOURS_MS = 4 * 60 * 60 * 1000;
const VALIDATION_CACHE_MS = 300_000;
/** Time for which expired tokens are kept, to distinguish them from unknown ones. */
const EXPIRED_TOKEN_KEPT_MS = 60 * 60 * 1000;

/** Identity service: users and their tokens. */
export class IdentityService {
  readonly directory: UserDirectory;
  /** The lifetime of tokens issued from now on, in milliseconds. */
  tokenLifetimeMs: number;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly validationCacheMs: number;
  private readonly tokens = new Map<string, StoredToken>();

  constructor(options: IdentityOptions) {
    this.now = options.nowMs;
    this.random = options.random;
    this.tokenLifetimeMs = options.tokenLifetimeMs ?? FOUR_HOURS_MS;
    this.validationCacheMs = options.validationCacheMs ?? VALIDATION_CACHE_MS;
    this.directory = new UserDirectory(() => this.randomText('0123456789abcdef', 32));
  }

  /**
   * Issues a token. A token made from another (`from`) keeps that one's expiry and remembers how it was obtained.
   * @throws KeystoneError 401 when the user has no role in the project
   */
  issueToken(request: {
    method: string;
    user: User;
    project: Project | null;
    applicationCredential?: ApplicationCredential;
    from?: Token;
  }): Token {
    const { method, user, project, from } = request;
    const roles = project ? this.directory.rolesOf(user, project) : [];
    if (project && roles.length === 0) throw unauthorizedError();
    this.removeLongExpired();
    const issuedAt = Math.floor(this.now() / 1000) * 1000;
    const token: StoredToken = {
      id: `gAAAAA${this.randomText(URL_SAFE, 178)}`,
      methods: from ? [method, ...from.methods.filter((one) => one !== method)] : [method],
      user,
      project,
      roles,
      applicationCredential: request.applicationCredential ?? null,
      auditIds: [this.randomText(URL_SAFE, 22), ...(from ? from.auditIds.slice(-1) : [])],
      issuedAtMs: issuedAt,
      expiresAtMs: from ? from.expiresAtMs : issuedAt + this.tokenLifetimeMs,
      revoked: false,
      validatedAt: null,
    };
    this.tokens.set(token.id, token);
    return token;
  }

  /**
   * Finds a valid token: neither expired nor revoked.
   * @throws KeystoneError 404, with one text for a token that was never issued and another for one that is no longer
   * valid
   */
  requireToken(tokenId: string): Token {
    const token = this.tokens.get(tokenId);
    if (!token) throw unrecognizedTokenError();
    if (this.expired(token) || token.revoked) throw invalidTokenError();
    return token;
  }

  /** Adds a token of an external Keystone, with its user, project and roles. */
  addExternalToken(tokenId: string, document: TokenDocument): void {
    this.removeLongExpired();
    const { directory } = this;
    const user = directory.addExternalUser(document.user);
    const project = document.project === undefined ? null : directory.addExternalProject(document.project);
    if (project !== null)
      directory.assignRoles(
        user,
        project,
        (document.roles ?? []).map(({ name }) => name),
      );
    const delegation = document.application_credential;
    this.tokens.set(tokenId, {
      id: tokenId,
      methods: document.methods,
      user,
      project,
      roles: project === null ? [] : directory.rolesOf(user, project),
      applicationCredential:
        delegation === undefined || project === null ? null : { ...delegation, user, project, secret: '' },
      auditIds: document.audit_ids,
      issuedAtMs: Date.parse(document.issued_at),
      expiresAtMs: Date.parse(document.expires_at),
      revoked: false,
      validatedAt: this.tokens.get(tokenId)?.validatedAt ?? null,
    });
  }

  /** Revokes a token. Coriolis may accept it for a while; see {@link findCaller}. */
  revokeToken(token: Pick<Token, 'id'>): void {
    const stored = this.tokens.get(token.id);
    if (stored) stored.revoked = true;
  }

  /**
   * Validates a token like Coriolis' auth middleware. A validation is cached for 300 s, so a token revoked in between
   * is still accepted (with `revoked` set). Expiry is exact to the second, also for cached tokens. Source: recordings
   * of tokens that expire mid-run.
   * @returns the caller, or `undefined` when the middleware answers 401
   */
  findCaller(tokenId: string): Caller | undefined {
    const token = this.tokens.get(tokenId);
    if (!token || this.expired(token)) return undefined;
    if (!this.hasCachedValidation(tokenId)) {
      if (token.revoked) return undefined;
      token.validatedAt = this.now();
    }
    return {
      tokenId,
      userId: token.user.id,
      userName: token.user.name,
      projectId: token.project?.id ?? null,
      projectName: token.project?.name ?? null,
      roles: token.roles.map((role) => role.name),
      delegated: token.applicationCredential !== null,
      expiresAtMs: token.expiresAtMs,
      revoked: token.revoked,
    };
  }

  /** Whether the auth middleware has a cached validation of a token. */
  hasCachedValidation(tokenId: string): boolean {
    const validatedAt = this.tokens.get(tokenId)?.validatedAt ?? null;
    return validatedAt !== null && this.now() - validatedAt < this.validationCacheMs;
  }

  /** The names of a user's roles in a project; none when one of them does not exist. */
  roleNamesOf(userId: string, projectId: string): string[] {
    try {
      const user = this.directory.findUser({ id: userId });
      const project = this.directory.findProject({ id: projectId });
      return this.directory.rolesOf(user, project).map(({ name }) => name);
    } catch {
      return [];
    }
  }

  /** Expires all tokens issued so far. */
  expireAllTokens(): void {
    for (const token of this.tokens.values()) token.expiresAtMs = Math.min(token.expiresAtMs, this.now());
  }

  private expired(token: Token): boolean {
    return this.now() >= token.expiresAtMs;
  }

  private removeLongExpired(): void {
    const limit = this.now() - EXPIRED_TOKEN_KEPT_MS;
    for (const token of this.tokens.values()) {
      // Tokens are in order of issue, so the rest has not expired. After a change of the lifetime some are kept longer.
      if (token.expiresAtMs > limit) break;
      this.tokens.delete(token.id);
    }
  }

  private randomText(alphabet: string, length: number): string {
    let text = '';
    for (let index = 0; index < length; index += 1)
      text += alphabet.charAt(Math.floor(this.random() * alphabet.length));
    return text;
  }
}

const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
