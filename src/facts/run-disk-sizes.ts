import type { ApiClient } from '../api/api-client';
import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import { diskSizesOfMachine, diskSizesIn, NO_DISK_SIZES, type DiskSizes } from '../model/disk-sizes';
import { COPY_TASK_TYPE } from '../model/task-progress';
import { isActive, statusOf, taskPhaseOf } from '../model/status';
import type { TransferOrDeployment, Deployment, Execution } from '../model/api-objects';
import { fetchOneWithTime, fetchOne } from '../requests/object-requests';
import { fetchInstanceOf } from '../resources/instance';

/** Cached disk sizes of one run. */
interface Entry {
  readonly sizes: Promise<DiskSizes>;
  /**
   * Machines whose copy had begun when the sizes were read. The server knows their sizes, since the data of a machine
   * appear before its copy begins. When another machine begins, the sizes are read again.
   */
  readonly copied: readonly string[];
}

/** Disk sizes by run id, for each client. Sizes do not change during a run. */
const memory = new WeakMap<ApiClient, Map<string, Entry>>();
/** Maximum number of cached runs for each client. */
const MAX_REMEMBERED = 2000;

/** Maximum number of machines of one run whose sizes are read from the platform; more would take too long. */
const MAX_MACHINES = 20;
const CONCURRENCY = 4;
/** Kinds of errors after which the sizes count as unknown. */
const TOLERATED = [
  'capability',
  'forbidden',
  'invalid_input',
  'not_found',
  'server',
  'timeout',
  'unreachable',
] as const;

/**
 * Finds the sizes of the disks that a run is copying; empty while it copies nothing. They come from the instance data
 * of its transfer, and on servers that do not show these data (before 1.1.9) from the source platform. They are cached,
 * and read again only when the copy of a further machine begins.
 */
export async function fetchDiskSizes(coriolis: Coriolis, run: Execution | Deployment): Promise<DiskSizes> {
  const copied = (run.tasks ?? [])
    .filter(({ task_type: type, status }) => type === COPY_TASK_TYPE && taskPhaseOf(status) === 'active')
    .map(({ instance }) => instance);
  if (copied.length === 0 || !isActive(statusOf(run))) return NO_DISK_SIZES;
  const { withoutDefaults } = coriolis.client;
  const known = memory.get(withoutDefaults) ?? new Map<string, Entry>();
  memory.set(withoutDefaults, known);
  const before = known.get(run.id);
  if (before !== undefined && copied.every((instance) => before.copied.includes(instance))) {
    return await before.sizes;
  }
  if (known.size >= MAX_REMEMBERED) known.clear();
  const sizes = readSizes(coriolis, run);
  known.set(run.id, { sizes, copied: [...copied, ...(before?.copied ?? [])] });
  try {
    return await sizes;
  } catch {
    // Without sizes there is no percentage; the run itself can still be shown.
    known.delete(run.id);
    return NO_DISK_SIZES;
  }
}

async function readSizes(coriolis: Coriolis, run: Execution | Deployment): Promise<DiskSizes> {
  const action = await actionOf(coriolis, run);
  if (action === undefined) return NO_DISK_SIZES;
  const sizes = diskSizesIn(action.info);
  if (sizes.size > 0 || action.instances.length > MAX_MACHINES) return sizes;
  const found = await mapConcurrently(action.instances, CONCURRENCY, async (instance) => {
    const machine = await tolerateErrors(fetchInstanceOf(coriolis, action, instance), TOLERATED, undefined);
    return [instance, diskSizesOfMachine(instance, machine)] as const;
  });
  return new Map(found.flatMap(([name, disks]) => (disks === undefined ? [] : [[name, disks] as const])));
}

/** The transfer of an execution, or the deployment itself, with instance data where the server shows them. */
async function actionOf(
  coriolis: Coriolis,
  run: Execution | Deployment,
): Promise<TransferOrDeployment | undefined> {
  if ('instances' in run) return run;
  const detailed = fetchOneWithTime(coriolis, 'transfer', [run.action_id], { include_task_info: true });
  const known = await tolerateErrors(detailed, ['capability', 'not_found'], undefined);
  return (
    known?.object ??
    (await tolerateErrors(fetchOne(coriolis, 'transfer', run.action_id), TOLERATED, undefined))
  );
}
