import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { tolerateErrors } from '../api/tolerate-errors';
import { isObject, type JsonObject } from '../model/json';
import { formatCount } from '../model/display-texts';
import { formFieldsOfSchema } from '../model/form-from-schema';
import type { Endpoint, Transfer } from '../model/api-objects';
import { quoteText } from '../model/untrusted-text';
import type { MoveInput } from '../resources/move/move-request-body';
import { haveSameConnection } from '../resources/endpoint';
import { fetchOne, fetchOptional } from '../requests/object-requests';
import { poolIdForRequestBody, makeStorageMappings } from '../fields/transfer-fields';
import { fetchPlatformSchema } from '../resources/provider';
import type { Preview } from '../vocabulary/preview';
import { checkConnection } from './preflight/check-connection';
import type { PreflightCheck, PreflightSituation } from './preflight/preflight-check';
import { checkMachines } from './preflight/check-machines';
import { checkPools } from './preflight/check-pools';
import { checkWorkers } from './preflight/check-workers';

/**
 * Previews a migration that shuts its source machines down: names all involved objects, and each reason for which the
 * server or a platform would refuse the migration. Reads only. Takes seconds, because both platforms are asked.
 *
 * @param passes number of syncs before the deployment
 * @throws {NotFoundError} an endpoint does not exist
 */
export async function previewNewMigration(
  coriolis: Coriolis,
  input: MoveInput,
  passes: number,
): Promise<Preview> {
  const [origin, destination] = await Promise.all([
    fetchOne(coriolis, 'endpoint', input.originEndpointId),
    fetchOne(coriolis, 'endpoint', input.destinationEndpointId),
  ]);
  return {
    subject: {
      id: origin.id,
      name: input.instances.join(', '),
      status: 'new migration',
      changed: origin.updated_at ?? origin.created_at,
    },
    consequences: [
      `Source machines are shut down before the last sync: ${input.instances.join(', ')}.`,
      'Coriolis does not start them again, also when the migration fails.',
      `Moves ${formatCount(input.instances.length, 'machine')} from ${describeEndpoint(origin)} to ${describeEndpoint(destination)}, with ${formatCount(passes, 'sync')} before the deployment.`,
      describeMapPairs('Networks', input.networkMap),
      describeStorage(input),
      ...(await describePools(coriolis, input)),
    ],
    refusal: await refusalOf(coriolis, input, origin, destination),
  };
}

const describeEndpoint = ({ name, type }: Endpoint): string =>
  `"${quoteText(name, 60)}" (${quoteText(type, 40)})`;

/** Maximum number of pairs in a sentence. */
const SHOWN = 10;

/** Sentence with the pairs of a map, at most `SHOWN` of them: "Networks: VM Network → private." */
export function describeMapPairs(title: string, pairs: JsonObject | undefined): string {
  const entries = Object.entries(pairs ?? {});
  const shown = entries.slice(0, SHOWN).map(([source, target]) => {
    const name: unknown = isObject(target) ? target['id'] : target;
    return `${quoteText(source, 60)} → ${quoteText(String(name), 60)}`;
  });
  const more = entries.length - shown.length;
  return `${title}: ${shown.length === 0 ? 'none is mapped' : shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}.`;
}

function describeStorage({ defaultStorage, storageMappings, diskMappings }: MoveInput): string {
  const all = { ...storageMappings, ...diskMappings };
  const others = `others to ${defaultStorage === undefined ? "the platform's standard storage" : quoteText(defaultStorage, 60)}`;
  return Object.keys(all).length === 0
    ? `Storage: all disks to ${others.slice('others to '.length)}.`
    : describeMapPairs('Storage', all).replace(/\.$/u, `; ${others}.`);
}

