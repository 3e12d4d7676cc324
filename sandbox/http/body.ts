import type { JsonObject } from '../json';
import { badRequest, internalError, invalidInput } from '../world/refusal';
import type { CoriolisContext } from './context';

const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect.';

/** The JSON body of a request. Without `Content-Type: application/json` the server does not look at it (coriolis-api.md §1.2). */
export async function jsonBody(context: CoriolisContext): Promise<unknown> {
  const type = context.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  const text = await context.req.text();
  if (type !== 'application/json' || text === '') throw badRequest(MALFORMED);
  try {
    return context.get('dialect').request(JSON.parse(text));
  } catch {
    throw badRequest('Malformed request body');
  }
}

/**
 * The object that a body wraps in the name of its resource.
 * @param purpose e.g. `transfer creation`
 */
export function unwrap(body: unknown, wrapper: string, purpose: string): JsonObject {
  if (Array.isArray(body)) throw invalidInput('list indices must be integers or slices, not str');
  if (!isObject(body) || !(wrapper in body)) {
    throw badRequest(`The ${purpose} body needs to be encased inside the "${wrapper}" key`);
  }
  const wrapped = body[wrapper];
  if (!isObject(wrapped)) throw internalError();
  return wrapped;
}

/** Refuses a body without one of its required fields. */
export function requireFields(body: JsonObject, fields: readonly string[], purpose: string): void {
  const missing = fields.find((field) => !(field in body));
  if (missing !== undefined) {
    throw badRequest(`The ${purpose} body lacks a required attribute: "${missing}"`);
  }
}

/**
 * The action that a body `{"name": options}` asks for (coriolis-api.md §1.7).
 * @param names the actions that the resource has
 */
export function requestedAction<Name extends string>(
  body: unknown,
  names: readonly Name[],
): { name: Name; options: unknown } {
  const entries = isObject(body) ? Object.entries(body) : [];
  const [entry] = entries;
  if (!entry || entries.length !== 1) throw badRequest('Malformed request body');
  const name = names.find((one) => one === entry[0]);
  if (!name) throw badRequest(`There is no such action: ${entry[0]}`);
  return { name, options: entry[1] };
}

/** The `force` of a cancel action; `null` as options is accepted. */
export function forceOption(options: unknown): boolean {
  return isObject(options) && Boolean(options['force']);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
