import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';
import { asError } from '../../src/api/errors';
import { readLimitedText } from '../../src/api/read-limited-text';
import { networkFailureError, tooLargeError } from '../../src/api/network-failure';
import type { TransportResponse } from '../../src/api/transport';

/**
 * Options that make n8n's HTTP helper return the response as a stream, whatever its status. Without them n8n would read
 * responses of any size, apply its timeout to the time between two bytes, and send any request again after a 401, also
 * a change.
 */
export const streamedResponseOptions = {
  encoding: 'stream',
  returnFullResponse: true,
  ignoreHttpStatusErrors: true,
  disableFollowRedirect: true,
} as const satisfies Partial<IHttpRequestOptions>;

/** Signal that aborts with `signal`, or after `timeoutMs` from now: the time for the request and the whole response. */
export function addTimeoutToSignal(timeoutMs: number, signal: unknown): AbortSignal {
  const deadline = AbortSignal.timeout(timeoutMs);
  return signal instanceof AbortSignal ? AbortSignal.any([signal, deadline]) : deadline;
}

/** Response of n8n's HTTP helper to a request with `streamedResponseOptions`. */
interface StreamedResponse {
  readonly statusCode: number;
  readonly headers: IDataObject;
  readonly body: unknown;
}

/**
 * Reads a streamed response, of at most 64 MiB after decompression.
 * @throws {ProtocolError} the response is larger; the rest is not read
 * @throws {UnreachableError} the connection broke off
 * @throws the helper's own error when a signal or a timeout ended the request
 */
export async function readResponse(answer: unknown, url: string): Promise<TransportResponse> {
  const { statusCode, headers, body } = answer as StreamedResponse;
  const text = isStream(body) ? await textOf(body, url) : typeof body === 'string' ? body : '';
  if (text === undefined) throw tooLargeError({ url });
  return { status: statusCode, headers: textHeaders(headers), body: text };
}

const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

async function textOf(body: AsyncIterable<Uint8Array>, url: string): Promise<string | undefined> {
  const parts = body[Symbol.asyncIterator]();
  const reader = {
    read: async () => {
      const { done, value } = await parts.next();
      return { done: done === true, value };
    },
    // Ends the stream, which closes the connection.
    cancel: async () => void (await parts.return?.()),
  };
  try {
    return await readLimitedText({ getReader: () => reader });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw ABORTED_CODES.includes(String(code))
      ? asError(error)
      : networkFailureError('ERR_BAD_RESPONSE', { url });
  }
}

/** Error codes of responses that a signal or a timeout has aborted. */
const ABORTED_CODES: readonly string[] = ['ERR_CANCELED', 'ECONNABORTED', 'ETIMEDOUT'];

function textHeaders(headers: IDataObject): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') texts[name.toLowerCase()] = value;
  }
  return texts;
}
