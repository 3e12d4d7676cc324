import { pythonRepr } from '../python/value-texts';
import type { CoriolisContext } from './request-context';

/**
 * Replaces a JSON answer by the text of the Python object, as the server does when a client prefers CSV on a route that
 * only has JSON (docs/reference/coriolis-api.md §1.2).
 */
export async function answerAsCsv(context: CoriolisContext): Promise<void> {
  const { res } = context;
  const json = res.headers.get('Content-Type')?.startsWith('application/json') === true;
  if (res.status !== 200 || !json || !wantsCsv(context)) return;
  const text = pythonRepr(await res.json());
  context.res = new Response(text, { headers: { 'Content-Type': 'text/csv' } });
  context.header('Content-Type', 'text/csv');
}

/** Whether a client prefers CSV to JSON, by the qualities of its Accept header. */
export function wantsCsv(context: CoriolisContext): boolean {
  const accept = context.req.header('Accept') ?? '';
  return quality(accept, 'text/csv') > quality(accept, 'application/json');
}

/** Quality of a media type in an Accept header; 0 when it is not accepted. */
function quality(accept: string, type: string): number {
  const [family = ''] = type.split('/');
  return accept.split(',').reduce((best, part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (![type, `${family}/*`, '*/*'].includes(range)) return best;
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    return Math.max(best, given === undefined ? 1 : Number(given.slice(2)));
  }, 0);
}
