import { concurrently } from '../api/concurrently';
import type { Coriolis } from '../api/coriolis';
import { tolerate } from '../api/tolerate';
import type { JsonObject } from '../model/json';
import { assess } from '../model/readiness';
import { quoteText } from '../model/untrusted';
import { fetchInstance } from '../resources/platform';
import { key, type OutputOf } from '../vocabulary/result-keys';

export const readinessShape = {
  assessed: key.number('Machines assessed'),
  blocked: key.number('Those that cannot be moved as they are'),
  warned: key.number('Those with warnings only'),
  machines: key.rows('Machines with findings, the worst first', {
    instance: key.text('Machine', { untrusted: true }),
    verdict: key.text('blocked, ready_with_warnings or ready'),
    findings: key.rows('What was found, the worst first', {
      check: key.text('Rule'),
      status: key.text('blocking, warning or note'),
      message: key.text('Finding', { untrusted: true }),
      source: key.text('Where the rule comes from'),
    }),
  }),
  ready: key.texts('Machines without findings', { untrusted: true }),
};

/** Readiness of machines that need not be in a transfer. */
export type Readiness = OutputOf<typeof readinessShape>;

/** Maximum parallel requests to a platform: they are slow, and a worker serves few at once. */
const CONCURRENCY = 4;
const NAME_LENGTH = 120;
const MESSAGE_LENGTH = 300;

const VERDICTS = { blocking: 'blocked', warning: 'ready_with_warnings', note: 'ready' } as const;
const ORDER = ['blocked', 'ready_with_warnings', 'ready'];

/**
 * Assesses machines of an endpoint by the rules of `model/readiness`: one request to the platform for each. Disks count as
 * shared among the machines that are given. A machine that the platform does not know is blocked.
 */
export async function assessMachines(
  coriolis: Coriolis,
  endpointId: string,
  instances: readonly string[],
  environment: JsonObject | undefined,
): Promise<Readiness> {
  const data = await concurrently(instances, CONCURRENCY, (instance) =>
    tolerate(fetchInstance(coriolis, endpointId, instance, environment), ['not_found'], undefined),
  );
  const findings = assess(instances.map((name, index) => ({ name, data: data[index] })));
  const rows = instances.map((name, index) => {
    const found =
      data[index] === undefined
        ? [
            {
              check: 'exists',
              status: 'blocking' as const,
              message: 'The platform does not know it.',
              source: 'docs/reference/coriolis-api.md §7.4',
            },
          ]
        : (findings[index] ?? []);
    return {
      instance: quoteText(name, NAME_LENGTH),
      verdict: VERDICTS[found[0]?.status ?? 'note'],
      findings: found.map((one) => ({ ...one, message: quoteText(one.message, MESSAGE_LENGTH) })),
    };
  });
  const count = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
  return {
    assessed: rows.length,
    blocked: count('blocked'),
    warned: count('ready_with_warnings'),
    machines: rows
      .filter((row) => row.findings.length > 0)
      .sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict)),
    ready: rows.filter((row) => row.findings.length === 0).map(({ instance }) => instance),
  };
}
