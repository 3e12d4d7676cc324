import type { Context } from 'hono';

/**
 * The words in which a generation of the API speaks. Routes and world speak the current generation; a dialect translates what comes in and what goes
 * out.
 */
export interface Dialect {
  /** The path under which the routes know what a request asks for. */
  path(path: string): string;
  /** The body of a request, in the words of the current generation. */
  request(body: unknown): unknown;
  /** The body of an answer, from the words of the current generation; absent when they are its own. */
  readonly answer?: (body: unknown) => unknown;
}

/** Says a JSON answer in the words of a dialect. */
export async function answerInDialect(context: Pick<Context, 'res'>, dialect: Dialect): Promise<void> {
  const { res } = context;
  if (!dialect.answer || res.headers.get('Content-Type')?.startsWith('application/json') !== true) return;
  const { status, headers } = res;
  context.res = new Response(JSON.stringify(dialect.answer(await res.json())), { status, headers });
}
