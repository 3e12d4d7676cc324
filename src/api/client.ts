import type { Runtime } from './runtime';
import { isObject } from '../model/json';
import { detailsOf, isRouting404, jsonOf } from './answer';
import { DIALECTS } from './dialect';
import { address } from './request';
import type { ApiRequest, Dialect, Generation, Query } from './request';
import { asError, NotFoundError, ProtocolError } from './errors';
import type { CapabilityError } from './errors';
import { failureOf } from './failure';
import { dependsOnRelease, inRelease, lackOf, ServerRelease } from './features';
import { NoRoute, noSuchRoute, ApiVersionDetector } from './generation';
import type { GenerationMemory } from './generation';
import { isLostAnswer, settle } from './lost-answer';
import type { Recover } from './lost-answer';
import { orderOf, walk } from './paging';
import type { Row } from './paging';
import { DEFAULT_RETRY, refuseIfCanceled, withRetries } from './retry';
import type { FailedAttempt, RetryPolicy } from './retry';
import { ServerClock } from './server-clock';
import type { OtherService, Transport, TransportResponse } from './transport';
import { Malformed } from './field-check';
import { wellFormed } from './well-formed';

export type { Query } from './request';
export type { GenerationMemory } from './generation';
export type { Recover } from './lost-answer';
export { cursorAfter } from './paging';
export type { RetryPolicy } from './retry';

export interface CallOptions {
  readonly query?: Query | undefined;
  /** Null instead of a list is refused; otherwise it is a list without rows. */
  readonly isNullRefused?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether the server contacts a platform before it answers, which can take minutes (coriolis-api.md §1.9). */
  readonly slow?: boolean | undefined;
  /** Content type of the answer other than JSON; the result is then plain text. */
  readonly accept?: string | undefined;
  /** Content type of the body other than JSON; the body is then plain text. */
  readonly contentType?: string | undefined;
}

/** Timeout of a call that the server answers from its own database. */
const TIMEOUT_MS = 30_000;
/**
 * Timeout of a call that goes to a platform: the server's own two hops of 60 s (coriolis-api.md §1.9), with a margin.
 */
const SLOW_TIMEOUT_MS = 150_000;
const NO_QUERY: Query = {};
/** Rows per page: few requests on long lists, little memory. Measured: 1,000 rows are only a few percent faster. */
const PAGE_SIZE = 500;

interface Answer {
  readonly body: unknown;
  /** The server's time of the answer, in milliseconds. */
  readonly date: number;
}

/**
 * Client of Coriolis' HTTP API: JSON, errors, retries, lost answers, paging. Bodies come back as the server wraps them
 * (`{transfers: […]}`). All methods throw the classes of `errors.ts`.
 */
export class CoriolisClient {
  private readonly transport: Transport;
  private readonly runtime: Runtime;
  private readonly retry: RetryPolicy;
  private readonly serverClock: ServerClock;
  private readonly otherService: OtherService | undefined;
  private readonly release = new ServerRelease();
  private releaseQuestion: Promise<unknown> | undefined;
  private readonly dialect: ApiVersionDetector;

  /**
   * @param options.service the service to call; Coriolis itself when absent
   * @param options.memory what earlier clients of the same server found out
   */
  constructor(options: {
    transport: Transport;
    runtime: Runtime;
    retry?: Partial<RetryPolicy> | undefined;
    service?: OtherService | undefined;
    memory?: GenerationMemory | undefined;
  }) {
    this.transport = options.transport;
    this.runtime = options.runtime;
    this.retry = { ...DEFAULT_RETRY, ...options.retry };
    this.serverClock = new ServerClock(options.runtime.clock);
    this.otherService = options.service;
    this.dialect = new ApiVersionDetector(
      (request) => withRetries(() => this.hasRoute(request), this.retry, this.runtime),
      options.memory,
    );
  }

  /**
   * Client of another service, with the same login and retries. Calls throw a `CapabilityError` when Keystone's
   * catalogue has no such service.
   */
  service(service: OtherService): CoriolisClient {
    const { transport, runtime, retry } = this;
    return new CoriolisClient({ transport, runtime, retry, service });
  }

  /** Sends a GET; repeated on network errors and busy proxies. */
  async get<T>(path: string, options: CallOptions = {}): Promise<T> {
    const request = this.request('GET', path, options);
    // Nearly all reads end with their first attempt. Whatever stands between it and the caller costs a microsecond a layer.
    if (!this.isClear(request)) return (await this.repeat(request, options)).body as T;
    const begun = this.runtime.clock();
    try {
      return (await this.exchange(request, options)).body as T;
    } catch (error) {
      return (await this.repeat(request, options, { error, begun })).body as T;
    }
  }

  /** Sends a GET and also returns the server's time in milliseconds, to compare timestamps with. */
  async getWithDate<T>(path: string, options: CallOptions = {}): Promise<{ body: T; date: number }> {
    const { body, date } = await this.repeat(this.request('GET', path, options), options);
    return { body: body as T, date };
  }

