import type { JsonObject } from '../../model/json';
import { assessReadiness, settledBy, type ReadinessFinding } from '../../model/readiness';
import type { Instance } from '../../model/types';
import { groupBy } from '../group-by';

/** A machine of the plan, with the origin endpoint and the source environment that its row gives. */
interface SourceMachine {
  readonly origin: string;
  readonly instance: string;
  readonly environment: JsonObject | undefined;
}

/**
 * Findings of the readiness rules, by origin and machine (`origin machine`). Machines of one origin may share disks.
 * Machines without details have none.
 */
export function readinessByMachine(
  rows: readonly SourceMachine[],
  details: ReadonlyMap<string, Instance>,
): ReadonlyMap<string, readonly ReadinessFinding[]> {
  const findings = new Map<string, readonly ReadinessFinding[]>();
  for (const group of groupBy(rows, ({ origin }) => origin).values()) {
    const machines = new Map(group.map((row) => [`${row.origin} ${row.instance}`, row]));
    const known = [...machines].filter(([key]) => details.has(key));
    const assessed = assessReadiness(
      known.map(([key, { instance }]) => ({ name: instance, data: details.get(key) })),
    );
    known.forEach(([key, { environment }], index) => {
      const settled = settledBy(environment);
      findings.set(
        key,
        (assessed[index] ?? []).filter(({ check }) => !settled.includes(check)),
      );
    });
  }
  return findings;
}
