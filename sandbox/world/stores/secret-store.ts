/** User who reads or stores secrets, with the user's roles in the project. */
export interface SecretUser {
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly string[];
}

/** A secret of Barbican (docs/reference/coriolis-api.md §12). Times are whole seconds since the epoch. */
export interface Secret {
  readonly id: string;
  readonly projectId: string;
  readonly creatorId: string;
  readonly name: string | null;
  readonly algorithm: string | null;
  readonly bitLength: number | null;
  readonly mode: string | null;
  readonly expiration: string | null;
  readonly createdAt: number;
  updatedAt: number;
  /** Secret text; `null` until it is stored. It can be stored once. */
  payload: string | null;
  /** Users of any project who may also read it. */
  readers: string[];
  projectAccess: boolean;
}

/** Roles that may use secrets. By Barbican's default policy the role `member` is not enough. */
const USING_ROLES = ['creator', 'admin'];

/** Secrets of all projects. */
export class SecretStore {
  private readonly byId = new Map<string, Secret>();

  add(secret: Secret): Secret {
    this.byId.set(secret.id, secret);
    return secret;
  }

  /**
   * Finds a secret by its id.
   * @param now whole seconds since the epoch: an expired secret is gone
   */
  get(id: string, now: number): Secret | undefined {
    const secret = this.byId.get(id);
    if (!secret?.expiration) return secret;
    return Date.parse(`${secret.expiration}Z`) / 1000 > now ? secret : undefined;
  }

  delete(id: string): void {
    this.byId.delete(id);
  }

  /** Secrets of a project in order of storage. */
  ofProject(projectId: string, now: number): Secret[] {
    return [...this.byId.values()].filter(
      (secret) => secret.projectId === projectId && this.get(secret.id, now),
    );
  }
}

/** Whether a user's roles allow to use the secrets of the project. */
export function mayUseSecrets({ roles }: SecretUser): boolean {
  return roles.some((role) => USING_ROLES.includes(role));
}

export function mayReadSecret(user: SecretUser, secret: Secret): boolean {
  if (secret.readers.includes(user.userId)) return true;
  return secret.projectId === user.projectId && secret.projectAccess && mayUseSecrets(user);
}

export function mayDeleteSecret(user: SecretUser, secret: Secret): boolean {
  return secret.projectId === user.projectId && mayUseSecrets(user);
}
