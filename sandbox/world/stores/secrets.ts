/** Somebody who wants to read or write secrets, with the roles that the project gives them. */
export interface SecretUser {
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly string[];
}

/** A secret as Barbican keeps it (coriolis-api.md §12). Times are whole seconds since the epoch. */
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
  /** `null` until it is stored, which can be done only once. */
  payload: string | null;
  /** Users of any project who may read it as well. */
  readers: string[];
  projectAccess: boolean;
}

/** With Barbican's default policy the role `member` alone may do nothing. */
const USING_ROLES = ['creator', 'admin'];

/** The secrets of all projects. */
export class Secrets {
  private readonly byId = new Map<string, Secret>();

  add(secret: Secret): Secret {
    this.byId.set(secret.id, secret);
    return secret;
  }

  /** @param now whole seconds since the epoch: an expired secret is gone */
  get(id: string, now: number): Secret | undefined {
    const secret = this.byId.get(id);
    if (!secret?.expiration) return secret;
    return Date.parse(`${secret.expiration}Z`) / 1000 > now ? secret : undefined;
  }

  delete(id: string): void {
    this.byId.delete(id);
  }

  /** In the order in which they were stored. */
  of(projectId: string, now: number): Secret[] {
    return [...this.byId.values()].filter(
      (secret) => secret.projectId === projectId && this.get(secret.id, now),
    );
  }
}

/** Whether the roles of somebody allow to use the secrets of their project at all. */
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
