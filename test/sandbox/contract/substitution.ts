const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const RECORDED_ORIGIN = /http:\/\/127\.0\.0\.1:(?:5000|5001|7667|7767|9311|9998)/g;
/** Where the sandbox keeps what listened on ports of their own. */
const PREFIXES: Readonly<Record<string, string>> = { '9311': '/barbican', '9998': '/logger' };

/** Under which prefix the sandbox serves what was recorded at an address. */
export function prefixFor(url = ''): string {
  return PREFIXES[new RegExp(/:(\d+)$/).exec(url)?.[1] ?? ''] ?? '';
}

/** How a long text ends of which only the beginning was recorded. */
const SHORTENED = '(shortened)\n';

/** The id that existed nowhere when the recordings were made, and does not here. */
const NOWHERE = '00000000-0000-4000-8000-00000000dead';

/** Translates the ids and addresses of the recorded server into those of the sandbox. */
export class Substitution {
  private readonly texts = new Map<string, string>();

  /** @param origin the address of the sandbox, e.g. `http://127.0.0.1:40123` */
  constructor(private readonly origin: string) {}

  /** From now on `recorded` reads `actual`. */
  set(recorded: string, actual: string): void {
    if (recorded !== NOWHERE) this.texts.set(recorded, actual);
  }

  text(recorded: string): string {
    let result = recorded.replace(RECORDED_ORIGIN, (url) => this.origin + prefixFor(url));
    for (const [from, to] of this.texts) result = result.replaceAll(from, to);
    return result;
  }

  /** Translates every string of a JSON value. */
  value(recorded: unknown): unknown {
    if (typeof recorded === 'string') return this.text(recorded);
    if (Array.isArray(recorded)) return recorded.map((element) => this.value(element));
    if (typeof recorded !== 'object' || recorded === null) return recorded;
    return Object.fromEntries(Object.entries(recorded).map(([key, value]) => [key, this.value(value)]));
  }

  /**
   * Whether a text of the sandbox says what the recorded one says. Known ids must be the right ones; an id that the sandbox had to make up itself
   * (of a task, an execution, a worker) may be any, as long as it is one.
   */
  sameText(recorded: string, actual: string): boolean {
    const expected = this.text(recorded);
    if (expected === actual) return true;
    if (expected.endsWith(SHORTENED)) return actual.startsWith(expected.slice(0, -SHORTENED.length));
    const ours = new Set([...this.texts.values(), NOWHERE]);
    const pattern = expected
      .split(new RegExp(`(${UUID.source})`))
      .map((part, index) => (index % 2 === 1 && !ours.has(part) ? UUID.source : escape(part)));
    return new RegExp(`^${pattern.join('')}$`).test(actual);
  }
}

/** A text in which every id reads the same. */
export function withoutIds(text: string): string {
  return text.replace(UUID, '{id}');
}

/** Whether a text is an id. */
export function isUuid(text: string): boolean {
  return new RegExp(`^${UUID.source}$`).test(text);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
