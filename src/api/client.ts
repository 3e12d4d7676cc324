import { isObject } from '../model/json';
import {
  CallerClient,
  type ApiClient,
  type CallerDefaults,
  type RequestOptions,
  type ChangeOptions,
  type ListReadOptions,
} from './api-client';
import { createdIdIn, RecentIds } from './created-objects';
import { DIALECTS } from './dialect';
import {
  asError,
  CanceledError,
  isCoriolisError,
  NotFoundError,
  ProtocolError,
  type CapabilityError,
} from './errors';
import { HttpExchange, type CheckedAnswer } from './http-exchange';
import { dependsOnRelease, unsupportedError } from './feature-support';
import {
  ApiVersionDetector,
  NoRouteError,
  noSuchRouteError,
  type GenerationCache,
} from './api-version-detector';
import { isLostResponse, recoverLostResult } from './lost-response';
import { requestIdOf } from './parse-answer';
import { readSortOrder, fetchPagedRows, type PagedRow } from './paging';
import { NO_QUERY, type ApiRequest, type Generation, type Query } from './request';
import {
  DEFAULT_RETRY,
  throwIfCanceled,
  withRetries,
  type FailedFirstAttempt,
  type RetryPolicy,
} from './retry';
import type { Runtime } from './runtime';
import { SharedCall } from './shared-call';
import type { CompanionService, Transport } from './transport';

