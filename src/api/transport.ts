/** Service beside Coriolis, by its type in Keystone's catalogue (docs/reference/coriolis-api.md §3.2). */
export type CompanionService = (typeof COMPANION_SERVICES)[number];

/** Types of the services beside Coriolis: its log service, its licensing server, and Barbican. */
export const COMPANION_SERVICES = ['coriolis-logger', 'coriolis-licensing', 'key-manager'] as const;

/**
 * One request that a transport sends. A transport (n8n's HTTP helper, axios in the MCP server, `fetch` elsewhere) does
 * not retry and knows nothing of Coriolis. It returns answers of every status, also 4xx and 5xx, and never follows
 * redirects, because a token must not travel to another host.
 */
export interface TransportRequest {
  /** Service to which a relative `url` belongs; Coriolis when absent. */
  readonly service?: CompanionService | undefined;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /**
   * Absolute URL or, for a transport with a login, a path below the service's endpoint ("/transfers"). Includes the
   * encoded query.
   */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Body as text; the caller serialises JSON. */
  readonly body?: string | undefined;
  /** Timeout of this one request, in whole milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportResponse {
  readonly status: number;
  /** Headers of the answer, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body as text; empty when there was none. */
  readonly body: string;
  /** Host and port of the proxy that the answer came through, when the transport knows it. */
  readonly proxy?: string | undefined;
}

/** Sender of HTTP requests. n8n, MCP and the library each have their own. */
export interface Transport {
  /**
   * Sends one request and returns its answer, of any status.
   * @throws {UnreachableError} no answer arrived: connection refused or reset, unknown host, failed TLS
   * @throws {TimeoutError} no answer within `timeoutMs`
   * @throws {CanceledError} `signal` fired
   */
  send(request: TransportRequest): Promise<TransportResponse>;
}
