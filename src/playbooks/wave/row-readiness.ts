import type { JsonObject } from '../../model/json';
import {
  assessReadiness,
  checksSettledByEnvironment,
  type ReadinessFinding,
} from '../../model/readiness-rules';
import type { Instance } from '../../model/api-objects';
import { groupBy } from '../group-by';

/** A machine of the plan with its origin endpoint and its source environment. */
interface SourceMachine {
  readonly origin: string;
  readonly instance: string;
  readonly environment: JsonObject | undefined;
}

/**
 * Findings of the readiness rules. The keys are id of the origin endpoint and machine, with a space between. All
 * machines of one origin are assessed together, because they may share disks. Machines without details have no
 * findings.
 */
export function findReadinessByMachine(
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
      const settled = checksSettledByEnvironment(environment);
      findings.set(
        key,
        (assessed[index] ?? []).filter(({ check }) => !settled.includes(check)),
      );
    });
  }
  return findings;
}
