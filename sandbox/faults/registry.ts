import type { Faults } from '../faults';
import type { Conditions } from '../world/conditions';
import { parseFault } from './fault-syntax';

/** A fault that somebody has asked for. */
export interface PlannedFault {
  readonly id: number;
  /** As it was written. */
  readonly fault: string;
  /** How many requests it has struck; `null` for what concerns the world. */
  readonly struck: number | null;
}

interface Entry {
  readonly id: number;
  readonly text: string;
  readonly struck: () => number | null;
  readonly takeBack: () => void;
}

/** The faults that were asked for in words: on the command line or by the control route. */
export class Troubles {
  private readonly entries = new Map<number, Entry>();
  private lastId = 0;

  constructor(
    private readonly faults: Faults,
    private readonly conditions: Conditions,
  ) {}

  /** @throws FaultSyntaxError */
  add(text: string): PlannedFault {
    const trouble = parseFault(text);
    this.lastId += 1;
    const entry: Entry =
      'rule' in trouble
        ? {
            id: this.lastId,
            text,
            struck: () => this.faults.struck(trouble.rule),
            takeBack: this.faults.add(trouble.rule),
          }
        : { id: this.lastId, text, struck: () => null, takeBack: this.conditions.add(trouble.condition) };
    this.entries.set(entry.id, entry);
    return shown(entry);
  }

  list(): PlannedFault[] {
    return [...this.entries.values()].map(shown);
  }

  /** @returns whether there was such a fault */
  remove(id: number): boolean {
    this.entries.get(id)?.takeBack();
    return this.entries.delete(id);
  }

  clear(): void {
    for (const id of [...this.entries.keys()]) this.remove(id);
  }
}

function shown({ id, text, struck }: Entry): PlannedFault {
  return { id, fault: text, struck: struck() };
}
