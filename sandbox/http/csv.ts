import { pythonRepr } from '../python/text';
import type { CoriolisContext } from './context';

/** Whoever asks for CSV where there is none gets the text of a Python object (coriolis-api.md §1.2). */
export async function answerAsCsv(context: CoriolisContext): Promise<void> {
  const { res } = context;
  const json = res.headers.get('Content-Type')?.startsWith('application/json') === true;
  if (res.status !== 200 || !json || context.req.header('Accept') !== 'text/csv') return;
  const text = pythonRepr(await res.json());
  context.res = new Response(text, { headers: { 'Content-Type': 'text/csv' } });
  context.header('Content-Type', 'text/csv');
}
