import { isObject } from '../model/json';
import {
  CallerClient,
  type ApiClient,
  type CallerDefaults,
  type RequestOptions,
  type ChangeOptions,
  type ListReadOptions,
} from './api-client';
import { ChangeSender } from './change-sender';
import { DIALECTS } from './generations';
import { DialectGate } from './dialect-gate';
import { asError, NotFoundError, ProtocolError } from './errors';
import { HttpExchange, type CheckedAnswer } from './http-exchange';
import { GenerationDetector, MissingRouteError, type GenerationCache } from './generation-detector';
import { readSortOrder, fetchPagedRows, type PagedRow } from './paging';
import { NO_QUERY, type ApiRequest, type Generation, type RequestQuery } from './api-request';
import { DEFAULT_RETRY, withRetries, type FailedFirstAttempt, type RetryPolicy } from './retry';
import type { Runtime } from './core-runtime';
import type { CompanionService, Transport } from './transport';

export type { ApiClient, RequestOptions } from './api-client';
export type { RequestQuery } from './api-request';
export type { GenerationCache } from './generation-detector';
export { pagingCursorAfter } from './paging';
export type { RetryPolicy } from './retry';

/** Rows of a page. Speed is within a few percent of the fastest measured size (1,000 rows), and memory use is lower. */
const PAGE_SIZE = 500;
/**
 * Maximum number of pages of a list, so that a list without an end is noticed. It allows a million rows at `PAGE_SIZE`.
 */
const MAX_PAGES = 2_000;
const DELETION_PROVED = true;

/**
 * Client of the API over HTTP. It adds JSON, error messages, retries of calls that may happen twice, the recovery of
 * lost responses, and paging.
 */
export class CoriolisClient implements ApiClient {
  readonly withoutDefaults: ApiClient = this;
  private readonly transport: Transport;
  private readonly runtime: Runtime;
  private readonly retry: RetryPolicy;
  private readonly http: HttpExchange;
  private readonly dialect: GenerationDetector;
  private readonly gate: DialectGate;
  private readonly changes: ChangeSender;
  private readonly companions = new Map<CompanionService, CoriolisClient>();

  /**
   * @param options.service the service that is called; Coriolis itself when absent
   * @param options.memory cache of the generation that earlier clients of the same server detected
   */
  constructor(options: {
    transport: Transport;
    runtime: Runtime;
    retry?: Partial<RetryPolicy> | undefined;
    service?: CompanionService | undefined;
    memory?: GenerationCache | undefined;
  }) {
    this.transport = options.transport;
    this.runtime = options.runtime;
    this.retry = { ...DEFAULT_RETRY, ...options.retry };
    this.http = new HttpExchange(options.transport, options.runtime, options.service);
    this.dialect = new GenerationDetector(
      (request, signal) =>
        withRetries((leftMs) => this.hasRoute(request, signal, leftMs), this.retry, this.runtime, { signal }),
      options.memory,
    );
    this.gate = new DialectGate(this.http, this.dialect, options.service !== undefined, (signal) =>
      this.get('/transfers', { query: { limit: 1 }, signal }),
    );
    this.changes = new ChangeSender(this.http, this.gate, this.runtime);
  }

  forService(service: CompanionService): ApiClient {
    const { transport, runtime, retry } = this;
    const known = this.companions.get(service);
    // One client for all calls of a service, because the client remembers the ids of what it created.
    const client = known ?? new CoriolisClient({ transport, runtime, retry, service });
    this.companions.set(service, client);
    return client;
  }

  withDefaults(terms: CallerDefaults): ApiClient {
    return new CallerClient(this, terms);
  }

