import type { Answer } from './recording';

/** A request ready to be sent. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const TIMEOUT_MS = 10_000;

/** Sends one request and reads the whole answer; redirects are answers too. */
export async function requestOver(origin: string, request: WireRequest): Promise<Answer> {
  const response = await fetch(origin + request.target, {
    method: request.method,
    headers: request.headers,
    body: request.body,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  const headers = Object.fromEntries(response.headers);
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  return { status: response.status, headers, body: isJson && text !== '' ? JSON.parse(text) : text || null };
}
