import { withoutUndefined } from '../../src/model/json';
import fc from 'fast-check';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { one } from '../support/coriolis';

/**
 * Names as people give them to machines, networks, storage and endpoints: with everything that some syntax gives a meaning,
 * and places where a name may be filled in.
 */

/** Names that were misread, or nearly were. */
const KNOWN = [
  '[PROD] web-01',
  '[dv] PG',
  '{guid} net',
  'web, 01',
  'Büro Server (1)',
  'db-03 ',
  ' db-03',
  'db-03',
  'DB-03',
  '1001',
  '007',
  'none',
  'null',
  'true',
  'constructor',
  '__proto__',
  'toString',
  'a=b',
  "'quoted'",
  '"quoted"',
  '={{ 7*7 }}',
  '*',
  'web-*',
  'name:with:colons',
  '/DC1/network/VM Network',
  '100%',
  'a?b#c&d',
  'back\\slash',
  '私有-网络',
  'e\u0301t\u00e9',
  '$(id)',
  'x'.repeat(200),
] as const;

const PIECES = [
  ...Array.from('[]{}(),;=:\'"*+?^$|\\/%#&@!~`<>. -_'),
  'web',
  '01',
  'DB',
  'ü',
  'ß',
  '网',
  'PROD',
  '7',
];

/** A name that is not blank. */
export const oddName = fc
  .oneof(
    { weight: 2, arbitrary: fc.constantFrom(...KNOWN) },
    {
      weight: 3,
      arbitrary: fc
        .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 })
        .map((all) => all.join('')),
    },
  )
  .filter((name) => name.trim() !== '');

const distinct = (most: number, least = 0) => fc.uniqueArray(oddName, { minLength: least, maxLength: most });

const pairs = fc
  .tuple(distinct(3), fc.array(oddName, { minLength: 3, maxLength: 3 }))
  .map(([from, to]) => from.map((source, index) => [source, String(to[index])] as const));

/** A move between endpoints, all of whose parts have odd names. */
export interface OddMove {
  readonly instances: readonly string[];
  readonly networks: ReadonlyArray<readonly [string, string]>;
  readonly backends: ReadonlyArray<readonly [string, string]>;
  readonly disks: ReadonlyArray<readonly [string, string]>;
  readonly defaultStorage: string | undefined;
  /** Numbers of the endpoints among those of the world. */
  readonly origin: number;
  readonly destination: number;
}

/** Keys that storage mappings have in Coriolis' own spelling. */
const OWN_KEYS = ['default', 'backend_mappings', 'disk_mappings'];

export const oddMove: fc.Arbitrary<OddMove> = fc.record({
  instances: distinct(3, 1),
  networks: pairs,
  backends: pairs.filter((all) => !all.some(([source]) => OWN_KEYS.includes(source))),
  disks: pairs,
  defaultStorage: fc.option(oddName, { nil: undefined }),
  origin: fc.nat(),
  destination: fc.nat(),
});

/** How a list is written. */
type ListForm = 'list' | 'JSON text' | 'plain text' | 'numbers';

