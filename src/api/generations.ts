import { legacyDialect } from './legacy/legacy-dialect';
import type { Dialect, Generation } from './api-request';

const current: Dialect = {
  generation: 'current',
  convertRequest: (request) => request,
  convertAnswerBody: (_request, body) => body,
};

/** Dialect of each generation. */
export const DIALECTS: Readonly<Record<Generation, Dialect>> = { current, legacy: legacyDialect };

const NO_SUCH_ID = '00000000-0000-4000-8000-000000000000';

/**
 * Requests that tell the generations apart, at the same small cost on every server. Each asks for an object that cannot
 * exist. If the server has the collection, the application answers 404; if not, the router does
 * (docs/reference/coriolis-api.md §5).
 */
export const GENERATION_PROBES: ReadonlyArray<{ readonly generation: Generation; readonly path: string }> = [
  { generation: 'current', path: `/transfers/${NO_SUCH_ID}` },
  { generation: 'legacy', path: `/replicas/${NO_SUCH_ID}` },
];
