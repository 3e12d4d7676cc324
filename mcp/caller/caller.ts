import type { Permissions } from './permissions';

/** Who calls, as far as the transport knows. */
export interface Caller {
  /** Names the caller in the audit log, and binds confirmations: of two callers, neither can use the other's. */
  readonly subject: string;
  /** What the operator allows, as far as the caller's scopes go. */
  readonly permissions: Permissions;
}

/** The subject of whoever speaks to our standard input: the host that started us. */
export const LOCAL = 'local';

/** Scopes of a token, from little to much; each includes those before it. */
export const scopes = ['read', 'write', 'destroy'] as const;
export type Scope = (typeof scopes)[number];

/** Scopes with those that they include; unknown ones say nothing. */
export const withIncluded = (granted: readonly string[]): Scope[] =>
  scopes.filter((_scope, index) => scopes.slice(index).some((more) => granted.includes(more)));

/** What a caller with these scopes may do: never more than the operator allows everybody. */
export function within(allowed: Permissions, granted: readonly string[]): Permissions {
  const has = withIncluded(granted);
  return {
    write: allowed.write && has.includes('write'),
    destroy: allowed.destroy && has.includes('destroy'),
  };
}
