import type { CompletedChange } from './completed-changes';
import type { Generation, RequestQuery } from './api-request';
import type { PagedRow } from './paging';
import type { LostResultFinder } from './lost-response';
import type { CompanionService } from './transport';

/** Options of one request. */
export interface RequestOptions {
  readonly query?: RequestQuery | undefined;
  /** Whether null in place of a list is an error. Otherwise null counts as an empty list. */
  readonly isNullRefused?: boolean | undefined;
  /** Ends the call with a `CanceledError` when it fires. When it has fired before the call, nothing is sent. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Deadline of the caller, in milliseconds since 1970 on the local clock. Reads that the server answers from its own
   * database time out then; calls that it forwards to a platform do not.
   */
  readonly deadline?: number | undefined;
  /**
   * Set for calls that the server forwards to a platform. They can take minutes and get a longer timeout
   * (docs/reference/coriolis-api.md §1.9).
   */
  readonly mayTakeMinutes?: boolean | undefined;
  /** Called when the server has carried out a change. */
  readonly onChange?: ((change: CompletedChange) => void) | undefined;
  /** Content type of the answer, when it is not JSON. The result is then the text as received. */
  readonly accept?: string | undefined;
  /** Content type of the body, when it is not JSON. The body is then a text and is sent unchanged. */
  readonly contentType?: string | undefined;
}

/** Defaults for all calls of one caller. */
export interface CallerDefaults extends Pick<RequestOptions, 'signal' | 'deadline' | 'onChange'> {
  /** Called when Coriolis forwards a request to a platform, with its method and path. */
  readonly onPlatformRequest?: ((request: string) => void) | undefined;
}

/** Options of a request that changes something (POST, PUT). */
export interface ChangeOptions<T> extends RequestOptions {
  /** Ids of objects that existed before a creation. An answer with one of these ids belongs to an earlier request. */
  readonly knownIds?: readonly string[] | undefined;
  /** Finds the result of the change when its response was lost. */
  readonly recover?: LostResultFinder<T> | undefined;
  /**
   * Set for creations whose answer names neither the parent nor any sent value. The created object is then accepted
   * only when `recover` finds it too.
   */
  readonly requiresConfirmation?: true | undefined;
}

/** Options of reading a list. */
export interface ListReadOptions extends RequestOptions {
  readonly pageSize?: number | undefined;
  /** Maximum number of rows. It also limits the size of pages. */
  readonly limit?: number | undefined;
  /** Cursor made by `pagingCursorAfter`: only rows after it are read. */
  readonly after?: string | undefined;
}

/**
 * The HTTP API of Coriolis as operations use it. Answers keep the server's wrapper key (`{transfers: […]}`) and use the
 * names of the current generation. All methods throw the classes of `errors.ts`.
 */
export interface ApiClient {
  /** Reads an object or a list. The request is repeated after network errors and after errors of a busy proxy. */
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  /**
   * Reads like `get`, and also returns the server's time of the answer, in milliseconds since 1970. The timestamps in
   * the body belong to that clock.
   */
  getWithDate<T>(path: string, options?: RequestOptions): Promise<{ body: T; date: number }>;
  /**
   * Sends a POST with `body` once.
   * @param options.repeatable set for calls that change nothing (validate-connection). They are repeated like a GET
   * @throws {UncertainError} no answer of Coriolis came back, and nothing shows that the change happened
   */
  post<T>(
    path: string,
    body: unknown,
    options?: ChangeOptions<T> & { readonly repeatable?: true | undefined },
  ): Promise<T>;
  /** Sends a PUT with `body` once, like `post`. */
  put<T>(path: string, body: unknown, options?: ChangeOptions<T>): Promise<T>;
  /** Sends a deletion once. When the response is lost, a GET that answers 404 proves that the deletion worked. */
  delete(path: string, options?: RequestOptions): Promise<void>;
  /**
   * Rows of a paged collection. Pages are fetched while the caller consumes the rows. A query with an order of its own
   * needs one `sort_dir` for each `sort_key` (docs/reference/coriolis-api.md §17, trap 10).
   * @param key the key of the answer that holds the rows
   * @throws {ProtocolError} also when the server keeps answering with further pages
   */
  getRows<T extends PagedRow>(path: string, key: string, options?: ListReadOptions): AsyncIterable<T>;
  /**
   * Client for a service beside Coriolis, with the same login and retries. Bodies are not translated between
   * generations. Calls throw a `CapabilityError` when Keystone's catalogue has no such service.
   */
  forService(service: CompanionService): ApiClient;
  /**
   * Generation of the server. The first call detects it with at most two small requests.
   * @throws {ProtocolError} the server is no Coriolis
   */
  detectGeneration(options?: Pick<RequestOptions, 'signal' | 'deadline'>): Promise<Generation>;
  /**
   * Generation in which requests are sent: the detected one, else the assumed one. It is certain after an answer about
   * transfers or their executions.
   */
  readonly generationInUse: Generation;
  /** The server's time in milliseconds since 1970, by its last answer; the local time before the first answer. */
  readonly serverTime: number;
  /**
   * Predicate that is true for a `created_at` within the last `ms` milliseconds of the server's time, and false as long
   * as no answer has shown that time.
   */
  wasCreatedWithin(ms: number): (createdAt: string) => boolean;
  /**
   * Whether this client found the object by a lookup after a lost response. Another caller may then have created it.
   */
  wasFoundAfterLostResponse(id: string): boolean;
  /** Makes a client for one caller: the same connection, with defaults for options that a request leaves out. */
  withDefaults(terms: CallerDefaults): ApiClient;
  /** Client without defaults. It is the same object for all clients that share a connection. */
  readonly withoutDefaults: ApiClient;
}

