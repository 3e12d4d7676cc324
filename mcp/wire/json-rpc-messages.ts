import { isJSONRPCNotification, isJSONRPCRequest } from '@modelcontextprotocol/server';
import type { JSONRPCErrorResponse, JSONRPCMessage } from '@modelcontextprotocol/server';
import { withoutUndefined, isObject } from '../../src/model/json';
import type { JsonObject } from '../../src/model/json';
import { cleanText } from '../../src/model/untrusted-text';

/** Error codes of JSON-RPC. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INVALID_PARAMS = -32_602;

/** Error response whose id is null when the request had none that could be read (JSON-RPC 2.0, section 5). */
type ErrorResponse = Omit<JSONRPCErrorResponse, 'id'> & { readonly id: string | number | null };

/** Result of reading a message: a valid message, or the error response for an invalid one. */
export type MessageOrError = { readonly message: JSONRPCMessage } | { readonly error: ErrorResponse };

export const makeErrorResponse = (id: unknown, code: number, message: string): ErrorResponse => ({
  jsonrpc: '2.0',
  id: isId(id) ? id : null,
  error: { code, message },
});

/** Error response for a text that is no JSON. */
export const makeParseErrorResponse = (): ErrorResponse =>
  makeErrorResponse(null, PARSE_ERROR, 'The message is not valid JSON.');

/** Error response for a text longer than the limit. */
export const makeTooLargeResponse = (id: unknown, bytes: number): ErrorResponse =>
  makeErrorResponse(id, INVALID_REQUEST, `The message is larger than ${bytes / 2 ** 20} MiB.`);

/** Maximum number of characters of an error message: those of the SDK quote headers and names of clients whole. */
const MAX_MESSAGE_LENGTH = 1000;

/** The same response with an error message that is cut and without invisible characters; other messages stay as they are. */
export const withCleanError = <Message extends object>(message: Message): Message =>
  'error' in message && isObject(message.error) && typeof message.error['message'] === 'string'
    ? {
        ...message,
        error: { ...message.error, message: cleanText(message.error['message'], MAX_MESSAGE_LENGTH) },
      }
    : message;

/**
 * Decodes the bytes of messages.
 * @returns undefined when they are not valid UTF-8: a name with replaced characters would be another name
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Error response for bytes that are not valid UTF-8, with the id of the message where it can be read. */
export const makeEncodingErrorResponse = (bytes: Uint8Array): ErrorResponse =>
  makeErrorResponse(idAtStart(bytes), PARSE_ERROR, 'The message is not valid UTF-8.');

/** Number of bytes at the start of a message in which its id is searched. */
const START_BYTES = 1000;

/** Finds the id of a message that cannot be parsed: the one among its first keys; null without one. */
export function idAtStart(bytes: Uint8Array): unknown {
  const start = new TextDecoder().decode(bytes.subarray(0, START_BYTES));
  const [, id] = /^[^[{]*\{[^{}[\]]*"id"\s*:\s*("[^"\\]*"|\d+)/u.exec(start) ?? [];
  return id === undefined ? null : JSON.parse(id);
}

/** Parses JSON; a leading byte order mark is ignored. @throws {SyntaxError} not valid JSON */
export const parseJson = (text: string): unknown => JSON.parse(text.replace(/^\u{FEFF}/u, '')) as unknown;

/**
 * Checks one JSON-RPC message. Clients send nulls for values that they leave out, and keys of their own: nulls in the
 * parameters and unknown keys beside them are removed, so that no validator refuses them. Everything else that is wrong
 * gets an error response, because a request without a response hangs its client.
 */
export function readMessage(value: unknown): MessageOrError {
  if (!isObject(value)) return { error: invalidRequest(null, 'must be an object') };
  const { jsonrpc, id, method, params, result, error } = value;
  if (isDeeperThan(MAX_DEPTH, value)) {
    return { error: invalidRequest(id, `must not be nested deeper than ${MAX_DEPTH} levels`) };
  }
  if (jsonrpc !== '2.0') return { error: invalidRequest(id, 'must have "jsonrpc": "2.0"') };
  if (method === undefined) return readResponse(id, result, error);
  if (typeof method !== 'string') return { error: invalidRequest(id, 'must have a method that is a text') };
  if ('id' in value && !isId(id)) {
    return { error: invalidRequest(null, 'must have an id that is a text or a whole number') };
  }
  if (params !== undefined && params !== null && !isObject(params)) {
    return { error: invalidRequest(id, 'must have params that are an object') };
  }
  const given = params === undefined || params === null ? undefined : withoutNulls(params);
  const message = {
    jsonrpc,
    ...('id' in value && { id }),
    method,
    ...withoutUndefined({ params: given }),
  };
  // The SDK ignores messages that do not pass these checks, so they get their error response here.
  if (isJSONRPCRequest(message) || isJSONRPCNotification(message)) return { message };
  const problem = 'params._meta must be an object, and its progressToken a text or a whole number.';
  return { error: makeErrorResponse(id, INVALID_PARAMS, problem) };
}

function readResponse(id: unknown, result: unknown, error: unknown): MessageOrError {
  if (isId(id) && isObject(result)) return { message: { jsonrpc: '2.0', id, result } };
  if (isId(id) && isObject(error) && typeof error['code'] === 'number') {
    const { code, message, data } = error;
    return { message: { jsonrpc: '2.0', id, error: { code, message: String(message), data } } };
  }
  return {
    error: invalidRequest(id, 'must have a method, or a result or error for a request of the server'),
  };
}

/** Maximum depth of a message. Recursion over a deeper one could exhaust the stack. */
const MAX_DEPTH = 200;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((entry) => isDeeperThan(levels - 1, entry)));

const invalidRequest = (id: unknown, problem: string): ErrorResponse =>
  makeErrorResponse(id, INVALID_REQUEST, `The message ${problem}.`);

const isId = (id: unknown): id is string | number =>
  typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id));

/** Parameters whose nulls are kept, because they belong to the caller: tool arguments and elicitation answers. */
const KEPT = ['arguments', 'inputResponses'];

/** Removes nulls from parameters, three levels deep: `cursor`, `_meta` and its keys, `context.arguments`. */
function withoutNulls(params: JsonObject, depth = 3): JsonObject {
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => {
      if (value === null) return [];
      const isInner = depth > 1 && isObject(value) && !KEPT.includes(key);
      return [[key, isInner ? withoutNulls(value, depth - 1) : value]];
    }),
  );
}
