import { type ErrorDetails, ProtocolError } from './errors';
import type { CompanionService, TransportResponse } from './transport';
import { isObject } from '../model/json';
import { isSecretName } from '../model/secret-names';
import { cleanText, maskSecrets, quoteText } from '../model/untrusted-text';

/** Error object of an answer, in one form for all the shapes that servers send (docs/reference/coriolis-api.md §2). */
export interface ErrorBody {
  /** Kind of the error, such as `badRequest` or `itemNotFound`; missing in errors of Keystone and its middleware. */
  readonly fault?: string | undefined;
  readonly message: string;
}

/** Content of an answer: JSON, HTML, plain text or nothing. */
export type AnswerContent =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'html' }
  | { readonly kind: 'text' };

/**
 * Detects the content of a body from its text. The `Content-Type` header is unreliable: error pages come as JSON, and
 * JSON as plain text.
 */
export function parseAnswerContent(body: string): AnswerContent {
  // `trimStart` also removes a byte order mark, which some transports leave.
  const trimmed = body.startsWith('{') ? body : body.trimStart();
  if (trimmed === '') return { kind: 'empty' };
  if (trimmed.startsWith('<')) return { kind: 'html' };
  try {
    return { kind: 'json', value: JSON.parse(trimmed) as unknown };
  } catch {
    return { kind: 'text' };
  }
}

/**
 * Reads the error object of an answer; undefined when there is none, as in errors of the router and pages of proxies.
 */
export function readErrorBody(content: AnswerContent): ErrorBody | undefined {
  if (content.kind !== 'json' || !isObject(content.value)) return undefined;
  const { error, title, description } = content.value;
  // An error of Barbican has no wrapper (recordings/barbican). An error of the router has none either, but it has a
  // "message" instead of a description.
  if (typeof title === 'string' && typeof description === 'string')
    return { message: cleanServerMessage(description) };
  if (!isObject(error)) return undefined;
  const { fault, message } = error;
  return {
    fault: typeof fault === 'string' ? fault : undefined,
    message: typeof message === 'string' ? cleanServerMessage(message) : '',
  };
}

/** Statuses by which a gateway says that it did not forward the request. */
const NOT_FORWARDED = [301, 307, 308, 407, 411, 413, 414, 417, 421, 426, 429, 431];

/**
 * Whether an unsuccessful answer proves that nothing was changed: an error in the format of Coriolis, Keystone or the
 * called service, or a gateway status that means the request was not forwarded. Error pages and JSON in other formats
 * prove nothing, since a gateway may send them after it has forwarded the request.
 */
export function isDefiniteRefusal(
  response: TransportResponse,
  service: CompanionService | undefined,
): boolean {
  const { status } = response;
  if (NOT_FORWARDED.includes(status)) return true;
  if (status === 401 && /^Keystone\b/i.test(response.headers['www-authenticate'] ?? '')) return true;
  // The log service offers only reads, so nothing can have changed.
  if (service === 'coriolis-logger') return true;
  const content = parseAnswerContent(response.body);
  if (content.kind !== 'json' || !isObject(content.value)) return false;
  const { error, code, title, description, message } = content.value;
  if (isObject(error)) return error['code'] === status && typeof error['message'] === 'string';
  if (service === 'key-manager') return code === status && typeof description === 'string';
  // Otherwise only an error of Coriolis' router counts.
  return code === `${status} ${String(title)}` && typeof message === 'string';
}

/**
 * Whether the server has no such route: a 404 without an `error` object (docs/reference/coriolis-api.md §17, trap 22).
 */
export function isMissingRoute(response: TransportResponse): boolean {
  return response.status === 404 && readErrorBody(parseAnswerContent(response.body)) === undefined;
}

/** Status and request id of an answer, for an error (docs/reference/coriolis-api.md §1.2). */
export const statusAndRequestIdOf = ({
  status,
  headers,
}: TransportResponse): Pick<ErrorDetails, 'status' | 'requestId'> => ({
  status,
  requestId: requestIdOf(headers),
});

/**
 * Id that the server gave a request, made safe to show. Too slow to be called for each answer, so it is used only for
 * errors and changes.
 */
export function requestIdOf(headers: TransportResponse['headers']): string | undefined {
  const requestId = headers['x-compute-request-id'] ?? headers['x-openstack-request-id'];
  return requestId === undefined ? undefined : quoteHeader(requestId);
}

