import { asError, ConflictError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { isObject, type JsonObject } from '../../model/json';
import { formatCount } from '../../model/display-texts';
import { shortenHash } from '../../model/wave-note';
import type { Preview } from '../../vocabulary/preview';
import { groupBy } from '../group-by';
import { describeMapPairs } from '../migration-preview';
import { fetchRouteDescription } from '../transfer-preview';
import { findUnapprovedRows, readPlanHash } from './unapproved-rows';
import type { WaveInput } from './wave-input';
import type { MachineWait } from './admission-types';
import { planWave, type WavePlan } from './plan';
import type { PlannedRow } from './planned-row';
import { requireKnownMachineNames, isNameOfRow } from './machine-name-filter';
import type { WaveRunOptions } from './wave-run-options';
import { planVerdictOf } from './wave-views';

type Previewed = Pick<WaveRunOptions, 'planHash' | 'rowHashes' | 'only' | 'until'>;

/** Maximum number of names in one line. */
const MAX_NAMES_PER_LINE = 20;
/** Maximum number of machines named as left out, and maximum number of different moves that are described. */
const SHOWN = 10;

/**
 * Previews the run of a wave: which machines are moved where and how, which sources are shut down, and what is left
 * out. The preview is a refusal when the run itself would be refused. Reads only.
 *
 * @throws {InvalidInputError} a name that the table does not have
 */
export async function previewWaveRun(
  coriolis: Coriolis,
  input: WaveInput,
  { planHash, rowHashes, only, until }: Previewed,
): Promise<Preview> {
  const approved = readPlanHash(planHash);
  const plan = await planWave(coriolis, input, { approved });
  requireKnownMachineNames(plan, only);
  const meant = plan.rows.filter((row) => only === undefined || only.some((name) => isNameOfRow(row, name)));
  const unapproved = unapprovedRows(plan, approved, rowHashes);
  const why = (row: PlannedRow): string | null => row.problem ?? unapproved?.get(row)?.why ?? null;
  const ready = meant.filter((row) => why(row) === null);
  const off = until === 'cut_over' ? ready.filter(({ shutdown }) => shutdown) : [];
  const leftOut = meant.filter((row) => why(row) !== null);
  return {
    subject: {
      id: shortenHash(approved),
      name: [...new Set(meant.map(({ wave }) => wave))].join(', '),
      status: planVerdictOf(plan),
      changed: shortenHash(plan.hash),
    },
    consequences: [
      `Run until ${until.replace('_', ' ')}: ${ready.length} of ${formatCount(meant.length, 'machine')}.`,
      ...(await describeMoves(coriolis, ready)),
      ...describeShutdown(off, ready),
      ...leftOut.slice(0, SHOWN).map((row) => `Left out: ${row.name}, ${why(row) ?? ''}.`),
      ...(leftOut.length > SHOWN
        ? [`Left out besides: ${formatCount(leftOut.length - SHOWN, 'machine')}.`]
        : []),
      ...plan.checks
        .filter(({ status }) => status === 'blocking')
        .map(({ message }) => `In the way: ${message}`),
    ],
    refusal:
      unapproved === undefined
        ? 'the plan has changed since it was approved'
        : ready.length === 0
          ? 'none of its machines can be moved'
          : undefined,
  };
}

/** Sentences about the sources that are shut down. Their names are left out when all moved machines are shut down. */
function describeShutdown(off: readonly PlannedRow[], ready: readonly PlannedRow[]): readonly string[] {
  if (off.length === 0) return [];
  const sources = formatCount(off.length, 'source machine');
  const words = 'shut down, and not started again by Coriolis';
  return off.length === ready.length
    ? [`All of these are ${words}: ${sources}.`]
    : [`Of these are ${words}: ${sources}:`, ...joinInLines(off.map(({ name }) => name))];
}

/** Rows that are not as approved, with the reasons; undefined when no row is as approved. */
function unapprovedRows(
  plan: WavePlan,
  approved: string,
  rowHashes: WaveRunOptions['rowHashes'],
): ReadonlyMap<PlannedRow, MachineWait> | undefined {
  try {
    return findUnapprovedRows(plan, approved, rowHashes);
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw asError(error);
  }
}

/** Joins names into lines of at most `MAX_NAMES_PER_LINE` names. */
export function joinInLines(names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < names.length; start += MAX_NAMES_PER_LINE)
    lines.push(names.slice(start, start + MAX_NAMES_PER_LINE).join(', '));
  return lines;
}

/** Sentences about each way in which machines are moved: the machines, then endpoints, syncs, networks and storage. */
async function describeMoves(coriolis: Coriolis, rows: readonly PlannedRow[]): Promise<readonly string[]> {
  const groups = [...groupBy(rows, (row) => JSON.stringify(moveOf(row))).values()];
  const shown = await Promise.all(
    groups.slice(0, SHOWN).map(async (group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { origin, destination, networks, storage, passes } = moveOf(first);
      const route = await fetchRouteDescription(coriolis, origin, destination);
      return [
        ...joinInLines(group.map(({ name }) => name)).map((names) => `Moved ${route}: ${names}.`),
        `For these: ${formatCount(passes, 'sync')} before the deployment. ${describeMapPairs('Networks', networks)} ${describeMapPairs('Storage', storage)}`,
      ];
    }),
  );
  const more = groups.length - SHOWN;
  return [
    ...shown.flat(),
    ...(more > 0 ? [`And in ${formatCount(more, 'other way')}, as the plan says.`] : []),
  ];
}

/** Way in which a machine is moved. */
interface Move {
  readonly origin: string;
  readonly destination: string;
  readonly networks: JsonObject;
  readonly storage: JsonObject;
  readonly passes: number;
}

function moveOf(row: PlannedRow): Move {
  const { existingTransfer, settings, originEndpointId, destinationEndpointId, passes } = row;
  const maps =
    existingTransfer.kind === 'own' || existingTransfer.kind === 'adopted'
      ? existingTransfer.transfer
      : { network_map: settings['network_map'], storage_mappings: settings['storage_mappings'] };
  return {
    origin: originEndpointId ?? '',
    destination: destinationEndpointId ?? '',
    networks: isObject(maps.network_map) ? maps.network_map : {},
    storage: storagePairs(maps.storage_mappings),
    passes,
  };
}

/** Storage mappings of a transfer as pairs of source and destination; the default storage has the source "default". */
function storagePairs(storage: unknown): JsonObject {
  if (!isObject(storage)) return {};
  const pairs = (key: string, source: string): ReadonlyArray<readonly [string, unknown]> =>
    Array.isArray(storage[key])
      ? storage[key].filter(isObject).map((one) => [String(one[source]), one['destination']] as const)
      : [];
  const standard = storage['default'];
  return Object.fromEntries([
    ...(typeof standard === 'string' ? [['default', standard] as const] : []),
    ...pairs('backend_mappings', 'source'),
    ...pairs('disk_mappings', 'disk_id'),
  ]);
}
