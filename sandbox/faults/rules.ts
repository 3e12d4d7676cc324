/** What goes wrong with a request. */
export type Fault =
  /** The connection is reset before anything is done. */
  | { readonly kind: 'reset' }
  /** Answers with that status instead of doing anything. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Answers with a page of HTML, as a proxy does. */
  | { readonly kind: 'html'; readonly status: number }
  /** Does the work, then breaks the connection in the middle of the answer. */
  | { readonly kind: 'truncate' }
  | { readonly kind: 'redirect'; readonly location: string }
  /** Answers as usual, but later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Answers as usual, but the body takes that long. */
  | { readonly kind: 'slow-body'; readonly ms: number }
  /** Ends all tokens that were issued so far, this request's included. */
  | { readonly kind: 'expire-tokens' }
  /** Does the work, then resets the connection: the caller does not learn the outcome. */
  | { readonly kind: 'lost-answer' }
  /** Does the work and sends a body with a 204, as servers before 1.2.2 did (coriolis-api.md §1.8). */
  | { readonly kind: 'body-on-204' };

/** When a fault strikes. */
export interface FaultRule {
  /** Only requests with this method; all when absent. */
  readonly method?: string;
  /** Only requests whose path (with query) matches; all when absent. */
  readonly path?: RegExp;
  /** How often it strikes; 1 when absent. */
  readonly times?: number;
  /** How many matching requests pass unharmed first; 0 when absent. */
  readonly after?: number;
  readonly fault: Fault;
}

/** The faults that wait to strike. */
export class Faults {
  private rules: { rule: FaultRule; seen: number }[] = [];

  /** @returns a function that takes the fault back */
  add(rule: FaultRule): () => void {
    const entry = { rule, seen: 0 };
    this.rules.push(entry);
    return () => {
      this.rules = this.rules.filter((one) => one !== entry);
    };
  }

  /** How many requests a rule has struck. */
  struck(rule: FaultRule): number {
    const seen = this.rules.find((entry) => entry.rule === rule)?.seen ?? 0;
    return Math.max(0, seen - (rule.after ?? 0));
  }

  clear(): void {
    this.rules = [];
  }

  /** The fault that strikes this request, if any. Only the first fitting rule counts the request. */
  strike(method: string, path: string): Fault | null {
    for (const entry of this.rules) {
      const { rule } = entry;
      if (rule.method !== undefined && rule.method !== method) continue;
      if (rule.path && !new RegExp(rule.path.source, rule.path.flags.replace(/[gy]/g, '')).test(path))
        continue;
      const after = rule.after ?? 0;
      if (entry.seen >= after + (rule.times ?? 1)) continue;
      entry.seen += 1;
      return entry.seen > after ? rule.fault : null;
    }
    return null;
  }
}
