import { InvalidInputError, NotFoundError } from '../api/errors';
import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import type { MapChoiceSource } from '../vocabulary/field';
import type { Candidate } from '../lookup/candidate';
import { candidateLists } from '../lookup/candidate-lists';
import type { Instance, Network } from '../model/api-objects';
import { fetchOne } from '../requests/object-requests';
import { fetchNetworks, fetchStorage } from '../resources/endpoint-platform';
import { fetchInstance } from '../resources/instance';

/** Endpoints and machines that a form is about, as far as they are filled in. */
interface Move {
  readonly origin: string | undefined;
  readonly destination: string | undefined;
  readonly instances: readonly string[];
}

/**
 * Maximum number of machines that are read for their networks and disks, because each costs a slow request to the
 * platform.
 */
const MAX_MACHINES = 20;
const CONCURRENCY = 4;
/** Maximum number of machines of an origin that are offered. */
const MAX_OFFERED = 500;

/**
 * Values of the form's inputs on which the choices depend (`within` of `MapSides`): transfer, endpoints and machines.
 * Names of objects are already replaced by ids.
 */
type GivenInputs = Readonly<Record<string, unknown>>;

/**
 * Lists candidates for one side of a map: networks, storage and disks of the chosen machines, the machines themselves,
 * networks and storage of the destination, or minion pools.
 * @param given inputs of each item, at least one. They can differ between items, because machines and transfers may
 *   come from expressions
 * @throws {InvalidInputError} an input that the list depends on is empty
 */
export async function fetchMappingCandidates(
  side: MapChoiceSource,
  coriolis: Coriolis,
  given: readonly GivenInputs[],
): Promise<readonly Candidate[]> {
  const moves = await mapConcurrently(given.slice(0, MAX_MACHINES), CONCURRENCY, async (one) =>
    moveOf(coriolis, one),
  );
  switch (side) {
    case 'sourceNetwork':
      return groupUses(await fetchMachines(coriolis, moves), networksOf);
    case 'sourceStorage':
      return groupUses(await fetchMachines(coriolis, moves), storageOf);
    case 'disk':
      return groupUses(await fetchMachines(coriolis, moves), disksOf);
    case 'movedInstance':
      return await movedMachines(coriolis, moves);
    case 'destinationNetwork':
      return await ofDestinations(moves, async (endpoint) =>
        (await fetchNetworks(coriolis, endpoint)).map(networkCandidate),
      );
    case 'destinationStorage':
      return await ofDestinations(moves, async (endpoint) => storageCandidates(coriolis, endpoint));
    case 'minionPool':
      return await collect(candidateLists.minionPool.candidates(coriolis, '', ''));
  }
}

async function moveOf(coriolis: Coriolis, given: GivenInputs): Promise<Move> {
  const { transferId, originEndpointId, destinationEndpointId, instances } = given;
  if (isText(transferId)) {
    const transfer = await fetchOne(coriolis, 'transfer', transferId);
    return {
      origin: transfer.origin_endpoint_id,
      destination: transfer.destination_endpoint_id,
      instances: transfer.instances,
    };
  }
  return {
    origin: isText(originEndpointId) ? originEndpointId : undefined,
    destination: isText(destinationEndpointId) ? destinationEndpointId : undefined,
    instances: Array.isArray(instances) ? instances.filter(isText) : [],
  };
}

/**
 * Machines chosen in the form. When none is chosen (the form of a wave has its machines in a table): the machines of the
 * origin endpoints, at most `MAX_OFFERED` of each.
 */
async function movedMachines(coriolis: Coriolis, moves: readonly Move[]): Promise<readonly Candidate[]> {
  const chosen = moves.flatMap(({ instances }) => instances);
  if (chosen.length > 0) return distinct(chosen.map((name) => ({ value: name, name, detail: '' })));
  const origins = [...new Set(moves.flatMap(({ origin }) => origin ?? []))];
  const found = await mapConcurrently(origins, CONCURRENCY, async (origin) =>
    collect(candidateLists.instance.candidates(coriolis, origin, ''), MAX_OFFERED),
  );
  return distinct(found.flat());
}