  async get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const request = requestOf('GET', path, options);
    // Fast path: nearly all reads succeed at the first attempt, and each async layer costs a microsecond.
    if (!this.gate.canPassUnchecked(request)) return (await this.repeat(request, options)).body as T;
    const begun = this.runtime.clock();
    try {
      const leftMs = options.deadline === undefined ? undefined : options.deadline - begun;
      return (await this.http.send(request, options, this.dialect.dialectInUse, leftMs)).body as T;
    } catch (error) {
      return (await this.repeat(request, options, { error, begunAt: begun })).body as T;
    }
  }

  async getWithDate<T>(path: string, options: RequestOptions = {}): Promise<{ body: T; date: number }> {
    const { body, date } = await this.repeat(requestOf('GET', path, options), options);
    return { body: body as T, date };
  }

  async post<T>(
    path: string,
    body: unknown,
    options: ChangeOptions<T> & { readonly repeatable?: true | undefined } = {},
  ): Promise<T> {
    const request = requestOf('POST', path, options, body);
    if (options.repeatable === true) return (await this.repeat(request, options)).body as T;
    return await this.changes.send(request, options);
  }

  async put<T>(path: string, body: unknown, options: ChangeOptions<T> = {}): Promise<T> {
    return await this.changes.send(requestOf('PUT', path, options, body), options);
  }

  async delete(path: string, options: RequestOptions = {}): Promise<void> {
    const { signal } = options;
    const recover = async (): Promise<unknown> => {
      try {
        await this.get(path, { signal });
        return undefined;
      } catch (error) {
        if (error instanceof NotFoundError) return DELETION_PROVED;
        throw asError(error);
      }
    };
    await this.changes.send<unknown>(requestOf('DELETE', path, options), { ...options, recover });
  }

  getRows<T extends PagedRow>(path: string, key: string, options: ListReadOptions = {}): AsyncIterable<T> {
    let pages = 0;
    const fetchPage = async (paging: RequestQuery): Promise<readonly T[]> => {
      pages += 1;
      if (pages > MAX_PAGES) throw endlessListError(path);
      const body = await this.get<unknown>(path, { ...options, query: { ...options.query, ...paging } });
      const rows = isObject(body) ? body[key] : undefined;
      if (Array.isArray(rows)) return rows as readonly T[];
      throw new ProtocolError(`The answer to GET ${path} has no list "${key}"`, {
        advice: 'Check that the endpoint URL is that of Coriolis.',
      });
    };
    const { pageSize = PAGE_SIZE, limit, after, query = NO_QUERY } = options;
    return fetchPagedRows(fetchPage, { order: readSortOrder(query), pageSize, limit, after });
  }

  async detectGeneration({ signal }: Pick<RequestOptions, 'signal'> = {}): Promise<Generation> {
    return (await this.dialect.detectOnce(signal)).generation;
  }

  get generationInUse(): Generation {
    return this.dialect.dialectInUse.generation;
  }

  get serverTime(): number {
    return this.http.serverClock.now();
  }

  wasCreatedWithin(ms: number): (createdAt: string) => boolean {
    return (createdAt) => this.http.serverClock.wasCreatedSince(this.runtime.clock() - ms, createdAt);
  }

  wasFoundAfterLostResponse(id: string): boolean {
    return this.changes.wasFoundAfterLostResponse(id);
  }

  /**
   * Sends a request that may safely happen twice, with retries.
   * @param failed the first attempt, when the caller has already made it and it failed
   */
  private repeat(
    request: ApiRequest,
    options: RequestOptions,
    failed?: FailedFirstAttempt,
  ): Promise<CheckedAnswer> {
    let first = failed;
    return this.gate.runInDialect(request, options.signal, () => {
      const known = first;
      first = undefined;
      const attempt = (leftMs: number): Promise<CheckedAnswer> =>
        this.http.send(request, options, this.dialect.dialectInUse, leftMs);
      return withRetries(attempt, this.retry, this.runtime, options, known);
    });
  }

  private async hasRoute(
    request: ApiRequest,
    signal: AbortSignal | undefined,
    leftMs: number,
  ): Promise<boolean> {
    try {
      await this.http.send(request, { signal }, DIALECTS.current, leftMs);
      return true;
    } catch (error) {
      if (error instanceof MissingRouteError) return false;
      if (error instanceof NotFoundError) return true;
      throw asError(error);
    }
  }
}

const requestOf = (
  method: ApiRequest['method'],
  path: string,
  { query = NO_QUERY }: RequestOptions,
  body?: unknown,
): ApiRequest => ({ method, path, query, body });

const endlessListError = (path: string): ProtocolError =>
  new ProtocolError(`The list at GET ${path} did not end after ${MAX_PAGES} pages`, {
    advice:
      'Ask for less, with a limit or a filter; the server may also answer with rows that change all the time.',
  });
