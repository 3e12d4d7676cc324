import { pagingCursorAfter } from '../api/coriolis-client';
import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { parseMigrationPlan } from '../model/migration-plan';
import { formatServerTime, toWords, displayNameOf } from '../model/display-texts';
import type { Deployment, Endpoint, MinionPool, Region, Transfer } from '../model/api-objects';
import type { LastCopyFacts } from '../model/last-copy';
import { fetchOptional, type ObjectTypes } from '../requests/object-requests';
import type { ReferableResource } from '../vocabulary/field';
import type { Candidate } from './candidate';

/** Resources whose objects a caller can give by an exact, unique name instead of an id. */
export type NamedResource = 'endpoint' | 'transfer' | 'migration' | 'minionPool' | 'region';

/** Kinds of the API's objects that the lists of these resources contain. */
export type ListedObjectKind = 'endpoint' | 'transfer' | 'deployment' | 'minionPool' | 'region';

/** List of the objects of a named resource. */
interface NamedList {
  /** Kind of the objects in the list, which depends on the server's generation. */
  kind(coriolis: Coriolis): Promise<ListedObjectKind>;
  /** Makes the candidate of a row; undefined when the row is no object of the resource. */
  candidate(row: ObjectTypes[ListedObjectKind]): Candidate | undefined;
}

/** Makes a list whose objects have the same kind on all servers. */
const listOf = <K extends ListedObjectKind>(
  kind: K,
  candidate: (row: ObjectTypes[K]) => Candidate,
): NamedList => ({
  kind: () => Promise.resolve(kind),
  // The cast is safe: the rows of a list have its kind.
  candidate: (row) => candidate(row as ObjectTypes[K]),
});

/** Makes the candidate of an endpoint. */
export const makeEndpointCandidate = ({ id, name, type }: Endpoint): Candidate => ({
  value: id,
  name,
  detail: type,
});

/** Makes the candidate of a minion pool. */
export const makePoolCandidate = ({ id, name, platform, status }: MinionPool): Candidate => ({
  value: id,
  name,
  detail: `${platform}, ${status}`,
});

/** Makes the candidate of a region. */
export const makeRegionCandidate = ({ id, name, enabled }: Region): Candidate => ({
  value: id,
  name,
  detail: enabled ? 'enabled' : 'disabled',
});

/**
 * Full name of a transfer or migration: all of its notes, with the bracketed text of a migration or wave that the display
 * name leaves out. Undefined without notes.
 */
const fullNameOf = ({ notes }: Pick<Transfer, 'notes'>): string | undefined => {
  const text = notes?.trim() ?? '';
  return text === '' ? undefined : text;
};

/** Makes the candidate of a transfer, with its last usable copy when that was looked up. */
export const makeTransferCandidate = (transfer: Transfer & Partial<LastCopyFacts>): Candidate => ({
  value: transfer.id,
  position: pagingCursorAfter(transfer),
  name: displayNameOf(transfer),
  fullName: fullNameOf(transfer),
  aliases: transfer.instances,
  // Forms cut off long lines, so the scenario is shown only when it is not the usual one.
  detail: [
    transfer.last_execution_status,
    ...copyWords(transfer),
    ...[transfer.scenario ?? 'replica'].filter((one) => one !== 'replica').map(toWords),
  ].join(', '),
});

function copyWords({
  last_copy_at: at = null,
  no_copy_reason: reason = 'not_looked_up',
  ...row
}: Transfer & Partial<LastCopyFacts>) {
  if (at !== null) return [`copy of ${formatServerTime(at)}`];
  if (reason === 'not_looked_up') return row.updated_at === null ? [] : [formatServerTime(row.updated_at)];
  return reason === 'never_synced' && row.last_execution_status === 'UNEXECUTED' ? [] : ['no usable copy'];
}

/**
 * Makes the candidate of a migration, which is a direct migration on legacy servers and a transfer with a plan on
 * current ones. Undefined for other rows.
 */
export function makeMigrationCandidate(row: Deployment | Transfer): Candidate | undefined {
  const isOne = 'transfer_id' in row ? row.transfer_id === null : parseMigrationPlan(row.notes) !== undefined;
  if (!isOne) return undefined;
  return {
    value: row.id,
    position: pagingCursorAfter(row),
    name: displayNameOf(row),
    fullName: fullNameOf(row),
    detail: `${row.instances.join(', ')}, ${formatServerTime(row.created_at)}`,
  };
}

/** Lists in which names are looked up, by resource. */
export const nameLookupLists: { readonly [R in NamedResource]: NamedList } = {
  endpoint: listOf('endpoint', makeEndpointCandidate),
  transfer: listOf('transfer', makeTransferCandidate),
  minionPool: listOf('minionPool', makePoolCandidate),
  region: listOf('region', makeRegionCandidate),
  migration: {
    kind: async ({ client }) => ((await client.detectGeneration()) === 'legacy' ? 'deployment' : 'transfer'),
    candidate: (row) => makeMigrationCandidate(row as Deployment | Transfer),
  },
};

/** Whether the objects of a resource can be given by name. */
export const canBeGivenByName = (resource: ReferableResource): resource is NamedResource =>
  Object.hasOwn(nameLookupLists, resource);

/** Reads the objects with these ids, as candidates for an error message. Deleted ones are left out. */
export async function fetchCandidatesByIds(
  coriolis: Coriolis,
  resource: NamedResource,
  ids: readonly string[],
): Promise<readonly Candidate[]> {
  const { kind, candidate } = nameLookupLists[resource];
  const of = await kind(coriolis);
  const rows = await mapConcurrently(ids, CONCURRENCY, (id) => fetchOptional(coriolis, of, [id]));
  return rows.flatMap((row) => (row === undefined ? [] : (candidate(row) ?? [])));
}

const CONCURRENCY = 4;