/** Candidates of all destination endpoints, each value once. */
async function ofDestinations(
  moves: readonly Move[],
  candidatesOf: (endpoint: string) => Promise<readonly Candidate[]>,
): Promise<readonly Candidate[]> {
  const endpoints = new Set(moves.flatMap(({ destination }) => destination ?? []));
  if (endpoints.size === 0) throw new InvalidInputError('Choose the destination endpoint first.');
  return distinct((await mapConcurrently([...endpoints], CONCURRENCY, candidatesOf)).flat());
}

/** Removes candidates whose value an earlier one has. */
function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const byValue = new Map<string, Candidate>();
  for (const candidate of candidates)
    if (!byValue.has(candidate.value)) byValue.set(candidate.value, candidate);
  return [...byValue.values()];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Reads the chosen machines with their devices. Machines that the platform does not know are left out. */
async function fetchMachines(coriolis: Coriolis, moves: readonly Move[]): Promise<readonly Instance[]> {
  const wanted = new Map(
    moves.flatMap(({ origin, instances }) =>
      instances.flatMap((instance) =>
        origin === undefined ? [] : [[JSON.stringify([origin, instance]), { origin, instance }] as const],
      ),
    ),
  );
  if (wanted.size === 0) {
    throw new InvalidInputError('Choose the origin endpoint and the machines first.');
  }
  const found = await mapConcurrently(
    [...wanted.values()].slice(0, MAX_MACHINES),
    CONCURRENCY,
    async ({ origin, instance }) =>
      fetchInstance(coriolis, origin, instance).catch((error: unknown) => {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }),
  );
  return found.filter((instance) => instance !== undefined);
}

/** Network, storage or disk that a machine uses. */
interface MachineUse {
  readonly value: string;
  /** Description that distinguishes this use from others of the same name. */
  readonly detail: string;
}

const networksOf = ({ name, devices }: Instance): readonly MachineUse[] =>
  (devices?.nics ?? []).flatMap(({ network_name: network }) =>
    isText(network) ? [{ value: network, detail: name }] : [],
  );

const storageOf = ({ name, devices }: Instance): readonly MachineUse[] =>
  (devices?.disks ?? []).flatMap(({ storage_backend_identifier: backend }) =>
    isText(backend) ? [{ value: backend, detail: name }] : [],
  );

const disksOf = ({ name, devices }: Instance): readonly MachineUse[] =>
  (devices?.disks ?? []).map(({ id, size_bytes: size, storage_backend_identifier: backend }, index) => ({
    value: id,
    detail: [
      `${name} disk ${index + 1}`,
      ...(size === undefined ? [] : [`${Math.round(size / 1024 ** 3)} GiB`]),
      ...(backend === undefined ? [] : [backend]),
    ].join(', '),
  }));

/** Makes one candidate for each network, storage or disk that the machines use, described by all its uses. */
function groupUses(
  instances: readonly Instance[],
  of: (instance: Instance) => readonly MachineUse[],
): readonly Candidate[] {
  const users = new Map<string, Set<string>>();
  for (const { value, detail } of instances.flatMap(of)) {
    users.set(value, (users.get(value) ?? new Set()).add(detail));
  }
  return [...users].map(([value, details]) => ({ value, name: value, detail: joinNames([...details]) }));
}

const joinNames = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;

const networkCandidate = ({ id, name }: Network): Candidate => ({ value: id, name, detail: '' });

/**
 * Storage backends of the destination, by name, because mappings use names and not ids (docs/reference/coriolis-api.md
 * §11.2).
 */
async function storageCandidates(coriolis: Coriolis, destination: string): Promise<readonly Candidate[]> {
  const { backends, standard } = await fetchStorage(coriolis, destination);
  return backends.map(({ name }) => ({ value: name, name, detail: name === standard ? 'default' : '' }));
}

async function collect(
  candidates: AsyncIterable<Candidate>,
  limit = Infinity,
): Promise<readonly Candidate[]> {
  const all: Candidate[] = [];
  for await (const candidate of candidates) {
    if (all.push(candidate) >= limit) break;
  }
  return all;
}
