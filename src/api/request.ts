import { encodeText } from './encoding';

/** The generations of the API (coriolis-api.md, table at the top). */
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

/**
 * The seam between generations: the core always speaks the current one; a dialect translates requests on their way out and
 * bodies on their way in.
 */
export interface Dialect {
  readonly generation: Generation;
  /** The request in the words of this generation. */
  request(request: ApiRequest): ApiRequest;
  /** The body of an answer in the words of the current generation; `request` is the one the core made. */
  response(request: ApiRequest, body: unknown): unknown;
}

/** The path with its query, encoded; `=` and the rest of base64 survive a query string only encoded. */
export function address(path: string, query: Query): string {
  const pairs: readonly string[] = Object.entries(query).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const values = typeof value === 'object' ? value : [value];
    return values.map((one) => `${encodeText(key)}=${encodeText(String(one))}`);
  });
  return pairs.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}
