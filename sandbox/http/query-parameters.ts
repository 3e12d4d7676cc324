import { decodePythonBase64 } from '../python/base64';
import { PythonError } from '../python/errors';
import { parsePythonInteger } from '../python/integer';
import { parsePythonJson } from '../python/json';
import { badRequest, internalError, invalidInput } from '../world/api-error';
import type { CoriolisContext } from './request-context';
import { isUtf8 } from './request-path';

const TRUE_WORDS = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE_WORDS = ['0', 'f', 'false', 'off', 'n', 'no'];

/**
 * Returns all values of a parameter of the query string. The server separates parameters at `&` and at `;`.
 * @throws ApiError 500 when any part of the query is not UTF-8
 */
export function readQueryValues(context: CoriolisContext, name: string): string[] {
  const { search } = new URL(context.req.url);
  if (!isUtf8(search)) throw internalError();
  return [...new URLSearchParams(search.slice(1).replaceAll(';', '&'))]
    .filter(([key]) => key === name)
    .map(([, value]) => value);
}

/** Returns the text of a query parameter; the last one when there are several with that name. */
export function readQueryText(context: CoriolisContext, name: string): string | undefined {
  return readQueryValues(context, name).at(-1);
}

/**
 * Reads a boolean query parameter. Invalid values count as `false`, which is the default of all boolean parameters
 * (docs/reference/coriolis-api.md §1.4).
 */
export function readQueryFlag(context: CoriolisContext, name: string): boolean {
  const text = readQueryText(context, name) ?? '';
  if (!context.get('features').lenientFlags) return text === 'true';
  return TRUE_WORDS.includes(text.trim().toLowerCase());
}

/** Whether `include_task_info` is requested. */
export function wantsTaskInfo(context: CoriolisContext): boolean {
  return context.get('features').taskInfo && readQueryFlag(context, 'include_task_info');
}

/**
 * Reads a boolean query parameter on a route that answers invalid values with the generic 500.
 * @param absent value when the parameter is missing
 */
export function readStrictQueryFlag(context: CoriolisContext, name: string, absent: boolean): boolean {
  const word = readQueryText(context, name)?.trim().toLowerCase();
  if (word === undefined) return absent;
  if (![...TRUE_WORDS, ...FALSE_WORDS].includes(word)) throw internalError();
  return TRUE_WORDS.includes(word);
}

/** Whole number of a query parameter, as Python reads it. @throws 400 for other texts */
export function readQueryInteger(context: CoriolisContext, name: string): bigint | undefined {
  const text = readQueryText(context, name);
  if (text === undefined) return undefined;
  const number = parsePythonInteger(text);
  if (number === undefined || !('value' in number)) throw badRequest(`Invalid integer: ${text}`);
  return number.value;
}

/** Decodes a text from URL-safe base64. @throws 400 for wrong padding */
export function decodeBase64Text(text: string): string {
  return asInvalidInput(() => decodePythonBase64(text));
}

/** JSON of a query parameter in base64; undefined when absent. @throws 400 for an invalid value */
export function readQueryJson(context: CoriolisContext, name: string): unknown {
  const text = readQueryText(context, name);
  return text === undefined ? undefined : asInvalidInput(() => parsePythonJson(decodePythonBase64(text)));
}

function asInvalidInput<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PythonError && error.type === 'ValueError') throw invalidInput(error.message);
    throw error;
  }
}
