import { encodeText } from './encoding';
import { legacy } from './legacy';

/**
 * The seam between generations of the API (coriolis-api.md, table at the top). The core always speaks the current
 * generation; a dialect translates requests on their way out and bodies on their way in.
 */
export type Generation = 'current' | 'legacy';

/** A request as the core means it: a path below the endpoint, its query, and the body before serialisation. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query: Query;
  readonly body?: unknown;
}

/** Undefined values are left out; an array repeats its key. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Dialect {
  readonly generation: Generation;
  /** The request in the words of this generation. */
  request(request: ApiRequest): ApiRequest;
  /** The body of an answer in the words of the current generation; `request` is the one the core made. */
  response(request: ApiRequest, body: unknown): unknown;
}

const current: Dialect = {
  generation: 'current',
  request: (request) => request,
  response: (_request, body) => body,
};

export const DIALECTS: Readonly<Record<Generation, Dialect>> = { current, legacy };

const NO_SUCH_ID = '00000000-0000-4000-8000-000000000000';

/**
 * What tells the generations apart at constant cost: asked for an object that cannot exist, the collection that exists
 * answers with an application's 404 and the one that does not with a router's (coriolis-api.md §4).
 */
export const PROBES: ReadonlyArray<{ readonly generation: Generation; readonly path: string }> = [
  { generation: 'current', path: `/transfers/${NO_SUCH_ID}` },
  { generation: 'legacy', path: `/replicas/${NO_SUCH_ID}` },
];

/** The path with its query, encoded; `=` and the rest of base64 survive a query string only encoded. */
export function address(path: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const values = typeof value === 'object' ? value : [value];
    return values.map((one) => `${encodeText(key)}=${encodeText(String(one))}`);
  });
  return pairs.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}
