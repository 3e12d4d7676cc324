/** Encoding of values in URLs (docs/reference/coriolis-api.md §1.5). */
import type { JsonObject } from '../model/json';
import { ProtocolError } from './errors';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD, as everywhere on the web. */
function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const raw = character.codePointAt(0) ?? 0;
    const point = raw >= 0xd800 && raw <= 0xdfff ? 0xfffd : raw;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) {
      bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    } else {
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
    }
  }
  return bytes;
}

/**
 * URL-safe base64 of the UTF-8 bytes of `text`, **with** padding: the server refuses a text without it
 * (docs/reference/coriolis-api.md §1.5). Implemented here because the core may use neither `Buffer` nor `btoa`.
 */
export function encodeBase64Url(text: string): string {
  const bytes = utf8(text);
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = bytes.slice(at, at + 3);
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    encoded += ALPHABET.charAt(bits >> 18) + ALPHABET.charAt((bits >> 12) & 63);
    encoded += second === undefined ? '=' : ALPHABET.charAt((bits >> 6) & 63);
    encoded += third === undefined ? '=' : ALPHABET.charAt(bits & 63);
  }
  return encoded;
}

/** Value of the query parameter `env`: the environment as JSON in base64; undefined for none. */
export function encodeEnvironment(environment: JsonObject | undefined): string | undefined {
  return environment === undefined ? undefined : encodeBase64Url(JSON.stringify(environment));
}

/** Value of the query parameter `options`: names of options as JSON in base64; undefined asks for all. */
export function encodeOptions(names: readonly string[] | undefined): string | undefined {
  return names === undefined || names.length === 0 ? undefined : encodeBase64Url(JSON.stringify(names));
}

/** Path segment of an instance, encoded because identifiers may contain slashes. */
export function encodeInstance(identifier: string): string {
  return encodeBase64Url(identifier);
}

/** Texts that need no encoding, as nearly all. This test is cheaper than encoding. */
const NEEDS_NO_ENCODING = /^[\w-]*$/;

/**
 * Encodes a part of a URL. A lone surrogate becomes U+FFFD, as in a body; a lone surrogate in the input of an operation
 * is refused earlier (`readInput`).
 */
export function percentEncode(text: string): string {
  if (NEEDS_NO_ENCODING.test(text)) return text;
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/**
 * Encodes a path segment, so that an id cannot contain a path.
 * @throws {ProtocolError} the id is no text, because an answer of the server had something else in its place
 */
export function encodePathSegment(id: string): string {
  if (typeof id !== 'string')
    throw new ProtocolError('An answer of the server has no text where an id should be');
  return percentEncode(id).replace(/^\.{1,2}$/, (dots) => dots.replaceAll('.', '%2E'));
}
