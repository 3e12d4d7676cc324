/** A service beside Coriolis, by its type in Keystone's catalogue (coriolis-api.md §3.2). */
export type OtherService = (typeof OTHER_SERVICES)[number];

export const OTHER_SERVICES = ['coriolis-logger', 'coriolis-licensing', 'key-manager'] as const;

/**
 * The port to the outside. A face supplies one: n8n's own HTTP helper in the nodes, axios in the MCP server, `fetch`
 * elsewhere. A transport moves bytes; it knows neither Coriolis nor retries. It answers every status, also 4xx and 5xx,
 * and never follows a redirect (a token must not travel to another host).
 */
export interface TransportRequest {
  /** For a transport that authentication wraps: the service that the path belongs to; Coriolis itself when absent. */
  readonly service?: OtherService | undefined;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /**
   * Absolute, or, for a transport that authentication wraps, a path below the service's endpoint ("/transfers").
   * The query is part of it, already encoded.
   */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text as it is sent; JSON is serialised by the caller. */
  readonly body?: string | undefined;
  /** Milliseconds until the attempt is given up. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, unparsed; empty when there was none. */
  readonly body: string;
}

export interface Transport {
  /**
   * @throws {UnreachableError} no answer: refused, reset, unknown host, TLS trouble
   * @throws {TimeoutError} no answer within `timeoutMs`
   * @throws {CanceledError} `signal` fired
   */
  send(request: TransportRequest): Promise<TransportResponse>;
}
