import { request as open } from 'node:http';
import type { Answer } from './recording';

/** A request ready to be sent. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const TIMEOUT_MS = 120_000;

/**
 * Sends one request and reads the whole answer; redirects are answers too. Nothing is added to the headers, and those of an upgrade may be among them,
 * which `fetch` does not allow.
 */
export function requestOver(origin: string, { method, target, headers, body }: WireRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const request = open(origin + target, { method, headers, signal }, (response) => {
      const status = response.statusCode ?? 0;
      const all = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      );
      // It ends with its headers. What old servers send after them would only be taken for the beginning of another answer.
      if (status === 204) resolve({ status, headers: all, body: null });
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = all['content-type']?.startsWith('application/json') === true && text !== '';
        resolve({ status, headers: all, body: isJson ? JSON.parse(text) : text || null });
      });
    });
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}
