import type { Permissions } from './permissions';

/** Identity and permissions of a caller. */
export interface Caller {
  /** Name in the audit log. Confirmations and tasks of a caller work only for the same name. */
  readonly subject: string;
  /** Permissions of the operator, limited by the scopes of the caller's token. */
  readonly permissions: Permissions;
}

/** Subject of the host that started this process, over standard input. */
export const LOCAL_CALLER_SUBJECT = 'local';

/** Scopes of an HTTP token, the weakest first; each includes those before it. */
export const tokenScopes = ['read', 'write', 'destroy'] as const;
export type TokenScope = (typeof tokenScopes)[number];

/** Adds to the granted scopes those that they include. Unknown scopes are ignored. */
export const expandScopes = (granted: readonly string[]): TokenScope[] =>
  tokenScopes.filter((_scope, index) => tokenScopes.slice(index).some((more) => granted.includes(more)));

/** Permissions of a caller with these scopes, within those that the operator allows everybody. */
export function limitPermissionsToScopes(allowed: Permissions, granted: readonly string[]): Permissions {
  const has = expandScopes(granted);
  return {
    write: allowed.write && has.includes('write'),
    destroy: allowed.destroy && has.includes('destroy'),
  };
}
