import { pythonRepr } from '../python/text';
import type { CoriolisContext } from './context';

/** An answer whose client prefers CSV where there is none is the text of a Python object (coriolis-api.md §1.2). */
export async function answerAsCsv(context: CoriolisContext): Promise<void> {
  const { res } = context;
  const json = res.headers.get('Content-Type')?.startsWith('application/json') === true;
  if (res.status !== 200 || !json || !wantsCsv(context)) return;
  const text = pythonRepr(await res.json());
  context.res = new Response(text, { headers: { 'Content-Type': 'text/csv' } });
  context.header('Content-Type', 'text/csv');
}

/** Whether a client likes CSV better than JSON, by the qualities of its Accept header. */
export function wantsCsv(context: CoriolisContext): boolean {
  const accept = context.req.header('Accept') ?? '';
  return quality(accept, 'text/csv') > quality(accept, 'application/json');
}

/** The quality that an Accept header gives a media type, 0 when it does not take it. */
function quality(accept: string, type: string): number {
  const [family = ''] = type.split('/');
  return accept.split(',').reduce((best, part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (![type, `${family}/*`, '*/*'].includes(range)) return best;
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    return Math.max(best, given === undefined ? 1 : Number(given.slice(2)));
  }, 0);
}