/** Client that adds the signal, the deadline and the callbacks of one caller to every request. */
export class CallerClient implements ApiClient {
  constructor(
    readonly withoutDefaults: ApiClient,
    private readonly terms: CallerDefaults,
  ) {}

  get<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.withoutDefaults.get<T>(path, this.withCallerDefaults('GET', path, options));
  }

  getWithDate<T>(path: string, options?: RequestOptions): Promise<{ body: T; date: number }> {
    return this.withoutDefaults.getWithDate<T>(path, this.withCallerDefaults('GET', path, options));
  }

  post<T>(
    path: string,
    body: unknown,
    options?: ChangeOptions<T> & { readonly repeatable?: true | undefined },
  ): Promise<T> {
    return this.withoutDefaults.post<T>(path, body, this.withCallerDefaults('POST', path, options));
  }

  put<T>(path: string, body: unknown, options?: ChangeOptions<T>): Promise<T> {
    return this.withoutDefaults.put<T>(path, body, this.withCallerDefaults('PUT', path, options));
  }

  delete(path: string, options?: RequestOptions): Promise<void> {
    return this.withoutDefaults.delete(path, this.withCallerDefaults('DELETE', path, options));
  }

  getRows<T extends PagedRow>(path: string, key: string, options?: ListReadOptions): AsyncIterable<T> {
    return this.withoutDefaults.getRows<T>(path, key, this.withCallerDefaults('GET', path, options));
  }

  forService(service: CompanionService): ApiClient {
    return this.withoutDefaults.forService(service).withDefaults(this.terms);
  }

  detectGeneration(): Promise<Generation> {
    return this.withoutDefaults.detectGeneration(this.terms);
  }

  get generationInUse(): Generation {
    return this.withoutDefaults.generationInUse;
  }

  get serverTime(): number {
    return this.withoutDefaults.serverTime;
  }

  wasCreatedWithin(ms: number): (createdAt: string) => boolean {
    return this.withoutDefaults.wasCreatedWithin(ms);
  }

  wasFoundAfterLostResponse(id: string): boolean {
    return this.withoutDefaults.wasFoundAfterLostResponse(id);
  }

  withDefaults(terms: CallerDefaults): ApiClient {
    return this.withoutDefaults.withDefaults(terms);
  }

  private withCallerDefaults<Options extends RequestOptions>(
    method: string,
    path: string,
    options: Options | undefined,
  ): Options {
    const { signal, deadline, onChange, onPlatformRequest } = this.terms;
    if (options?.mayTakeMinutes === true) onPlatformRequest?.(`${method} ${path}`);
    return {
      ...options,
      signal: options?.signal ?? signal,
      deadline: options?.deadline ?? deadline,
      onChange: options?.onChange ?? onChange,
    } as Options;
  }
}
