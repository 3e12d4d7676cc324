import type { Coriolis } from '../../api/operation-context';
import { isObject, type JsonObject } from '../../model/json';
import { formatCount } from '../../model/display-texts';
import type { Instance, Transfer } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { fetchNetworks, fetchStorage } from '../../resources/endpoint-platform';
import {
  makeBlockingCheck,
  quoteFirstNames,
  makeOkCheck,
  awaitAnswerOrFailure,
  UNANSWERED_ERROR_KINDS,
  FailedAnswer,
  makeWarningCheck,
  type PreflightCheck,
} from './preflight-check';

/** Checks of the network map and the storage mappings against the machines and the destination. */

/** Checks that each network of the machines is mapped, and that the mapped networks exist on the destination. */
export async function checkNetworks(
  coriolis: Coriolis,
  { destination_endpoint_id: id, network_map: map, destination_environment: environment }: Transfer,
  machines: readonly Instance[],
): Promise<PreflightCheck> {
  const mapped = map ?? {};
  const nameless = Object.entries(mapped).filter(([, entry]) => networkOf(entry) === undefined);
  if (nameless.length > 0)
    return makeBlockingCheck(
      'networks',
      `The network map names no network for ${quoteFirstNames(nameless.map(([source]) => source))}: give an id or a name, or an object with the key id.`,
    );
  const used = machines
    .flatMap(({ devices }) => devices?.nics ?? [])
    .flatMap(({ network_name: name }) => name ?? []);
  const unmapped = [...new Set(used)].filter((name) => !Object.hasOwn(mapped, name));
  const offered = await awaitAnswerOrFailure(
    fetchNetworks(coriolis, id, environment ?? undefined),
    UNANSWERED_ERROR_KINDS,
  );
  const isOffered = (wanted: string): boolean =>
    offered instanceof FailedAnswer ||
    offered.some((network) => spellings(wanted).some((name) => [network.id, network.name].includes(name)));
  const unknown = Object.values(mapped).flatMap((entry) => {
    const wanted = networkOf(entry) ?? '';
    return isOffered(wanted) ? [] : [wanted];
  });
  if (unknown.length > 0)
    return makeBlockingCheck('networks', `The destination has no network ${quoteFirstNames(unknown)}.`);
  if (unmapped.length > 0)
    return makeWarningCheck(
      'networks',
      `No destination is given for ${quoteFirstNames(unmapped)}: most platforms then refuse to deploy.`,
    );
  if (offered instanceof FailedAnswer)
    return makeWarningCheck(
      'networks',
      `The networks of the destination could not be read, so the network map was not checked (${offered.words}).`,
    );
  return makeOkCheck(
    'networks',
    machines.length === 0 ? 'Each network of the map exists.' : 'Each network has its destination.',
  );
}

/**
 * The destination network in an entry of a network map, which is `id`, `id:port key` or `{id, …}`
 * (docs/reference/coriolis-api.md §11.1). Undefined when the entry names none.
 */
function networkOf(entry: unknown): string | undefined {
  const named = isObject(entry) ? entry['id'] : entry;
  return typeof named === 'string' && named.trim() !== '' ? named : undefined;
}

/**
 * Names under which a platform may know an object: the given name, and the name without the suffix that some platforms
 * accept after a colon, such as a port key or a bus type.
 */
const spellings = (name: string): readonly string[] => [name, name.replace(/:[^:]*$/u, '')];

/** Checks that the mapped storage exists on the destination, and counts the disks that have no mapping. */
export async function checkStorage(
  coriolis: Coriolis,
  { destination_endpoint_id: id, storage_mappings: mappings, destination_environment: environment }: Transfer,
  machines: readonly Instance[],
): Promise<PreflightCheck> {
  const { default: standard, backend_mappings: backends, disk_mappings: disks } = mappings ?? {};
  const backendRows = mappingRows(backends, 'source');
  const diskRows = mappingRows(disks, 'disk_id');
  const nameless = [...backendRows, ...diskRows].filter(({ destination }) => destination === undefined);
  if (nameless.length > 0)
    return makeBlockingCheck(
      'storage',
      `The storage mappings name no destination for ${quoteFirstNames(nameless.map(({ source }) => source))}.`,
    );
  if (standard !== undefined && standard !== null && typeof standard !== 'string')
    return makeBlockingCheck('storage', 'The default of the storage mappings is not the name of a storage.');
  const fallback = typeof standard === 'string' ? standard : undefined;
  const offered = await awaitAnswerOrFailure(
    fetchStorage(coriolis, id, environment ?? undefined),
    UNANSWERED_ERROR_KINDS,
  );
  const wanted = [
    ...(fallback === undefined ? [] : [fallback]),
    ...[...backendRows, ...diskRows].flatMap(({ destination }) => destination ?? []),
  ];
  const unknown =
    offered instanceof FailedAnswer
      ? []
      : [...new Set(wanted)].filter(
          // Some platforms take "name:bus type" (docs/reference/coriolis-api.md §11.2).
          (name) => !offered.backends.some((one) => spellings(name).includes(one.name)),
        );
  if (unknown.length > 0)
    return makeBlockingCheck('storage', `The destination has no storage ${quoteFirstNames(unknown)}.`);
  if (offered instanceof FailedAnswer && wanted.length > 0)
    return makeWarningCheck(
      'storage',
      `The storage of the destination could not be read, so the storage mappings were not checked (${offered.words}).`,
    );
  if (machines.length === 0) return makeOkCheck('storage', 'Each storage of the mappings exists.');
  const unmapped = machines
    .flatMap(({ devices }) => devices?.disks ?? [])
    .filter(
      (disk) =>
        !diskRows.some(({ source }) => source === disk.id) &&
        !backendRows.some(({ source }) => source === disk.storage_backend_identifier),
    ).length;
  return unmapped > 0 && fallback === undefined
    ? makeOkCheck(
        'storage',
        `${formatCount(unmapped, 'disk')} ${unmapped === 1 ? 'goes' : 'go'} to the platform's standard storage${standardStorageName(offered)}.`,
      )
    : makeOkCheck('storage', 'Each disk has its destination.');
}

/**
 * Rows of a storage mapping, with the destination undefined where a row has none.
 *
 * @param keyName key of the source in a row
 */
function mappingRows(
  given: unknown,
  keyName: string,
): ReadonlyArray<{ readonly source: string; readonly destination: string | undefined }> {
  return (Array.isArray(given) ? (given as unknown[]) : []).map((row) => {
    const { [keyName]: source, destination }: JsonObject = isObject(row) ? row : {};
    return {
      source: typeof source === 'string' ? source : `a row without ${keyName}`,
      destination: typeof destination === 'string' && destination.trim() !== '' ? destination : undefined,
    };
  });
}

/** Name of the platform's standard storage, as the end of a sentence; empty when it is unknown. */
const standardStorageName = (offered: FailedAnswer | { readonly standard: string | undefined }): string =>
  offered instanceof FailedAnswer || offered.standard === undefined
    ? ''
    : `, ${quoteText(offered.standard, 60)}`;
