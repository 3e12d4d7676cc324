import type { Operation } from '../../src/operation';
import type { JsonSchema } from './input-and-result-schemas';
import { makeResultSchema } from './input-and-result-schemas';

const texts: JsonSchema = { type: 'array', items: { type: 'string' } };
const object: JsonSchema = { type: 'object', additionalProperties: true };

/** Output schema of a tool. */
export function makeOutputSchema(operation: Operation, confirms: boolean): JsonSchema {
  const row = makeResultSchema(operation.output.shape);
  const data =
    operation.kind === 'list'
      ? {
          rows: { type: 'array', items: row },
          full_rows: { type: 'array', items: object },
          page: { type: 'object', properties: { next_cursor: { type: 'string' } } },
        }
      : {
          result: row,
          full: object,
          already_running: { type: 'boolean' },
          ...(operation.deduplication === undefined ? {} : { already_exists: { type: 'boolean' } }),
          next_steps: { type: 'array', items: object },
        };
  return {
    type: 'object',
    properties: {
      summary: { type: 'string' },
      ...data,
      ...(confirms ? { preview: object, confirmation_token: { type: 'string' } } : {}),
      truncated: { type: 'boolean' },
      warnings: texts,
    },
    required: ['summary'],
  };
}