  /**
   * Sends a POST once.
   * @param options.repeatable the call only reads (validate-connection), so it is repeated like a GET
   * @param options.recover finds what a lost answer created
   * @throws {UncertainError} the answer was lost, and nothing shows that the call happened
   */
  async post<T>(
    path: string,
    body: unknown,
    options: CallOptions & { readonly repeatable?: true; readonly recover?: Recover<T> } = {},
  ): Promise<T> {
    const request = this.request('POST', path, options, body);
    if (options.repeatable === true) return (await this.repeat(request, options)).body as T;
    return await this.change(request, options, options.recover);
  }

  /** Sends a PUT once. A lost answer is looked up as for `post`. */
  async put<T>(
    path: string,
    body: unknown,
    options: CallOptions & { readonly recover?: Recover<T> } = {},
  ): Promise<T> {
    return await this.change(this.request('PUT', path, options, body), options, options.recover);
  }

  /** Sends a DELETE once. When the answer is lost, a GET with a 404 proves that it worked. */
  async delete(path: string, options: CallOptions = {}): Promise<void> {
    const look = { ...(options.signal === undefined ? {} : { signal: options.signal }) };
    await this.change<unknown>(this.request('DELETE', path, options), options, async () => {
      try {
        await this.get(path, look);
        return undefined;
      } catch (error) {
        if (error instanceof NotFoundError) return true;
        throw asError(error);
      }
    });
  }

  /**
   * Rows of a paged collection, fetched as they are consumed; `walk` in paging.ts tells what is survived. With an order of
   * your own in the query, give one `sort_dir` for each `sort_key` (trap 10).
   * @param key the key of the answer that holds the rows
   * @param options.limit most rows in all; also keeps pages small
   * @param options.after a position by `cursorAfter`
   */
  rows<T extends Row>(
    path: string,
    key: string,
    options: CallOptions & {
      readonly pageSize?: number | undefined;
      readonly limit?: number | undefined;
      readonly after?: string | undefined;
    } = {},
  ): AsyncIterable<T> {
    const fetchPage = async (paging: Query): Promise<readonly T[]> => {
      const body = await this.get<unknown>(path, { ...options, query: { ...options.query, ...paging } });
      const rows = isObject(body) ? body[key] : undefined;
      if (Array.isArray(rows)) return rows as readonly T[];
      throw new ProtocolError(`The answer to GET ${path} has no list "${key}"`, {
        advice: 'Check that the endpoint URL is that of Coriolis.',
      });
    };
    const order = orderOf(options.query ?? {});
    return walk(fetchPage, {
      ...(order === undefined ? {} : { order }),
      pageSize: options.pageSize ?? PAGE_SIZE,
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      ...(options.after === undefined ? {} : { after: options.after }),
    });
  }

  private request(
    method: ApiRequest['method'],
    path: string,
    options: CallOptions,
    body?: unknown,
  ): ApiRequest {
    return { method, path, query: options.query ?? NO_QUERY, body };
  }

  /** @param failed the first attempt, when it was made already */
  private repeat(request: ApiRequest, options: CallOptions, failed?: FailedAttempt): Promise<Answer> {
    let first = failed;
    return this.inDialect(request, () => {
      const known = first;
      first = undefined;
      return withRetries(
        () => this.exchange(request, options),
        this.retry,
        this.runtime,
        options.signal,
        known,
      );
    });
  }

  /** Tells whether a request needs neither another look at the server nor a refusal before it is sent. */
  private isClear(request: ApiRequest): boolean {
    return (
      !this.needsRelease(request) && (this.otherService !== undefined || this.lacks(request) === undefined)
    );
  }

  /** Sends a change once. When its answer is lost, looks a few times for its result. */
  private async change<T>(
    request: ApiRequest,
    options: CallOptions,
    recover: Recover<T> | undefined,
  ): Promise<T> {
    return await this.inDialect(request, async () => {
      const sentAt = this.runtime.clock();
      try {
        return (await this.exchange(request, options)).body as T;
      } catch (error) {
        if (!isLostAnswer(error)) throw asError(error);
        return await settle({
          what: `${request.method} ${request.path}`,
          loss: error,
          recover:
            recover && (() => recover((createdAt) => this.serverClock.createdSince(sentAt, createdAt))),
          sleep: (ms) => this.runtime.sleep(ms, options.signal),
        });
      }
    });
  }

  /**
   * Detects the server's generation, with at most two small requests, once.
   * @throws {ProtocolError} it is no Coriolis
   */
  async generation(): Promise<Generation> {
    return (await this.dialect.certainly()).generation;
  }

  /** The generation assumed for the server; certain after an answer about transfers or their runs. */
  get spoken(): Generation {
    return this.dialect.now.generation;
  }

  /** Makes a test whether a `created_at` lies within the last `ms` milliseconds of the server's time. */
  createdWithin(ms: number): (createdAt: string) => boolean {
    return (createdAt) => this.serverClock.createdSince(this.runtime.clock() - ms, createdAt);
  }

