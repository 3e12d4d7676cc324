import { legacyAnswer } from '../legacy/answers';
import { currentPath } from '../legacy/paths';
import { currentBody } from '../legacy/requests';
import type { CoriolisContext } from './context';
import type { Features, Generation } from '../world/generation';
import { olderDialect } from './older';

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
export async function answerInDialect(context: CoriolisContext, dialect: Dialect): Promise<void> {
  const { res } = context;
  if (!dialect.answer || res.headers.get('Content-Type')?.startsWith('application/json') !== true) return;
  const { status, headers } = res;
  context.res = new Response(JSON.stringify(dialect.answer(await res.json())), { status, headers });
}

/** How a server of that generation with these features speaks. */
export function dialectOf(generation: Generation, features: Features): Dialect {
  if (generation === 'legacy') return { path: currentPath, request: currentBody, answer: legacyAnswer };
  return olderDialect(features);
}
