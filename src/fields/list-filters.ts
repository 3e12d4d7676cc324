import { InvalidInputError } from '../api/errors';
import { statusLabelOf, statusOf } from '../model/status';
import { hasTag } from '../model/note-tags';
import type { TransferOrDeployment, Deployment, Execution, Transfer } from '../model/api-objects';
import { choice, list, text } from '../vocabulary/field-constructors';

/**
 * Statuses by which lists can be filtered. The server's own filter refuses some of them with 400
 * (docs/reference/coriolis-api.md §17, trap 11), and servers before 1.2.3 ignore it. So every row is also checked here.
 */
const statuses = [
  'UNEXECUTED',
  'PENDING',
  'AWAITING_MINION_ALLOCATIONS',
  'RUNNING',
  'CANCELLING',
  'COMPLETED',
  'ERROR',
  'CANCELED',
  'CANCELED_FOR_DEBUGGING',
  'DEADLOCKED',
  'ERROR_ALLOCATING_MINIONS',
] as const;

export const statusFilterField = choice(
  'Status',
  'Only rows with this status.',
  statuses.map((value) => ({ value, title: statusLabelOf(value) })),
  { optional: true },
);

/** Filter by several statuses. */
export const statusesFilterField = list('Statuses', 'Only rows with any of these statuses.', {
  optional: true,
  advanced: true,
  placeholder: 'ERROR, CANCELED',
});

/** Filter by a tag in the notes. */
export const tagFilterField = text('Tag', 'Tag that the notes must have: nightly for #nightly.', {
  optional: true,
  advanced: true,
});

/** Makes a filter for rows whose notes have a tag; undefined without one. */
export const makeTagMatcher = (
  tag: string | undefined,
): ((row: { readonly notes: string | null }) => boolean) | undefined =>
  tag === undefined ? undefined : ({ notes }) => hasTag(notes, tag);

/** Makes a filter for rows with any of the given statuses, in upper or lower case; undefined when none are given. */
export function makeStatusMatcher(
  given: readonly string[] | undefined,
): ((row: TransferOrDeployment | Execution) => boolean) | undefined {
  if (given === undefined || given.length === 0) return undefined;
  const wanted = given.map((one) => one.trim().toUpperCase());
  const unknown = wanted.find((one) => !(statuses as readonly string[]).includes(one));
  if (unknown !== undefined) {
    throw new InvalidInputError(`statuses: no status is called "${unknown}".`, {
      field: 'statuses',
      advice: `Choose from ${statuses.join(', ')}.`,
    });
  }
  return (row) => wanted.includes(statusOf(row));
}

/**
 * Makes a filter for rows with a text that contains `search`, in upper or lower case; undefined when nothing is
 * searched for.
 */
export function makeTextMatcher<Row>(
  search: string | undefined,
  textsOf: (row: Row) => readonly string[],
): ((row: Row) => boolean) | undefined {
  if (search === undefined) return undefined;
  const wanted = search.toLowerCase();
  return (row) => textsOf(row).some((one) => one.toLowerCase().includes(wanted));
}

/** Conditions for filtering transfers and deployments, by what they move and between which endpoints. */
export interface TransferOrDeploymentFilter {
  /** Text in the notes or the names of machines. */
  readonly search?: string | undefined;
  /** Tag in the notes. */
  readonly tag?: string | undefined;
  /** Id of the origin or the destination endpoint. */
  readonly endpointId?: string | undefined;
  readonly scenario?: string | undefined;
}

/** Makes a filter for transfers and deployments; undefined without any condition. */
export const makeTransferOrDeploymentMatcher = ({
  search,
  tag,
  endpointId,
  scenario,
}: TransferOrDeploymentFilter) =>
  combineMatchers<Transfer | Deployment>(
    scenario === undefined ? undefined : (one) => scenarioOf(one) === scenario,
    endpointId === undefined
      ? undefined
      : (one) => [one.origin_endpoint_id, one.destination_endpoint_id].includes(endpointId),
    makeTextMatcher(search, ({ notes, instances }) => [notes ?? '', ...instances]),
    makeTagMatcher(tag),
  );

/**
 * Scenario of a transfer, or of the transfer that a deployment belongs to. A direct migration of a legacy server counts
 * as a live migration.
 */
function scenarioOf(row: Transfer | Deployment): string {
  if (!('transfer_id' in row)) return row.scenario ?? 'replica';
  return row.transfer_scenario_type ?? (row.transfer_id === null ? 'live_migration' : 'replica');
}

/** Combines filters into one that requires all of them; undefined without any filter. */
export function combineMatchers<Row>(
  ...filters: ReadonlyArray<((row: Row) => boolean) | undefined>
): ((row: Row) => boolean) | undefined {
  const given = filters.filter((filter) => filter !== undefined);
  return given.length === 0 ? undefined : (row) => given.every((filter) => filter(row));
}
