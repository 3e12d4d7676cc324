/** A request with the status of its answer (0 without one). Headers and bodies are not kept. */
export interface LoggedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly status: number;
}

/** Number of latest requests that are always kept; at most twice as many are. The counts include all requests. */
const KEPT_REQUESTS = 10_000;

/** Log of received requests, for tests and benchmarks. */
export class RequestLog {
  private readonly latest: LoggedRequest[] = [];
  private readonly counts = new Map<string, number>();
  private all = 0;

  record(request: LoggedRequest): void {
    this.all += 1;
    this.latest.push(request);
    if (this.latest.length > 2 * KEPT_REQUESTS) this.latest.splice(0, this.latest.length - KEPT_REQUESTS);
    const key = `${request.method} ${generalised(request.path)}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  get total(): number {
    return this.all;
  }

  /** The latest requests: all of up to 20,000, and the latest 10,000 to 20,000 of more. */
  get entries(): readonly LoggedRequest[] {
    return this.latest;
  }

  /**
   * Number of requests of a kind since the start or the last {@link clear}.
   * @param path is compared with the path without its query, in which every id reads `{id}`, e.g.
   * `/v1/{id}/transfers/{id}`
   */
  count(method: string, path: string | RegExp): number {
    let sum = 0;
    for (const [key, count] of this.counts) {
      const [knownMethod, knownPath = ''] = key.split(' ');
      if (knownMethod !== method) continue;
      if (typeof path === 'string' ? knownPath === path : path.test(knownPath)) sum += count;
    }
    return sum;
  }

  clear(): void {
    this.latest.length = 0;
    this.counts.clear();
    this.all = 0;
  }
}

function generalised(path: string): string {
  return (path.split('?')[0] ?? '').replaceAll(
    /\/(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27})(?=\/|$)/g,
    '/{id}',
  );
}
