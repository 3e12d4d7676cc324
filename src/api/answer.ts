import type { ErrorDetails } from './errors';
import { ProtocolError } from './errors';
import type { TransportResponse } from './transport';
import { isObject } from '../model/json';
import { isSecretName } from '../model/redact';
import { maskSecrets } from '../model/untrusted';

/** The error object of an answer, in whichever of its shapes (coriolis-api.md §2). */
export interface ErrorBody {
  /** `badRequest`, `itemNotFound` …; missing when Keystone or its middleware answered. */
  readonly fault?: string;
  readonly message: string;
}

/** What an answer turned out to be. */
export type Content =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'html' }
  | { readonly kind: 'text' };

/** Tells what a body is by looking at it: content types lie (an error page as JSON, JSON as plain text). */
export function contentOf(body: string): Content {
  // A byte order mark counts as a blank, and some transports leave it.
  const trimmed = body.trimStart();
  if (trimmed === '') return { kind: 'empty' };
  if (trimmed.startsWith('<')) return { kind: 'html' };
  try {
    return { kind: 'json', value: JSON.parse(trimmed) as unknown };
  } catch {
    return { kind: 'text' };
  }
}

/** The `error` object of an answer; undefined for routing errors, pages of proxies and the like. */
export function errorBody(content: Content): ErrorBody | undefined {
  if (content.kind !== 'json' || !isObject(content.value)) return undefined;
  const { error, title, description } = content.value;
  // Barbican has no wrapper (recordings/barbican); neither has a router, but it has a "message" instead of a description.
  if (typeof title === 'string' && typeof description === 'string') return { message: readable(description) };
  if (!isObject(error)) return undefined;
  const { fault, message } = error;
  return {
    ...(typeof fault === 'string' ? { fault } : {}),
    message: typeof message === 'string' ? readable(message) : '',
  };
}

/** Whether no route of the server answered (trap 22): 404 without an `error` object. */
export function isRouting404(response: TransportResponse): boolean {
  return response.status === 404 && errorBody(contentOf(response.body)) === undefined;
}

/** Request ids and status of an answer, for the details of an error (coriolis-api.md §1.2). */
export function detailsOf(response: TransportResponse): Pick<ErrorDetails, 'status' | 'requestId'> {
  const requestId = response.headers['x-compute-request-id'] ?? response.headers['x-openstack-request-id'];
  return { status: response.status, ...(requestId === undefined ? {} : { requestId }) };
}

/**
 * The JSON of a successful answer; undefined for 204, whose body is never looked at (trap 6), and for an empty answer to a
 * deletion.
 * @throws {ProtocolError} nothing, HTML, text, or JSON that ends early; its message never quotes the body
 */
export function jsonOf(
  response: TransportResponse,
  { method, path }: { readonly method: string; readonly path: string },
): unknown {
  if (response.status === 204) return undefined;
  const content = contentOf(response.body);
  if (content.kind === 'json') return content.value;
  const what = `${method} ${path}`;
  switch (content.kind) {
    case 'empty':
      if (method === 'DELETE') return undefined;
      throw new ProtocolError(
        `The answer to ${what} is empty (HTTP ${response.status}); it may have been cut off`,
        {
          ...detailsOf(response),
          incomplete: true,
          advice: 'Try again; if it stays so, check the proxy in front of the server and the endpoint URL.',
        },
      );
    case 'html':
      throw new ProtocolError(`${what} was answered with a web page instead of JSON`, {
        ...detailsOf(response),
        advice:
          'A proxy or a login page stands in between, or the URL is that of the web interface: check the endpoint URL.',
      });
    case 'text':
      throw new ProtocolError(
        `The answer to ${what} is no valid JSON (${response.body.length} characters, content type ${response.headers['content-type'] ?? 'not given'}); it may have been cut off`,
        {
          ...detailsOf(response),
          incomplete: true,
          advice: 'Try again; if it stays so, check the proxy in front of the server and the endpoint URL.',
        },
      );
  }
}

/** The host and path that a redirect names, without query: that may hold anything. */
export function redirectTarget(response: TransportResponse): string {
  return (response.headers['location'] ?? 'an unnamed place').replace(/[?#].*$/s, '');
}

/**
 * The server's words without the class name of its language and repetitions, and without the dump of schema and values
 * that follows a refused value: it repeats the whole input, secrets included. Where in it the fault lies is kept.
 */
function readable(message: string): string {
  const words = message
    .replace(/^[A-Za-z]+(_Remote)?: /, '')
    .replace(/^(Invalid input received: )+/, 'Invalid input received: ');
  const [summary = '', dump] = words.split(/\n\s*\nFailed validating/, 2);
  if (dump === undefined) return maskSecrets(words.slice(0, LONGEST_MESSAGE).trim());
  const place = /\nOn instance((?:\[[^\]\n]+\])+):/.exec(dump)?.[1];
  if (place === undefined) return maskSecrets(summary.slice(0, LONGEST_MESSAGE).trim());
  // The summary quotes the value.
  if (isSecretName(place)) return `Invalid input received: the value at ${place} is not accepted`;
  return `${maskSecrets(summary.slice(0, LONGEST_MESSAGE).trim())} (at ${place})`;
}

/** A message is a sentence or a few; what is longer is a dump. */
const LONGEST_MESSAGE = 2_000;