/**
 * Parses the JSON of a successful answer; undefined for 204, whose body is never read (docs/reference/coriolis-api.md
 * §17, trap 6), and for an empty answer to a deletion.
 * @throws {ProtocolError} the body is empty, HTML, plain text, or JSON that ends early. The message never quotes the
 *   body
 */
export function parseAnswer(
  response: TransportResponse,
  { method, path }: { readonly method: string; readonly path: string },
): unknown {
  if (response.status === 204) return undefined;
  const content = parseAnswerContent(response.body);
  if (content.kind === 'json') return content.value;
  const what = `${method} ${path}`;
  switch (content.kind) {
    case 'empty':
      if (method === 'DELETE') return undefined;
      throw new ProtocolError(
        `The answer to ${what} is empty (HTTP ${response.status}); it may have been cut off`,
        {
          ...statusAndRequestIdOf(response),
          incomplete: true,
          advice: 'Try again; if it stays so, check the proxy in front of the server and the endpoint URL.',
        },
      );
    case 'html':
      throw new ProtocolError(
        `${what} was answered with a web page instead of JSON${describeProxy(response)}`,
        {
          ...statusAndRequestIdOf(response),
          incomplete: true,
          advice:
            'A proxy or a login page stands in between, or the URL is that of the web interface: check the endpoint URL.',
        },
      );
    case 'text':
      throw new ProtocolError(
        `The answer to ${what} is no valid JSON (${response.body.length} characters, content type ${quoteHeader(response.headers['content-type'] ?? 'not given')}); it may have been cut off`,
        {
          ...statusAndRequestIdOf(response),
          incomplete: true,
          advice: 'Try again; if it stays so, check the proxy in front of the server and the endpoint URL.',
        },
      );
  }
}

/**
 * Part of an error message that names the proxy through which an answer came; empty without one. The proxy may have
 * sent the answer itself.
 */
export const describeProxy = ({ proxy }: TransportResponse): string =>
  proxy === undefined ? '' : `, through the proxy ${proxy}`;

/** Host and path of a redirect's target, without the query, which may hold secrets. */
export function redirectTargetOf(response: TransportResponse): string {
  return quoteHeader((response.headers['location'] ?? 'an unnamed place').replace(/[?#].*$/su, ''));
}

/**
 * The server's message without Python class names and repetitions. The dump of schema and values that follows a refused
 * value is cut off, because it repeats the whole input, secrets included. The path to the refused value is kept.
 */
function cleanServerMessage(message: string): string {
  // Secrets are masked first, because a header name such as "Authorization" looks like a class name and would be
  // removed.
  const words = maskSecrets(message.slice(0, MAX_READ_LENGTH))
    .replace(/^[A-Za-z]+(_Remote)?: /, '')
    .replace(/^(Invalid input received: )+/, 'Invalid input received: ');
  const [summary = '', dump] = words.split(/\n\s*\nFailed validating/, 2);
  if (dump === undefined) return cleanText(words, MAX_MESSAGE_LENGTH);
  const place = /\nOn instance((?:\[[^\]\n]+\])+):/.exec(dump)?.[1];
  if (place === undefined) return cleanText(summary, MAX_MESSAGE_LENGTH);
  // The first line quotes the refused value, which is a secret here.
  if (isSecretName(place))
    return `Invalid input received: the value at ${quoteText(place, MAX_HEADER_LENGTH)} is not accepted`;
  return `${cleanText(summary, MAX_MESSAGE_LENGTH)} (at ${quoteText(place, MAX_HEADER_LENGTH)})`;
}

/**
 * Quotes the value of a header for a message. Transports decode headers as Latin-1, so UTF-8 is restored, because the
 * value may contain a name of an object.
 */
function quoteHeader(value: string): string {
  const escaped = value.replace(
    /[%\u0080-\u00ff]/gu,
    (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  try {
    return quoteText(decodeURIComponent(escaped), MAX_HEADER_LENGTH);
  } catch {
    return quoteText(value, MAX_HEADER_LENGTH);
  }
}

/** Maximum length of a request id, a content type or an address that is shown. */
const MAX_HEADER_LENGTH = 200;

/** Maximum length of a message that is processed; the rest is cut off. */
const MAX_READ_LENGTH = 65_536;

/** Maximum length of a shown message; longer ones are dumps. */
const MAX_MESSAGE_LENGTH = 2_000;