/** The forms in which a list of names can be written without another meaning. */
function listForms(names: readonly string[]): ReadonlyArray<readonly [ListForm, unknown]> {
  const isPlain = names.every((name) => !/[,\n]/u.test(name) && name === name.trim());
  const written = names.join(', ');
  const isNumber = (name: string) => /^(?:0|[1-9]\d{0,14})$/u.test(name);
  return [
    ['list', names],
    ['JSON text', JSON.stringify(names)],
    ...(isPlain && !/^(?:\[\s*(?:["{[]|$)|=)/u.test(written) && !isJson(written)
      ? [['plain text', written] as const]
      : []),
    ...(names.some(isNumber)
      ? [['numbers', names.map((name) => (isNumber(name) ? Number(name) : name))] as const]
      : []),
  ];
}

/** The forms in which pairs can be written without another meaning. */
function pairForms(
  entries: ReadonlyArray<readonly [string, string]>,
  keyName: 'source' | 'disk_id',
): ReadonlyArray<readonly [string, unknown]> {
  const all = entries.flat();
  const isPlain = (name: string) => !/[=]/u.test(name) && !/^\s|\s$|^['"]|['"]$/u.test(name);
  const isLine = all.every((name) => isPlain(name) && !name.includes(',')) && entries.length > 0;
  const written = entries.map(([source, destination]) => `${source}=${destination}`);
  return [
    ['object', Object.fromEntries(entries)],
    ['JSON text', JSON.stringify(Object.fromEntries(entries))],
    ['rows', entries.map(([source, destination]) => ({ [keyName]: source, destination }))],
    ...(all.every(isPlain) ? [['list of pairs', written] as const] : []),
    ...(isLine && !/^[[{]\s*["{[]/u.test(written.join('\n')) ? [['lines', written.join('\n')] as const] : []),
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface NamedEndpoint {
  readonly id: string;
  readonly name: string;
}

/** Endpoints with odd names, created behind the back of what is tried. */
export interface OddWorld {
  readonly origins: readonly NamedEndpoint[];
  readonly destinations: readonly NamedEndpoint[];
}

/** Creates endpoints of all known odd names; half of them to move from, half to move to. */
export async function oddWorld(coriolis: Coriolis): Promise<OddWorld> {
  const made = async (names: readonly string[], type: string): Promise<readonly NamedEndpoint[]> => {
    const all: NamedEndpoint[] = [];
    for (const name of names) {
      // Coriolis refuses a move between equal connections.
      const connection = {
        host: encodeURIComponent(name),
        auth_url: 'https://k',
        username: 'u',
        password: 'p',
      };
      const given = { name, type, connection, skipValidation: true };
      all.push({ name, id: String((await one(coriolis, 'endpoint.create', given))['id']) });
    }
    return all;
  };
  return {
    origins: await made(
      KNOWN.filter((_, index) => index % 2 === 0),
      'vmware_vsphere',
    ),
    destinations: await made(
      KNOWN.filter((_, index) => index % 2 === 1),
      'openstack',
    ),
  };
}

export const endpointsOf = ({ origins, destinations }: OddWorld, move: OddMove) => ({
  origin: origins[move.origin % origins.length] as NamedEndpoint,
  destination: destinations[move.destination % destinations.length] as NamedEndpoint,
});

/** A move as its parts are written. */
export interface Written {
  readonly instances: unknown;
  readonly networkMap: unknown;
  readonly storageMappings: unknown;
  readonly diskMappings: unknown;
}

/** The parts of a move, each in one of its forms. @param choice any number */
export function writtenMove(move: OddMove, choice: number): Written {
  const pick = (all: ReadonlyArray<readonly [string, unknown]>): unknown => all[choice % all.length]?.[1];
  return {
    instances: pick(listForms(move.instances)),
    networkMap: pick(pairForms(move.networks, 'source')),
    storageMappings: pick(pairForms(move.backends, 'source')),
    diskMappings: pick(pairForms(move.disks, 'disk_id')),
  };
}

/** What a server must have stored of a move. */
export const storedMove = (world: OddWorld, move: OddMove): JsonObject => {
  const { origin, destination } = endpointsOf(world, move);
  const mappings = (entries: OddMove['disks'], keyName: string) =>
    entries.map(([source, target]) => ({ [keyName]: source, destination: target }));
  return {
    instances: move.instances,
    origin_endpoint_id: origin.id,
    destination_endpoint_id: destination.id,
    network_map: Object.fromEntries(move.networks),
    storage_mappings: {
      ...withoutUndefined({ default: move.defaultStorage }),
      ...(move.backends.length === 0
        ? {}
        : { backend_mappings: inKeyOrder(mappings(move.backends, 'source')) }),
      ...(move.disks.length === 0 ? {} : { disk_mappings: inKeyOrder(mappings(move.disks, 'disk_id')) }),
    },
  };
};

/** Objects list keys that are whole numbers first, so order is no part of a mapping. */
const inKeyOrder = (rows: ReadonlyArray<JsonObject>): readonly JsonObject[] =>
  [...rows].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

/** A stored transfer, in the form of `storedMove`. */
export const comparable = (transfer: JsonObject): JsonObject => {
  const mappings = transfer['storage_mappings'] as Readonly<Record<string, unknown>>;
  const sorted = (value: unknown) => (Array.isArray(value) ? inKeyOrder(value as JsonObject[]) : value);
  return {
    instances: transfer['instances'],
    origin_endpoint_id: transfer['origin_endpoint_id'],
    destination_endpoint_id: transfer['destination_endpoint_id'],
    network_map: transfer['network_map'],
    storage_mappings: Object.fromEntries(
      Object.entries(mappings)
        .filter(([, value]) => !Array.isArray(value) || value.length > 0)
        .map(([key, value]) => [key, sorted(value)]),
    ),
  };
};
