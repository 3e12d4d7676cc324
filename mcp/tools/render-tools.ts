import type { ToolAnnotations } from '@modelcontextprotocol/server';
import { resources } from '../../src/catalogue';
import { TRANSFER_IDS_INPUT, makeTransferIdsField } from '../../src/lookup/transfer-ids-input';
import type { Fields } from '../../src/vocabulary/field';
import { timeoutInputOf, type Operation } from '../../src/operation';
import type { Permissions } from '../caller/permissions';
import { allowedFieldsOf, allowsEffect, worstAllowedEffectOf } from '../caller/permissions';
import { makeOutputSchema } from './output-schema';
import type { JsonSchema } from './input-and-result-schemas';
import { findArgumentsUnderOptions } from './arguments-under-options';
import { makeInputSchema } from './input-and-result-schemas';

/** Default and maximum number of rows on a page. */
export const ROWS_PER_PAGE_BOUNDS = { default: 20, maximum: 100 } as const;

/** An operation as an MCP tool. */
export interface RenderedTool {
  readonly operation: Operation;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  readonly annotations: ToolAnnotations;
  /** True when the tool has calls that are confirmed before they run; some of its calls may need none. */
  readonly mayNeedConfirmation: boolean;
}

/** Tools of the operations that the permissions allow. */
export function renderTools(
  operations: readonly Operation[],
  permissions: Permissions,
): readonly RenderedTool[] {
  return operations
    .filter((operation) => allowsEffect(permissions, operation.effect))
    .map((operation) => renderTool(operation, permissions));
}

function renderTool(operation: Operation, permissions: Permissions): RenderedTool {
  const worst = worstAllowedEffectOf(operation, permissions);
  const confirms = worst === 'destroy';
  return {
    operation,
    name: operation.tool,
    title: `${resources[operation.resource].title}: ${operation.title}`,
    description: `${operation.summary}. ${operation.description}`,
    input: makeInputSchema(
      withSeveral(operation, withoutTimeoutLimits(operation, allowedFieldsOf(operation, permissions))),
      refusesUnknownArguments(operation),
      {
        ...(operation.kind === 'list' ? PAGING : {}),
        ...(takesDetailArgument(operation) ? SHOWING : {}),
        ...(confirms ? CONFIRMING : {}),
      },
      findArgumentsUnderOptions(operation),
    ),
    output: makeOutputSchema(operation, confirms),
    annotations: {
      title: `${resources[operation.resource].title}: ${operation.title}`,
      readOnlyHint: worst === 'read',
      destructiveHint: worst === 'destroy',
      idempotentHint: operation.effect === 'read' || operation.idempotent === true,
      // Results hold texts of guests, users and providers, and the server talks to platforms.
      openWorldHint: true,
    },
    mayNeedConfirmation: confirms,
  };
}

/** Adds the argument `transferIds` for several transfers; `transferId` is then no longer required. */
function withSeveral(operation: Operation, fields: Fields): Fields {
  const { transferId, ...others } = fields;
  if (operation.kind !== 'single' || operation.bulk === undefined || transferId === undefined) return fields;
  return {
    transferId: { ...transferId, required: false },
    [TRANSFER_IDS_INPUT]: { ...makeTransferIdsField(operation.bulk.maximum), required: false },
    ...others,
  };
}

/** Removes the default and the range of the timeout field, because the limit of a wait depends on the client. */
function withoutTimeoutLimits(operation: Operation, fields: Fields): Fields {
  const timeoutInput = timeoutInputOf(operation);
  const bound = timeoutInput === undefined ? undefined : fields[timeoutInput];
  if (timeoutInput === undefined || bound?.kind !== 'number') return fields;
  const { default: _default, ...rest } = bound;
  return { ...fields, [timeoutInput]: { ...rest, minimum: 1, maximum: Number.MAX_SAFE_INTEGER } };
}

/** Whether a tool has the arguments `fields` and `detail`, because its full result has more keys than the summary. */
export const takesDetailArgument = (operation: Operation): boolean =>
  operation.result?.whole !== true &&
  (operation.kind === 'list' || (operation.effect === 'read' && operation.name === 'get'));

/**
 * Whether a tool refuses unknown arguments. Tools that change something do: a misspelled argument would otherwise be
 * missing from the change. Tools that only read ignore it with a warning.
 */
export const refusesUnknownArguments = ({ effect }: Operation): boolean => effect !== 'read';

/** Arguments of lists. `limit` has no description here, because the server's instructions explain it for all tools. */
const PAGING: Readonly<Record<string, JsonSchema>> = {
  limit: { type: 'integer', maximum: ROWS_PER_PAGE_BOUNDS.maximum, default: ROWS_PER_PAGE_BOUNDS.default },
  cursor: { type: 'string', description: 'page.next_cursor' },
};

const SHOWING: Readonly<Record<string, JsonSchema>> = {
  fields: { type: 'array', items: { type: 'string' } },
  detail: { type: 'string', enum: ['summary', 'full'] },
};

const CONFIRMING: Readonly<Record<string, JsonSchema>> = {
  confirmation_token: { type: 'string', description: 'From the preview.' },
};
