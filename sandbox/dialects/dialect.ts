import type { Context } from 'hono';

/**
 * Translation between the API of the newest release, which the sandbox's routes understand, and the API of the
 * simulated server. Requests are converted to the newest API, answers from it.
 */
export interface Dialect {
  /** Converts the path of a request to the current generation. */
  convertPath(path: string): string;
  /** Converts the body of a request to the current generation. */
  convertRequestBody(body: unknown): unknown;
  /** Converts the body of an answer from the current generation; absent when nothing changes. */
  readonly convertAnswerBody?: (body: unknown) => unknown;
}

/** Converts a JSON answer to a dialect. */
export async function convertAnswerToDialect(context: Pick<Context, 'res'>, dialect: Dialect): Promise<void> {
  const { res } = context;
  if (!dialect.convertAnswerBody || res.headers.get('Content-Type')?.startsWith('application/json') !== true)
    return;
  const { status, headers } = res;
  context.res = new Response(JSON.stringify(dialect.convertAnswerBody(await res.json())), {
    status,
    headers,
  });
}
