import type { IncomingMessage } from 'node:http';
import {
  decodeText,
  makeEncodingErrorResponse,
  makeErrorResponse,
  makeParseErrorResponse,
  parseJson,
  readMessage,
} from '../wire/json-rpc-messages';

/** Maximum number of messages in a batch. */
const MAX_BATCH = 50;

/** The client gave up before its request was complete, so that nobody reads an answer. */
export class AbortedRequestError extends Error {}

/** Result of reading a body: its messages, or the response that refuses it. */
export type BodyOrRefusal =
  | {
      /** The JSON-RPC message, or a batch of them. */
      readonly content: unknown;
      /** Number of messages. */
      readonly messages: number;
    }
  | { readonly status: number; readonly error: object };

/** Reads the body of a POST and checks its messages. An invalid message is answered with an error that has its id. */
export async function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<BodyOrRefusal> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes === undefined) {
    return {
      status: 413,
      error: makeErrorResponse(null, -32_600, `The body is larger than ${maxBytes} bytes.`),
    };
  }
  const text = decodeText(bytes);
  if (text === undefined) return { status: 400, error: makeEncodingErrorResponse(bytes) };
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return { status: 400, error: makeParseErrorResponse() };
  }
  if (!Array.isArray(value)) {
    const read = readMessage(value);
    return 'error' in read ? { status: 400, error: read.error } : { content: read.message, messages: 1 };
  }
  if (value.length === 0 || value.length > MAX_BATCH) {
    const problem = `A batch must have 1 to ${MAX_BATCH} messages.`;
    return { status: 400, error: makeErrorResponse(null, -32_600, problem) };
  }
  const content: unknown[] = [];
  for (const one of value as readonly unknown[]) {
    const read = readMessage(one);
    if ('error' in read) return { status: 400, error: read.error };
    content.push(read.message);
  }
  return { content, messages: content.length };
}

/** Reads the bytes of a body. Returns undefined for one over `maxBytes`, and discards the rest of it. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', (error) => reject(new AbortedRequestError(error.message)));
    request.once('close', () =>
      reject(new AbortedRequestError('The client closed the connection before its request was complete')),
    );
  });
}