export type { ApiClient, RequestOptions } from './api-client';
export type { Query } from './request';
export type { GenerationCache } from './api-version-detector';
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
  readonly origin: ApiClient = this;
  private readonly transport: Transport;
  private readonly runtime: Runtime;
  private readonly retry: RetryPolicy;
  private readonly companionService: CompanionService | undefined;
  private readonly http: HttpExchange;
  private readonly dialect: ApiVersionDetector;
  private releaseDetection: SharedCall<unknown> | undefined;
  /** Ids of objects that this client created. An answer that repeats one of them belongs to an earlier request. */
  private readonly created = new RecentIds();
  private readonly companions = new Map<CompanionService, CoriolisClient>();
  /** Ids of objects that were found by a lookup after a lost response. Another caller may have created them. */
  private readonly recovered = new RecentIds();

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
    this.companionService = options.service;
    this.http = new HttpExchange(options.transport, options.runtime, options.service);
    this.dialect = new ApiVersionDetector(
      (request, signal) =>
        withRetries((leftMs) => this.hasRoute(request, signal, leftMs), this.retry, this.runtime, { signal }),
      options.memory,
    );
  }

  service(service: CompanionService): ApiClient {
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
    if (!this.isClear(request)) return (await this.repeat(request, options)).body as T;
    const begun = this.runtime.clock();
    try {
      const leftMs = options.deadline === undefined ? undefined : options.deadline - begun;
      return (await this.http.send(request, options, this.dialect.now, leftMs)).body as T;
    } catch (error) {
      return (await this.repeat(request, options, { error, begun })).body as T;
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
    return await this.change(request, options);
  }

  async put<T>(path: string, body: unknown, options: ChangeOptions<T> = {}): Promise<T> {
    return await this.change(requestOf('PUT', path, options, body), options);
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
    await this.change<unknown>(requestOf('DELETE', path, options), { ...options, recover });
  }

  rows<T extends PagedRow>(path: string, key: string, options: ListReadOptions = {}): AsyncIterable<T> {
    let pages = 0;
    const fetchPage = async (paging: Query): Promise<readonly T[]> => {
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

  async generation({ signal }: Pick<RequestOptions, 'signal'> = {}): Promise<Generation> {
    return (await this.dialect.detected(signal)).generation;
  }

  get assumedGeneration(): Generation {
    return this.dialect.now.generation;
  }

  get now(): number {
    return this.http.clock.now();
  }

  createdWithin(ms: number): (createdAt: string) => boolean {
    return (createdAt) => this.http.clock.createdSince(this.runtime.clock() - ms, createdAt);
  }

  wasRecovered(id: string): boolean {
    return this.recovered.has(id);
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
    return this.inDialect(request, options.signal, () => {
      const known = first;
      first = undefined;
      const attempt = (leftMs: number): Promise<CheckedAnswer> =>
        this.http.send(request, options, this.dialect.now, leftMs);
      return withRetries(attempt, this.retry, this.runtime, options, known);
    });
  }

  /**
   * Sends a change once. When the response is lost, looks up the result a few times, and never sends the change again.
   */
  private async change<T>(request: ApiRequest, options: ChangeOptions<T>): Promise<T> {
    const { recover, known = [], onChange } = options;
    const { method, path } = request;
    const isEarlier = (id: string): boolean => this.created.has(id) || known.includes(id);
    return await this.inDialect(request, options.signal, async () => {
      const sentAt = this.runtime.clock();
      try {
        const { body, headers } = await this.http.send(request, options, this.dialect.now);
        const id = createdIdIn(request, body);
        if (id !== undefined) {
          if (isEarlier(id) || !(await this.isConfirmed(request, id, options)))
            throw earlierAnswerError(request);
          this.created.add(id);
        }
        onChange?.({ method, path, id, requestId: requestIdOf(headers) });
        return body as T;
      } catch (error) {
        if (!isLostResponse(error)) throw asError(error);
        const isNew = (found: T): boolean => {
          const id = createdIdIn(request, found);
          return id === undefined || !isEarlier(id);
        };
        const found = await recoverLostResult({
          request: `${method} ${path}`,
          cause: error,
          recover:
            recover &&
            (async () => {
              const all = await recover((createdAt) => this.http.clock.createdSince(sentAt, createdAt));
              return toArray(all).filter(isNew);
            }),
          runtime: this.runtime,
          signal: options.signal,
        });
        const id = createdIdIn(request, found);
        if (id !== undefined) {
          this.created.add(id);
          this.recovered.add(id);
        }
        onChange?.({ method, path, id });
        return found;
      }
    });
  }

  /**
   * Whether the object in an answer belongs to the parent that the request named. True without a check for answers that
   * name the parent themselves.
   */
  private async isConfirmed<T>(
    request: ApiRequest,
    id: string,
    { requiresConfirmation, recover }: ChangeOptions<T>,
  ): Promise<boolean> {
    if (requiresConfirmation === undefined || recover === undefined) return true;
    try {
      return toArray(await recover(() => true)).some((found) => createdIdIn(request, found) === id);
    } catch (error) {
      if (!isCoriolisError(error) || error instanceof CanceledError) throw asError(error);
      return false;
    }
  }

  /**
   * Runs `call` in the server's dialect, after refusing a request that the server's release does not support. After a
   * 404 for a missing route, detects the server's generation and runs `call` again when the generation was another.
   */
  private async inDialect<T>(
    request: ApiRequest,
    signal: AbortSignal | undefined,
    call: () => Promise<T>,
  ): Promise<T> {
    const about = `${request.method} ${request.path}`;
    if (this.needsRelease(request)) await this.detectRelease(signal);
    if (this.companionService === undefined && this.unsupported(request) !== undefined) {
      // Detects the generation again before a refusal, because the server may have been upgraded.
      if (this.dialect.now.generation === 'legacy') await this.dialect.determine(about, signal);
      this.refuseUnsupported(request);
    }
    let missing: NoRouteError;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof NoRouteError)) throw asError(error);
      missing = error;
    }
    await this.dialect.determine(about, signal);
    this.refuseUnsupported(request);
    if (this.dialect.now.generation === missing.spoken) throw noSuchRouteError(request, missing);
    try {
      return await call();
    } catch (error) {
      throw error instanceof NoRouteError ? noSuchRouteError(request, error) : error;
    }
  }

  /**
   * Whether the server supports the request, as far as known, and the request needs no detection of the release first.
   */
  private isClear(request: ApiRequest): boolean {
    return (
      !this.needsRelease(request) &&
      (this.companionService !== undefined || this.unsupported(request) === undefined)
    );
  }

  /** Whether the meaning of a request depends on the server's release while no answer has shown the release yet. */
  private needsRelease(request: ApiRequest): boolean {
    if (this.companionService !== undefined || !this.http.release.isUnknown) return false;
    return this.dialect.now.generation === 'current' && dependsOnRelease(request);
  }

  /** Detects the server's release by reading one transfer, because the fields of a transfer show the release best. */
  private async detectRelease(signal: AbortSignal | undefined): Promise<void> {
    if (this.releaseDetection?.isAbandoned === true) this.releaseDetection = undefined;
    const question = (this.releaseDetection ??= new SharedCall((shared) =>
      this.get('/transfers', { query: { limit: 1 }, signal: shared }),
    ));
    try {
      await question.follow(signal);
    } catch {
      throwIfCanceled(signal);
      // An error is ignored: a user who may not list transfers may still execute one, and any other error will also
      // meet the request itself.
      if (this.releaseDetection === question) this.releaseDetection = undefined;
    }
  }

  private unsupported(request: ApiRequest): CapabilityError | undefined {
    return unsupportedError(request, this.dialect.now.generation, this.http.release);
  }

  private refuseUnsupported(request: ApiRequest): void {
    const lack = this.unsupported(request);
    if (lack !== undefined) throw lack;
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
      if (error instanceof NoRouteError) return false;
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

const earlierAnswerError = ({ method, path }: ApiRequest): ProtocolError =>
  new ProtocolError(`The answer to ${method} ${path} is that to an earlier request`, { incomplete: true });

const toArray = <T>(found: T | readonly T[] | undefined): readonly T[] =>
  Array.isArray(found) ? (found as readonly T[]) : found === undefined ? [] : [found as T];

const endlessListError = (path: string): ProtocolError =>
  new ProtocolError(`The list at GET ${path} did not end after ${MAX_PAGES} pages`, {
    advice:
      'Ask for less, with a limit or a filter; the server may also answer with rows that change all the time.',
  });
