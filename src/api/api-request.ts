import { percentEncode } from './url-encoding';

/** Generation of the API: `current` from 1.1 on, `legacy` before (docs/reference/coriolis-api.md, table at the top). */
export type Generation = 'current' | 'legacy';

/** A request of the core: a path below the service's endpoint, its query, and the body before serialisation. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query: RequestQuery;
  readonly body?: unknown;
}

/** Query of a request. Undefined values are left out; an array repeats its key for each entry. */
export type RequestQuery = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** Shared empty query. `joinPathAndQuery` recognises it and skips the work. */
export const NO_QUERY: RequestQuery = {};

/**
 * Translation between the current generation, which the core uses, and the generation of a server: of requests before
 * they are sent, and of bodies of answers.
 */
export interface Dialect {
  readonly generation: Generation;
  /** Translates a request to this generation. */
  convertRequest(request: ApiRequest): ApiRequest;
  /** Translates the body of an answer to the current generation; `request` is the original one of the core. */
  convertAnswerBody(request: ApiRequest, body: unknown): unknown;
}

/** Path with its encoded query. The padding (`=`) of base64 values is encoded too, as it must be. */
export function joinPathAndQuery(path: string, query: RequestQuery): string {
  if (query === NO_QUERY) return path;
  const pairs: readonly string[] = Object.entries(query).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const values = typeof value === 'object' ? value : [value];
    return values.map((one) => `${percentEncode(key)}=${percentEncode(String(one))}`);
  });
  return pairs.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}
