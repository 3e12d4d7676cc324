import type { Coriolis } from '../api/operation-context';
import type { CopyState, LastCopyFacts } from '../model/last-copy';
import type { Instance, Transfer } from '../model/api-objects';
import { key, pickShape, view } from '../vocabulary/result-keys';
import {
  findCachedLastCopy,
  fetchLastCopies,
  makeLastCopyFacts,
  lastCopyKeys,
  NO_LAST_COPY,
  MAX_COPY_LOOKUPS,
  type TransferChangeMarks,
} from './fetch-last-copies';
import { fetchPaged } from '../requests/object-requests';
import { instanceIdentifierOf, instanceKeys } from '../resources/instance';

/** Kinds of coverage of a machine: it is in a transfer of scenario replica, only in migrations, or in no transfer. */
export const MACHINE_COVERAGES = ['replica', 'migration', 'none'] as const;
export type MachineCoverage = (typeof MACHINE_COVERAGES)[number];

/** A machine with its coverage and its last usable copy; these keys are null when no coverage was asked for. */
export type InstanceWithCoverage = Instance & LastCopyFacts & { readonly coverage: MachineCoverage | null };

/** A machine as one row of a list, without its devices, with its coverage. */
export const instanceWithCoverageView = view<InstanceWithCoverage>()({
  ...pickShape(instanceKeys, 'instance', 'name', 'os_type', 'vcpus', 'memory_mb', 'firmware'),
  coverage: key.text(
    'replica, migration (only in migrations) or none; null unless the coverage was asked for',
    { nullable: true },
  ),
  ...lastCopyKeys,
});

/**
 * Transfers of one machine by scenario, newest first. Both lists are empty for a machine that only a direct migration
 * of a legacy server moves.
 */
interface MachineTransfers {
  readonly replicas: TransferChangeMarks[];
  readonly migrations: TransferChangeMarks[];
}

/** Page size of a pass over all transfers; 1,000 rows are about 1.5 MB. */
const PAGE = 1000;

/**
 * Reads which transfers move the machines of an endpoint. Keys are the texts with which transfers name the machines.
 * Takes one pass over the transfers, and on legacy servers another one over the direct migrations, which are no
 * transfers there.
 */
async function transfersByMachine(
  coriolis: Coriolis,
  endpointId: string,
): Promise<ReadonlyMap<string, MachineTransfers>> {
  const machines = new Map<string, MachineTransfers>();
  const of = (instance: string): MachineTransfers => {
    const known = machines.get(instance) ?? { replicas: [], migrations: [] };
    machines.set(instance, known);
    return known;
  };
  for await (const row of fetchPaged(coriolis, 'transfer', [], { pageSize: PAGE })) {
    if (row.origin_endpoint_id !== endpointId) continue;
    const { id, updated_at, last_execution_status } = row;
    const kept: TransferChangeMarks = { id, updated_at, last_execution_status };
    for (const instance of row.instances)
      (isMigration(row) ? of(instance).migrations : of(instance).replicas).push(kept);
  }
  if ((await coriolis.client.detectGeneration()) !== 'legacy') return machines;
  for await (const row of fetchPaged(coriolis, 'deployment', [], { pageSize: PAGE })) {
    if (row.transfer_id !== null || row.origin_endpoint_id !== endpointId) continue;
    row.instances.forEach(of);
  }
  return machines;
}

/** Transfers of a machine. A transfer may name the machine by its identifier, its id or its name. */
function transfersOf(
  machines: ReadonlyMap<string, MachineTransfers>,
  instance: Instance,
): MachineTransfers | undefined {
  const texts = new Set([instanceIdentifierOf(instance), instance.id, instance.name]);
  const found = [...texts].flatMap((text) => machines.get(text) ?? []);
  if (found.length <= 1) return found[0];
  return {
    replicas: found.flatMap(({ replicas }) => replicas),
    migrations: found.flatMap(({ migrations }) => migrations),
  };
}

const isMigration = ({ scenario }: Transfer): boolean => scenario === 'live_migration';

function coverageOf(transfers: MachineTransfers | undefined): MachineCoverage {
  if (transfers === undefined) return 'none';
  return transfers.replicas.length > 0 ? 'replica' : 'migration';
}

/** Number of machines whose copies are looked up in one go. */
const BATCH = 24;

/**
 * Adds the coverage and the last usable copy to machines of an endpoint, and keeps only those with the wanted coverage.
 * The copy is the newest one in the replicas of a machine, or in its migrations when it has no replica. After
 * `MAX_COPY_LOOKUPS` transfers whose copies are not cached, further copies are marked as not looked up.
 *
 * @param wanted coverage of the machines to keep; undefined for all
 */
export async function* withCoverage(
  coriolis: Coriolis,
  endpointId: string,
  instances: AsyncIterable<Instance>,
  wanted: MachineCoverage | undefined,
): AsyncIterable<InstanceWithCoverage> {
  const transfers = await transfersByMachine(coriolis, endpointId);
  let left = MAX_COPY_LOOKUPS;
  const finish = async (batch: readonly Instance[]): Promise<readonly InstanceWithCoverage[]> => {
    const rows = batch.map((instance) => {
      const found = transfersOf(transfers, instance);
      const coverage = coverageOf(found);
      return {
        instance,
        coverage,
        holders: (coverage === 'replica' ? found?.replicas : found?.migrations) ?? [],
      };
    });
    const holders = [...new Set(rows.flatMap((row) => row.holders))];
    const states = await fetchLastCopies(coriolis, holders, left);
    left = Math.max(
      0,
      left - holders.filter((one) => findCachedLastCopy(coriolis, one) === undefined).length,
    );
    return rows.map(({ instance, coverage, holders: own }) => ({
      ...instance,
      coverage,
      ...(own.length === 0
        ? NO_LAST_COPY
        : makeLastCopyFacts(newestCopy(own, states), coriolis.client.serverTime)),
    }));
  };
  let batch: Instance[] = [];
  for await (const instance of instances) {
    if (wanted !== undefined && coverageOf(transfersOf(transfers, instance)) !== wanted) continue;
    batch.push(instance);
    if (batch.length < BATCH) continue;
    yield* await finish(batch);
    batch = [];
  }
  yield* await finish(batch);
}

/**
 * The newest copy of a machine in any of its transfers. Without one, the state of its newest transfer, which says why
 * there is no copy. Undefined when no copy is known and a transfer was not looked up.
 */
function newestCopy(
  transfers: readonly TransferChangeMarks[],
  states: ReadonlyMap<string, CopyState>,
): CopyState | undefined {
  const known = transfers.map(({ id }) => states.get(id));
  const [newest] = known
    .filter((state) => state !== undefined)
    .filter(({ copy }) => copy !== null)
    .sort((one, other) => String(other.copy?.at).localeCompare(String(one.copy?.at)));
  return newest ?? (known.includes(undefined) ? undefined : known[0]);
}
