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

/** What a caller with these scopes may do: never more than the operator allows everybody. Unknown scopes say nothing. */
export function within(allowed: Permissions, granted: readonly string[]): Permissions {
  const destroy = granted.includes('destroy');
  const write = destroy || granted.includes('write');
  return { write: write && (allowed.write || allowed.destroy), destroy: destroy && allowed.destroy };
}
