import { InvalidInputError } from '../../src/api/errors';
import type { Effect, Operation } from '../../src/operation';
import { effectOfField, worstEffectOf } from '../../src/operation';
import type { Fields } from '../../src/vocabulary/field';
import { toSnakeCase } from '../snake-case';

/** Effects that are allowed besides reading: of the operator for everybody, or of one caller. */
export interface Permissions {
  readonly write: boolean;
  /** Implies `write`. */
  readonly destroy: boolean;
}

export function allowsEffect({ write, destroy }: Permissions, effect: Effect): boolean {
  return effect === 'read' || (effect === 'write' ? write || destroy : destroy);
}

/** Fields of an operation, without those whose use has an effect that is not allowed, such as `force`. */
export const allowedFieldsOf = (operation: Operation, permissions: Permissions): Fields =>
  Object.fromEntries(
    Object.entries(operation.input).filter(([, field]) => allowsEffect(permissions, effectOfField(field))),
  );

/**
 * Worst effect that a call of an operation can have with the fields that are allowed. The tool's annotations state it.
 */
export const worstAllowedEffectOf = (operation: Operation, permissions: Permissions): Effect =>
  worstEffectOf({ ...operation, input: allowedFieldsOf(operation, permissions) });

/**
 * Refuses fields that are not in the schema because the operator does not allow their effect.
 * @throws {InvalidInputError} such a field is set; the advice names the option that allows it
 */
export function refuseForbiddenFields(
  operation: Operation,
  permissions: Permissions,
  input: Readonly<Record<string, unknown>>,
): void {
  const allowed = allowedFieldsOf(operation, permissions);
  const forbidden = Object.keys(operation.input).find(
    (name) =>
      !(name in allowed) && input[name] !== undefined && input[name] !== null && input[name] !== false,
  );
  if (forbidden === undefined) return;
  throw new InvalidInputError(
    `${toSnakeCase(forbidden)} is disabled here: it would delete or stop something.`,
    {
      field: toSnakeCase(forbidden),
      advice:
        'Nothing was sent. Only the operator can enable it, by starting this MCP server with --allow-destroy; otherwise leave it out.',
    },
  );
}