async function describePools(coriolis: Coriolis, input: MoveInput): Promise<readonly string[]> {
  const ids = [
    poolIdForRequestBody(input.originMinionPoolId),
    poolIdForRequestBody(input.destinationMinionPoolId),
    ...Object.values(input.osMorphingPools ?? {}),
  ].filter((id): id is string => typeof id === 'string');
  if (ids.length === 0) return [];
  const pools = await mapConcurrently([...new Set(ids)], 4, async (id) => {
    const pool = await fetchOptional(coriolis, 'minionPool', [id]);
    return pool === undefined ? id : quoteText(pool.name, 60);
  });
  return [`Minion pools: ${pools.join(', ')}.`];
}

/** Reason for which the server or a platform would refuse the move; undefined when none is found. */
async function refusalOf(
  coriolis: Coriolis,
  input: MoveInput,
  origin: Endpoint,
  destination: Endpoint,
): Promise<string | undefined> {
  if (origin.id === destination.id) return 'origin and destination are the same endpoint';
  if (haveSameConnection(origin, destination)) return 'origin and destination have equal connection details';
  const situation = situationOf(coriolis, input, origin, destination);
  const checks: readonly PreflightCheck[] = [
    ...(await checkConnection(coriolis, 'origin', situation)),
    ...(await checkConnection(coriolis, 'destination', situation)),
    ...(await checkMachines(coriolis, situation)),
    ...(await checkPools(coriolis, situation)),
    ...(await checkWorkers(coriolis, [origin, destination])),
  ];
  const problems = [
    ...(await missingOptions(coriolis, 'source', origin, input.sourceEnvironment)),
    ...(await missingOptions(coriolis, 'destination', destination, input.destinationEnvironment)),
    ...checks.filter(({ status }) => status === 'blocking').map(({ message }) => message.replace(/\.$/u, '')),
  ];
  return problems.length === 0 ? undefined : problems.join('; ');
}

/** Input of the preflight checks for a migration whose transfer does not exist yet. */
function situationOf(
  coriolis: Coriolis,
  input: MoveInput,
  origin: Endpoint,
  destination: Endpoint,
): PreflightSituation {
  const transfer: Transfer = {
    id: '',
    instances: input.instances,
    origin_endpoint_id: origin.id,
    destination_endpoint_id: destination.id,
    source_environment: input.sourceEnvironment ?? null,
    destination_environment: input.destinationEnvironment ?? null,
    network_map: input.networkMap ?? null,
    storage_mappings: makeStorageMappings(input) ?? null,
    notes: input.notes ?? null,
    last_execution_status: 'UNEXECUTED',
    origin_minion_pool_id: poolIdForRequestBody(input.originMinionPoolId) ?? null,
    destination_minion_pool_id: poolIdForRequestBody(input.destinationMinionPoolId) ?? null,
    instance_osmorphing_minion_pool_mappings: input.osMorphingPools ?? null,
    created_at: '',
    updated_at: null,
    deleted_at: null,
  };
  return {
    purpose: 'execution',
    transfer,
    lastCopy: undefined,
    executions: [],
    deployments: [],
    origin,
    destination,
    now: coriolis.client.serverTime,
  };
}

/** Sentences about options that the schema of a platform requires and the environment lacks. */
async function missingOptions(
  coriolis: Coriolis,
  side: 'source' | 'destination',
  { type }: Endpoint,
  environment: JsonObject = {},
): Promise<readonly string[]> {
  const schema = await tolerateErrors(
    fetchPlatformSchema(coriolis, type, side),
    ['not_found', 'capability', 'invalid_input', 'server', 'unreachable', 'timeout'],
    undefined,
  );
  if (schema === undefined) return [];
  // Network map and storage mappings are given in inputs of their own, not in the environment.
  const required = formFieldsOfSchema(schema, [], ['network_map', 'storage_mappings']).filter(
    (entry) => entry.required,
  );
  const missing = required.filter((entry) => isMissing(environment, entry.id));
  return missing.map(
    ({ id }) => `the ${side} environment lacks "${id}", which ${quoteText(type, 40)} requires`,
  );
}

const isMissing = (environment: JsonObject, id: string): boolean =>
  id.split('.').reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), environment) ===
  undefined;
