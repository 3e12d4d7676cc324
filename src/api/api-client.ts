import type { Change } from './completed-changes';
import type { Generation, Query } from './request';
import type { Row } from './paging';
import type { FindLostResult } from './lost-response';
import type { CompanionService } from './transport';

/** Options of one request. */
export interface RequestOptions {
  readonly query?: Query | undefined;
  /** Whether null in place of a list is an error; otherwise it counts as an empty list. */
  readonly isNullRefused?: boolean | undefined;
  /** Ends the call with a `CanceledError`; when it has fired before, nothing is sent. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Deadline of the caller, in milliseconds since 1970 on the local clock. Reads from the server's database time out
   * then.
   */
  readonly deadline?: number | undefined;
  /**
   * Set for calls that the server forwards to a platform, which takes minutes (docs/reference/coriolis-api.md §1.9).
   */
  readonly slow?: boolean | undefined;
  /** Called when the server has carried out a change. */
  readonly onChange?: ((change: Change) => void) | undefined;
  /** Content type of the answer, when other than JSON; the result is then the text as received. */
  readonly accept?: string | undefined;
  /** Content type of the body, when other than JSON; the body is then a text and sent unchanged. */
  readonly contentType?: string | undefined;
}

/** Defaults for all calls of one caller. */
export interface CallerDefaults extends Pick<RequestOptions, 'signal' | 'deadline' | 'onChange'> {
  /** Called when Coriolis forwards a request to a platform, with its method and path. */
  readonly onPlatformRequest?: ((request: string) => void) | undefined;
}

/** Options of one change. */
export interface ChangeOptions<T> extends RequestOptions {
  /** Ids of objects that existed before a creation; an answer with one of them belongs to an earlier request. */
  readonly known?: readonly string[] | undefined;
  /** Finds the result of the change when its response was lost. */
  readonly recover?: FindLostResult<T> | undefined;
  /**
   * Whether the created object is accepted only when `recover` finds it too: for answers that name neither the parent
   * nor any sent value.
   */
  readonly requiresConfirmation?: true | undefined;
}

/** Options of reading a list. */
export interface RowOptions extends RequestOptions {
  readonly pageSize?: number | undefined;
  /** Maximum number of rows; also keeps pages small. */
  readonly limit?: number | undefined;
  /** A position by `cursorOfLastRow`. */
  readonly after?: string | undefined;
}

/**
 * The HTTP API of Coriolis as operations use it. Answers keep the server's wrapper key (`{transfers: […]}`) and use the
 * names of the current generation. All methods throw the classes of `errors.ts`.
 */
export interface ApiClient {
  /** Reads; repeated on network errors and busy proxies. */
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  /** Reads, with the server's time of the answer in milliseconds: the clock that its timestamps belong to. */
  getWithDate<T>(path: string, options?: RequestOptions): Promise<{ body: T; date: number }>;
  /**
   * Sends `body` once.
   * @param options.repeatable the call only reads (validate-connection), so it is repeated like a GET
   * @throws {UncertainError} no answer of Coriolis came back, and nothing shows that the change happened
   */
  post<T>(
    path: string,
    body: unknown,
    options?: ChangeOptions<T> & { readonly repeatable?: true | undefined },
  ): Promise<T>;
  /** Sends `body` once, like `post`. */
  put<T>(path: string, body: unknown, options?: ChangeOptions<T>): Promise<T>;
  /** Deletes once; when the response is lost, a GET that finds nothing proves that it worked. */
  delete(path: string, options?: RequestOptions): Promise<void>;
  /**
   * Rows of a paged collection, fetched as they are consumed. A query with an order of its own needs one `sort_dir` for
   * each `sort_key` (trap 10).
   * @param key the key of the answer that holds the rows
   * @throws {ProtocolError} also when the list does not end
   */
  rows<T extends Row>(path: string, key: string, options?: RowOptions): AsyncIterable<T>;
  /**
   * A client for a service beside Coriolis, with the same login and retries; its bodies are not translated between
   * generations. Its calls throw a `CapabilityError` when Keystone's catalogue has no such service.
   */
  service(service: CompanionService): ApiClient;
  /**
   * The generation of the server, detected once with at most two small requests.
   * @throws {ProtocolError} it is no Coriolis
   */
  generation(options?: Pick<RequestOptions, 'signal' | 'deadline'>): Promise<Generation>;
  /** Generation that is assumed for the server. An answer about transfers or their runs makes it certain. */
  readonly assumedGeneration: Generation;
  /** The server's time in milliseconds since 1970, by its last answer; the local time before the first answer. */
  readonly now: number;
  /**
   * Makes a predicate: whether a `created_at` lies within the last `ms` milliseconds of the server's time, once an
   * answer has shown that time.
   */
  createdWithin(ms: number): (createdAt: string) => boolean;
  /** Whether an object was found by a look-up after a lost response, so that another caller may have created it. */
  wasRecovered(id: string): boolean;
  /** The same client with defaults for options that a request leaves out. */
  withDefaults(terms: CallerDefaults): ApiClient;
  /** The client without defaults: the same object for all clients that share a connection. */
  readonly origin: ApiClient;
}

/** Client that adds the signal, the deadline and the callbacks of one caller to every request. */
export class CallerClient implements ApiClient {
  constructor(
    readonly origin: ApiClient,
    private readonly terms: CallerDefaults,
  ) {}

  get<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.origin.get<T>(path, this.withCallerDefaults('GET', path, options));
  }

  getWithDate<T>(path: string, options?: RequestOptions): Promise<{ body: T; date: number }> {
    return this.origin.getWithDate<T>(path, this.withCallerDefaults('GET', path, options));
  }

  post<T>(
    path: string,
    body: unknown,
    options?: ChangeOptions<T> & { readonly repeatable?: true | undefined },
  ): Promise<T> {
    return this.origin.post<T>(path, body, this.withCallerDefaults('POST', path, options));
  }

  put<T>(path: string, body: unknown, options?: ChangeOptions<T>): Promise<T> {
    return this.origin.put<T>(path, body, this.withCallerDefaults('PUT', path, options));
  }

  delete(path: string, options?: RequestOptions): Promise<void> {
    return this.origin.delete(path, this.withCallerDefaults('DELETE', path, options));
  }

  rows<T extends Row>(path: string, key: string, options?: RowOptions): AsyncIterable<T> {
    return this.origin.rows<T>(path, key, this.withCallerDefaults('GET', path, options));
  }

  service(service: CompanionService): ApiClient {
    return this.origin.service(service).withDefaults(this.terms);
  }

  generation(): Promise<Generation> {
    return this.origin.generation(this.terms);
  }

  get assumedGeneration(): Generation {
    return this.origin.assumedGeneration;
  }

  get now(): number {
    return this.origin.now;
  }

  createdWithin(ms: number): (createdAt: string) => boolean {
    return this.origin.createdWithin(ms);
  }

  wasRecovered(id: string): boolean {
    return this.origin.wasRecovered(id);
  }

  withDefaults(terms: CallerDefaults): ApiClient {
    return this.origin.withDefaults(terms);
  }

  private withCallerDefaults<Options extends RequestOptions>(
    method: string,
    path: string,
    options: Options | undefined,
  ): Options {
    const { signal, deadline, onChange, onPlatformRequest } = this.terms;
    if (options?.slow === true) onPlatformRequest?.(`${method} ${path}`);
    return {
      ...options,
      signal: options?.signal ?? signal,
      deadline: options?.deadline ?? deadline,
      onChange: options?.onChange ?? onChange,
    } as Options;
  }
}
