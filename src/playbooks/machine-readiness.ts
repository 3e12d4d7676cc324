import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import type { JsonObject } from '../model/json';
import { assessReadiness, type ReadinessFinding } from '../model/readiness-rules';
import { quoteText } from '../model/untrusted-text';
import { fetchInstance } from '../resources/instance';
import { key, view } from '../vocabulary/result-keys';

/** Maximum number of parallel requests to a platform. Such requests are slow, and a worker serves few at once. */
const CONCURRENCY = 4;
/** Maximum number of characters of a machine's name. */
const NAME_LENGTH = 120;
/** Maximum number of characters of a finding. */
const MESSAGE_LENGTH = 300;

/** Verdict about a machine for each status of its worst finding. */
const VERDICTS = { blocking: 'blocked', warning: 'ready_with_warnings', note: 'ready' } as const;
const ORDER = ['blocked', 'ready_with_warnings', 'ready'] as const;

/** A machine with the findings of the readiness rules, worst first. */
export interface MachineReadiness {
  readonly name: string;
  readonly findings: readonly ReadinessFinding[];
}

/** Readiness of several machines. */
export interface ReadinessAssessment {
  readonly machines: readonly MachineReadiness[];
}

const verdictOf = ({ findings }: MachineReadiness): (typeof ORDER)[number] =>
  VERDICTS[findings[0]?.status ?? 'note'];

const rank = (machine: MachineReadiness): number => ORDER.indexOf(verdictOf(machine));

const countOf = ({ machines }: ReadinessAssessment, verdict: (typeof ORDER)[number]): number =>
  machines.filter((machine) => verdictOf(machine) === verdict).length;

const nameOf = ({ name }: MachineReadiness): string => quoteText(name, NAME_LENGTH);

/** Result view of the readiness of machines, whether or not they are in a transfer. */
export const readinessView = view<ReadinessAssessment>()({
  assessed: key.number('Machines assessed', ({ machines }: ReadinessAssessment) => machines.length),
  blocked: key.number('Machines that cannot be moved as they are', (all: ReadinessAssessment) =>
    countOf(all, 'blocked'),
  ),
  warned: key.number('Machines with warnings only', (all: ReadinessAssessment) =>
    countOf(all, 'ready_with_warnings'),
  ),
  machines: key.rows(
    'Machines with findings, the worst first',
    {
      instance: key.text('Machine', nameOf, { untrusted: true }),
      verdict: key.text('blocked, ready_with_warnings or ready', verdictOf),
      findings: key.rows('Findings, the worst first', {
        check: key.text('Name of the rule'),
        status: key.text('blocking, warning or note'),
        message: key.text('Finding', ({ message }: ReadinessFinding) => quoteText(message, MESSAGE_LENGTH), {
          untrusted: true,
        }),
        source: key.text('Source of the rule'),
      }),
    },
    ({ machines }: ReadinessAssessment) =>
      machines.filter(({ findings }) => findings.length > 0).sort((one, other) => rank(one) - rank(other)),
  ),
  ready: key.texts(
    'Machines without findings',
    ({ machines }: ReadinessAssessment) =>
      machines.filter(({ findings }) => findings.length === 0).map(nameOf),
    { untrusted: true },
  ),
});

/** Finding about a machine that the platform does not know. */
const UNKNOWN_MACHINE: ReadinessFinding = {
  check: 'exists',
  status: 'blocking',
  message: 'The platform has no machine with this name.',
  source: 'docs/reference/coriolis-api.md §7.4',
};

/**
 * Assesses machines of an endpoint by the readiness rules (src/model/readiness). Costs one request to the platform for
 * each machine. A disk counts as shared when several of these machines have it. A machine that the platform does not
 * know is blocked.
 */
export async function fetchMachineReadiness(
  coriolis: Coriolis,
  endpointId: string,
  instances: readonly string[],
  environment: JsonObject | undefined,
): Promise<ReadinessAssessment> {
  const data = await mapConcurrently(instances, CONCURRENCY, (instance) =>
    tolerateErrors(fetchInstance(coriolis, endpointId, instance, environment), ['not_found'], undefined),
  );
  const findings = assessReadiness(instances.map((name, index) => ({ name, data: data[index] })));
  return {
    machines: instances.map((name, index) => ({
      name,
      findings: data[index] === undefined ? [UNKNOWN_MACHINE] : (findings[index] ?? []),
    })),
  };
}
