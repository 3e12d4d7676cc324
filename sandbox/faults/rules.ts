/** A fault of one HTTP request. */
export type RequestFault =
  /** The connection is reset before the request is processed. */
  | { readonly kind: 'reset' }
  /** A status is returned and the request is not processed. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** An HTML page is returned, as by a proxy. */
  | { readonly kind: 'html'; readonly status: number }
  /** The request is processed, then the connection breaks in the middle of the answer. */
  | { readonly kind: 'truncate' }
  | { readonly kind: 'redirect'; readonly location: string }
  /** The answer is delayed. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** The body of the answer is sent slowly. */
  | { readonly kind: 'slow-body'; readonly ms: number }
  /** All tokens issued so far expire, also the token of this request. */
  | { readonly kind: 'expire-tokens' }
  /** The request is processed, then the connection is reset without an answer. */
  | { readonly kind: 'lost-answer' }
  /**
   * The request is processed and its 204 has a body, as on servers before 1.2.2 (docs/reference/coriolis-api.md §1.8).
   */
  | { readonly kind: 'body-on-204' };

/** A fault and the requests that it applies to. */
export interface FaultRule {
  /** Method of the requests; all methods when absent. */
  readonly method?: string;
  /** Pattern for path and query of the requests; all paths when absent. */
  readonly path?: RegExp;
  /** Number of requests that get the fault; default 1. */
  readonly times?: number;
  /** Number of matching requests that pass first; default 0. */
  readonly after?: number;
  readonly fault: RequestFault;
}

/** Active rules, with the number of requests that each has matched. */
export class FaultRules {
  private rules: { rule: FaultRule; seen: number }[] = [];

  /**
   * Adds a rule.
   * @returns a function that removes the rule
   */
  add(rule: FaultRule): () => void {
    const entry = { rule, seen: 0 };
    this.rules.push(entry);
    return () => {
      this.rules = this.rules.filter((one) => one !== entry);
    };
  }

  /** The number of requests that got the fault of a rule. */
  countTimesApplied(rule: FaultRule): number {
    const seen = this.rules.find((entry) => entry.rule === rule)?.seen ?? 0;
    return Math.max(0, seen - (rule.after ?? 0));
  }

  clear(): void {
    this.rules = [];
  }

  /** Returns the fault for a request, or null. The first rule that matches counts the request, later ones do not. */
  takeFaultFor(method: string, path: string): RequestFault | null {
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
