import { InvalidInputError } from '../../src/api/errors';
import type { Effect, Operation } from '../../src/operation';
import { effectOfField, worstEffect } from '../../src/operation';
import type { Fields } from '../../src/vocabulary/field';
import { spell } from '../snake-case';

/** What the operator allows. Reading always is. */
export interface Permissions {
  readonly write: boolean;
  /** Implies `write`. */
  readonly destroy: boolean;
}

export function allows({ write, destroy }: Permissions, effect: Effect): boolean {
  return effect === 'read' || (effect === 'write' ? write || destroy : destroy);
}

/** The fields that may be set: those that would make an allowed operation do more than is allowed are left out. */
export const allowedFields = (operation: Operation, permissions: Permissions): Fields =>
  Object.fromEntries(
    Object.entries(operation.input).filter(([, field]) => allows(permissions, effectOfField(field))),
  );

/** The worst that an operation can do within the permissions: what its annotations announce. */
export const worstAllowed = (operation: Operation, permissions: Permissions): Effect =>
  worstEffect({ ...operation, input: allowedFields(operation, permissions) });

/**
 * A client may send what no schema offered.
 * @throws {InvalidInputError} a field that is not allowed is set; says how to allow it
 */
export function refuseForbidden(
  operation: Operation,
  permissions: Permissions,
  input: Readonly<Record<string, unknown>>,
): void {
  const allowed = allowedFields(operation, permissions);
  const forbidden = Object.keys(operation.input).find(
    (name) =>
      !(name in allowed) && input[name] !== undefined && input[name] !== null && input[name] !== false,
  );
  if (forbidden === undefined) return;
  throw new InvalidInputError(`${spell(forbidden)} is switched off here: it would lose or stop something.`, {
    field: spell(forbidden),
    advice:
      'Nothing was sent. Only the operator can switch it on, by starting this MCP server with --allow-destroy; otherwise leave it out.',
  });
}
