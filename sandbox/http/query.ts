import type { JsonObject } from '../json';
import { badRequest, internalError, invalidInput } from '../world/refusal';
import type { CoriolisContext } from './context';

const TRUE_WORDS = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE_WORDS = ['0', 'f', 'false', 'off', 'n', 'no'];

/** A boolean of the query string; what cannot be read means `false`, the default of all of them (coriolis-api.md §1.4). */
export function queryFlag(context: CoriolisContext, name: string): boolean {
  const text = context.req.query(name) ?? '';
  if (!context.get('features').lenientFlags) return text === 'true';
  return TRUE_WORDS.includes(text.trim().toLowerCase());
}

/** Whether a list or an object is asked to show what its tasks know. */
export function queryTaskInfo(context: CoriolisContext): boolean {
  return context.get('features').taskInfo && queryFlag(context, 'include_task_info');
}

/** A boolean of the query string on a route that refuses what it cannot read, with a generic 500. */
export function queryStrictFlag(context: CoriolisContext, name: string, absent: boolean): boolean {
  const word = context.req.query(name)?.trim().toLowerCase();
  if (word === undefined) return absent;
  if (![...TRUE_WORDS, ...FALSE_WORDS].includes(word)) throw internalError();
  return TRUE_WORDS.includes(word);
}

/** @throws 400 when it is not a whole number */
export function queryInteger(context: CoriolisContext, name: string): number | undefined {
  const text = context.req.query(name);
  if (text === undefined || text === '') return undefined;
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw badRequest(`Invalid integer: ${text}`);
  return Number(text);
}

/**
 * Decodes URL-safe base64 as Python does: characters outside the alphabet are ignored, missing padding is refused.
 * @throws 400 `Incorrect padding`
 */
export function decodeBase64(text: string): string {
  const digits = text.replaceAll(/[^A-Za-z0-9_\-+/=]/g, '');
  const data = digits.replace(/=+$/, '');
  if ((data.length + (digits.length - data.length)) % 4 !== 0 || data.length % 4 === 1) {
    throw invalidInput('Incorrect padding');
  }
  return Buffer.from(data, 'base64url').toString('utf8');
}

/** A query parameter that carries base64 of JSON; absent means `undefined`. */
export function queryJson(context: CoriolisContext, name: string): unknown {
  const text = context.req.query(name);
  if (text === undefined) return undefined;
  const decoded = decodeBase64(text);
  try {
    return JSON.parse(decoded) as unknown;
  } catch {
    throw invalidInput('Expecting value: line 1 column 1 (char 0)');
  }
}

/** The `env` parameter of the calls that go to a platform. */
export function queryEnvironment(context: CoriolisContext): JsonObject {
  return (queryJson(context, 'env') ?? {}) as JsonObject;
}