  /** Runs a call. After a routing 404 it detects the server's generation and runs the call again in that dialect. */
  private async inDialect<T>(request: ApiRequest, call: () => Promise<T>): Promise<T> {
    if (this.needsRelease(request)) await this.learnRelease();
    if (this.otherService === undefined && this.lacks(request) !== undefined) {
      // The remembered generation may be outdated: servers are upgraded.
      if (this.dialect.now.generation === 'legacy')
        await this.dialect.ask(`${request.method} ${request.path}`);
      this.refuse(request);
    }
    let missing: NoRoute;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof NoRoute)) throw asError(error);
      missing = error;
    }
    await this.dialect.ask(`${request.method} ${request.path}`);
    this.refuse(request);
    if (this.dialect.now.generation === missing.spoken) throw noSuchRoute(request, missing);
    try {
      return await call();
    } catch (error) {
      throw error instanceof NoRoute ? noSuchRoute(request, error) : error;
    }
  }

  /** Tells whether the meaning of a request depends on the release of the server, and no answer has shown that yet. */
  private needsRelease(request: ApiRequest): boolean {
    const { otherService: service, dialect, release } = this;
    if (service !== undefined || !release.isUnknown || dialect.now.generation === 'legacy') return false;
    return dependsOnRelease(request);
  }

  /** Asks for a transfer, which shows the release best. */
  private async learnRelease(): Promise<void> {
    this.releaseQuestion ??= this.get('/transfers', { query: { limit: 1 } });
    try {
      await this.releaseQuestion;
    } catch {
      // A user without the right to list transfers may still execute them. Other errors will show in the request
      // itself.
      this.releaseQuestion = undefined;
    }
  }

  private lacks(request: ApiRequest): CapabilityError | undefined {
    return lackOf(request, this.dialect.now.generation, this.release);
  }

  private refuse(request: ApiRequest): void {
    const lack = this.lacks(request);
    if (lack !== undefined) throw lack;
  }

  private async hasRoute(request: ApiRequest): Promise<boolean> {
    try {
      await this.exchange(request, {}, DIALECTS.current);
      return true;
    } catch (error) {
      if (error instanceof NoRoute) return false;
      if (error instanceof NotFoundError) return true;
      throw asError(error);
    }
  }

  /** Sends one request; request and answer are translated by the dialect. */
  private async exchange(
    meant: ApiRequest,
    options: CallOptions,
    dialect: Dialect = this.dialect.now,
  ): Promise<Answer> {
    const request = dialect.request(
      dialect.generation === 'current' ? inRelease(meant, this.release) : meant,
    );
    refuseIfCanceled(options.signal);
    const { otherService: service } = this;
    const accept = options.accept ?? 'application/json';
    const sentAt = this.runtime.clock();
    const hasBody = request.body !== undefined;
    const response = await this.transport.send({
      service,
      method: request.method,
      url: address(request.path, request.query),
      headers: hasBody
        ? { Accept: accept, 'Content-Type': options.contentType ?? 'application/json' }
        : { Accept: accept },
      body: hasBody ? textOf(request.body, options.contentType) : undefined,
      timeoutMs: options.slow === true ? SLOW_TIMEOUT_MS : TIMEOUT_MS,
      signal: options.signal,
    });
    const date = this.serverClock.observe(response.headers) ?? this.serverClock.now();
    if (service === undefined && isRouting404(response)) throw new NoRoute(response, dialect.generation);
    if (response.status < 200 || response.status > 299) {
      const elapsedMs = this.runtime.clock() - sentAt;
      throw failureOf(
        response,
        {
          method: request.method,
          path: request.path,
          elapsedMs,
          ...(service === undefined ? {} : { service }),
        },
        date,
      );
    }
    if (options.accept !== undefined && options.accept !== 'application/json') {
      return { body: response.body, date };
    }
    const body = readable(
      dialect.response(meant, jsonOf(response, request)),
      meant,
      response,
      service,
      options.isNullRefused,
    );
    if (service === undefined) this.release.learn(body);
    return { body, date };
  }
}

/** Parses an answer and makes it well formed. */
function readable(
  body: unknown,
  request: ApiRequest,
  response: TransportResponse,
  service: OtherService | undefined,
  isNullRefused: boolean | undefined,
): unknown {
  // A deletion, or an action without a result.
  if (body === undefined) return body;
  const read = wellFormed(body, request, service, isNullRefused);
  if (!(read instanceof Malformed)) return read;
  throw new ProtocolError(
    `The answer to ${request.method} ${request.path} is none of Coriolis: ${read.place} is not ${read.wanted}`,
    {
      ...detailsOf(response),
      // For a change the result is unknown, like after a truncated answer.
      incomplete: true,
      advice:
        'Check that the endpoint URL is that of Coriolis; if it is, its release is one that this client does not know.',
    },
  );
}

const textOf = (body: unknown, contentType: string | undefined): string =>
  contentType !== undefined && typeof body === 'string' ? body : JSON.stringify(body);
