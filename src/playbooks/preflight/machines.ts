import { concurrently } from '../../api/concurrently';
import type { Coriolis } from '../../api/coriolis';
import { isObject } from '../../model/json';
import type { Instance, Transfer } from '../../model/types';
import { quoteText } from '../../model/untrusted';
import { fetchInstance, fetchNetworks, fetchStorage } from '../../resources/platform';
import { blocking, ok, warning } from './check';
import type { Check, Situation } from './check';
import { tolerate } from '../../api/tolerate';

const CONCURRENCY = 4;
const SHOWN = 5;
/** Kinds of errors of a platform that did not answer. The checks of connections and workers then say why. */
const PLATFORM_ERRORS = ['capability', 'timeout', 'server', 'unreachable', 'invalid_input'] as const;
const SILENT = [...PLATFORM_ERRORS, 'not_found'] as const;

const names = (texts: readonly string[]): string =>
  texts
    .slice(0, SHOWN)
    .map((text) => quoteText(text, 60))
    .join(', ') + (texts.length > SHOWN ? ` and ${texts.length - SHOWN} more` : '');

/** Checks that the machines exist, and that each of their networks and disks is mapped to the destination. */
export async function checkMachines(coriolis: Coriolis, situation: Situation): Promise<readonly Check[]> {
  const { transfer } = situation;
  if (situation.origin === null) return [];
  const found = await concurrently(transfer.instances, CONCURRENCY, (instance) =>
    tolerate(
      tolerate(
        fetchInstance(
          coriolis,
          transfer.origin_endpoint_id,
          instance,
          transfer.source_environment ?? undefined,
        ),
        PLATFORM_ERRORS,
        undefined,
      ),
      ['not_found'],
      null,
    ),
  );
  const machines = found.flatMap((machine) => machine ?? []);
  const without = (answer: null | undefined) =>
    transfer.instances.filter((_instance, index) => found[index] === answer);
  return [
    existence(machines.length, without(null), without(undefined)),
    ...(situation.destination === null
      ? []
      : [
          await checkNetworks(coriolis, transfer, machines),
          await checkStorage(coriolis, transfer, machines),
        ]),
  ];
}

function existence(known: number, missing: readonly string[], unasked: readonly string[]): Check {
  if (missing.length > 0) return blocking('machines', `Not found on the source: ${names(missing)}.`);
  if (unasked.length > 0)
    return warning('machines', `The source does not tell whether these exist: ${names(unasked)}.`);
  return ok(
    'machines',
    known === 1 ? 'The machine exists on the source.' : `All ${known} machines exist on the source.`,
  );
}

async function checkNetworks(
  coriolis: Coriolis,
  { destination_endpoint_id: id, network_map: map, destination_environment: environment }: Transfer,
  machines: readonly Instance[],
): Promise<Check> {
  const mapped = map ?? {};
  const used = machines
    .flatMap(({ devices }) => devices?.nics ?? [])
    .flatMap(({ network_name: name }) => name ?? []);
  const unmapped = [...new Set(used)].filter((name) => !(name in mapped));
  const offered = await tolerate(fetchNetworks(coriolis, id, environment ?? undefined), SILENT, null);
  const unknown =
    offered === null
      ? []
      : Object.values(mapped)
          .map(networkOf)
          .filter((wanted) => !offered.some((network) => network.id === wanted || network.name === wanted));
  if (unknown.length > 0) return blocking('networks', `The destination has no network ${names(unknown)}.`);
  if (unmapped.length > 0)
    return warning(
      'networks',
      `No destination is given for ${names(unmapped)}: most platforms then refuse to deploy.`,
    );
  if (offered === null)
    return warning(
      'networks',
      'The destination does not tell its networks, so nobody compared the map with them.',
    );
  return ok(
    'networks',
    machines.length === 0 ? 'Each network of the map exists.' : 'Each network has its destination.',
  );
}

/**
 * The network in an entry of a network map: `id`, `id:port key` or `{id, …}` (docs/reference/coriolis-api.md §11.1).
 */
function networkOf(entry: unknown): string {
  const named = isObject(entry) ? entry['id'] : entry;
  return String(named).replace(/:[^:]*$/u, '');
}

interface StorageMappings {
  readonly default?: string;
  readonly backend_mappings?: ReadonlyArray<{ readonly source: string; readonly destination: string }>;
  readonly disk_mappings?: ReadonlyArray<{ readonly disk_id: string; readonly destination: string }>;
}

async function checkStorage(
  coriolis: Coriolis,
  { destination_endpoint_id: id, storage_mappings: mappings, destination_environment: environment }: Transfer,
  machines: readonly Instance[],
): Promise<Check> {
  const given = (mappings ?? {}) as StorageMappings;
  const offered = await tolerate(fetchStorage(coriolis, id, environment ?? undefined), SILENT, null);
  const wanted = [
    ...(given.default === undefined ? [] : [given.default]),
    ...[...(given.backend_mappings ?? []), ...(given.disk_mappings ?? [])].map(
      ({ destination }) => destination,
    ),
  ];
  const unknown =
    offered === null
      ? []
      : [...new Set(wanted)].filter(
          // Some platforms take "name:bus type" (docs/reference/coriolis-api.md §11.2).
          (name) => !offered.backends.some((one) => [name, name.replace(/:[^:]*$/u, '')].includes(one.name)),
        );
  if (unknown.length > 0) return blocking('storage', `The destination has no storage ${names(unknown)}.`);
  if (offered === null && wanted.length > 0)
    return warning(
      'storage',
      'The destination does not tell its storage, so nobody compared the mappings with it.',
    );
  if (machines.length === 0) return ok('storage', 'Each storage of the mappings exists.');
  const unmapped = machines
    .flatMap(({ devices }) => devices?.disks ?? [])
    .filter(
      (disk) =>
        !(given.disk_mappings ?? []).some(({ disk_id }) => disk_id === disk.id) &&
        !(given.backend_mappings ?? []).some(({ source }) => source === disk.storage_backend_identifier),
    ).length;
  return unmapped > 0 && given.default === undefined
    ? ok('storage', `${unmapped} disks go to the platform's standard storage${standard(offered?.standard)}.`)
    : ok('storage', 'Each disk has its destination.');
}

const standard = (name: string | undefined): string => (name === undefined ? '' : `, ${quoteText(name, 60)}`);
