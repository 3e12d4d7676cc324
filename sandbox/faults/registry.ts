import { ActiveWorldConditions } from './world-conditions';
import { FaultRules } from './rules';
import type { RequestFault, FaultRule } from './rules';
import { parseFault } from './syntax';

/** A fault planned by its text, as `/sandbox/faults` shows it. */
export interface PlannedFault {
  readonly id: number;
  /** Text of the fault, as given. */
  readonly fault: string;
  /** Number of requests that got the fault; null for a condition of the world. */
  readonly struck: number | null;
}

interface Entry {
  readonly id: number;
  readonly text: string;
  readonly struck: () => number | null;
  readonly remove: () => void;
}

/** The faults of one sandbox: rules for requests and conditions of the world, added in code or planned by their text. */
export class FaultRegistry {
  /** The conditions that the world reads. */
  readonly conditions = new ActiveWorldConditions();
  private readonly rules = new FaultRules();
  private readonly planned = new Map<number, Entry>();
  private lastId = 0;

  /**
   * Adds a rule whose path pattern is a regular expression, unlike {@link plan}.
   * @returns a function that removes it
   */
  add(rule: FaultRule): () => void {
    return this.rules.add(rule);
  }

  /**
   * Plans a fault by its text, e.g. `POST /executions lost-answer` (see `coriolis-sandbox --help`).
   * @throws FaultSyntaxError
   */
  plan(text: string): PlannedFault {
    const parsed = parseFault(text);
    this.lastId += 1;
    const entry: Entry =
      'rule' in parsed
        ? {
            id: this.lastId,
            text,
            struck: () => this.rules.countTimesApplied(parsed.rule),
            remove: this.rules.add(parsed.rule),
          }
        : { id: this.lastId, text, struck: () => null, remove: this.conditions.add(parsed.condition) };
    this.planned.set(entry.id, entry);
    return toPlannedFault(entry);
  }

  /** The faults planned by text, in the order of their ids. */
  list(): PlannedFault[] {
    return [...this.planned.values()].map(toPlannedFault);
  }

  /** Removes a planned fault. @returns false for an unknown id */
  remove(id: number): boolean {
    this.planned.get(id)?.remove();
    return this.planned.delete(id);
  }

  /** Removes all faults, including rules added in code. */
  clear(): void {
    for (const id of [...this.planned.keys()]) this.remove(id);
    this.rules.clear();
  }

  /** Returns the fault for a request, or null, and counts the request for its rule. */
  takeFaultFor(method: string, path: string): RequestFault | null {
    return this.rules.takeFaultFor(method, path);
  }
}

function toPlannedFault({ id, text, struck }: Entry): PlannedFault {
  return { id, fault: text, struck: struck() };
}
