/** One request that was answered (or not: status 0). Neither headers nor bodies are kept. */
export interface LoggedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number;
}

/** How many requests are kept word for word; all of them are counted. */
const KEPT = 10_000;

/** What was asked of the sandbox, for tests and benchmarks that count requests. */
export class RequestLog {
  private readonly latest: LoggedRequest[] = [];
  private readonly counts = new Map<string, number>();
  private all = 0;

  record(request: LoggedRequest): void {
    this.all += 1;
    this.latest.push(request);
    if (this.latest.length > 2 * KEPT) this.latest.splice(0, this.latest.length - KEPT);
    const key = `${request.method} ${generalised(request.path)}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  get total(): number {
    return this.all;
  }

  /** The latest requests, at least the last 10,000. */
  get entries(): readonly LoggedRequest[] {
    return this.latest;
  }

  /**
   * How many requests there were of that kind since the start or the last {@link clear}.
   * @param path is compared with the path without its query, in which every id reads `{id}`, e.g. `/v1/{id}/transfers/{id}`
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
