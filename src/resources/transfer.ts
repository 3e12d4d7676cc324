import { InvalidInputError } from '../api/errors';
import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { omit, type JsonObject } from '../model/json';
import { hasSettings } from '../model/same-settings';
import type { Action, Execution, Transfer } from '../model/types';
import { newestExecution } from './execution';
import { newestFirst } from './listing';
import { given, poolBody, storageBody } from './payload';
import { requireInstances } from './platform';
import { comparableScripts, userScriptsBody } from './user-scripts';

/** Inputs of a transfer or a legacy migration. */
export interface MoveInput {
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  readonly instances: readonly string[];
  readonly sourceEnvironment: JsonObject | undefined;
  readonly destinationEnvironment: JsonObject | undefined;
  readonly networkMap: JsonObject | undefined;
  readonly notes: string | undefined;
  readonly defaultStorage: string | undefined;
  readonly storageMappings: Readonly<Record<string, string>> | undefined;
  readonly diskMappings: Readonly<Record<string, string>> | undefined;
  readonly userScripts: JsonObject | undefined;
  readonly originMinionPoolId: string | undefined;
  readonly destinationMinionPoolId: string | undefined;
  readonly osMorphingPools: Readonly<Record<string, string>> | undefined;
  readonly checkInstances: boolean;
}

export interface TransferInput extends MoveInput {
  readonly scenario: string;
  readonly cloneDisks: boolean | undefined;
  readonly skipOsMorphing: boolean | undefined;
}

/**
 * Body fields that transfers and legacy migrations share (coriolis-api.md §§7.4, 10.4).
 * @throws {InvalidInputError} what the server would not notice: equal endpoints, machines that do not exist
 */
export async function moveBody(coriolis: Coriolis, input: MoveInput): Promise<Record<string, unknown>> {
  if (input.originEndpointId === input.destinationEndpointId) {
    throw new InvalidInputError('Origin and destination are the same endpoint.', {
      field: 'destinationEndpointId',
      advice: 'Choose two different endpoints.',
    });
  }
  const body = given(settingsOfMove(input));
  if (input.checkInstances) {
    await requireInstances(coriolis, input.originEndpointId, input.instances, input.sourceEnvironment);
  }
  return body;
}

/** Settings of a move. Missing ones are undefined, or an empty object where null is refused (trap 16). */
const settingsOfMove = (input: MoveInput) => ({
  origin_endpoint_id: input.originEndpointId,
  destination_endpoint_id: input.destinationEndpointId,
  instances: input.instances,
  source_environment: input.sourceEnvironment ?? {},
  destination_environment: input.destinationEnvironment ?? {},
  network_map: input.networkMap ?? {},
  storage_mappings: storageBody(input) ?? {},
  notes: input.notes,
  user_scripts: userScriptsBody(input.userScripts),
  origin_minion_pool_id: poolBody(input.originMinionPoolId),
  destination_minion_pool_id: poolBody(input.destinationMinionPoolId),
  instance_osmorphing_minion_pool_mappings: input.osMorphingPools,
});

/** Whether an object moves the same machines between the same endpoints, under the same notes. */
export const isSameMove = (
  move: Pick<Transfer, 'origin_endpoint_id' | 'destination_endpoint_id' | 'instances' | 'notes'>,
  input: MoveInput,
): boolean =>
  move.origin_endpoint_id === input.originEndpointId &&
  move.destination_endpoint_id === input.destinationEndpointId &&
  (move.notes ?? undefined) === input.notes &&
  move.instances.join('\n') === input.instances.join('\n');

/** Whether an object has all the settings of a move, with the server's defaults for missing ones. */
export const isMadeOf = (move: Action, input: MoveInput): boolean =>
  hasSettings(comparable(move, move.instances), comparable(settingsOfMove(input), input.instances));

/** Settings in a comparable form: the server adds copies of both maps to the environment (coriolis-api.md §11.4). */
const comparable = (
  settings: {
    readonly destination_environment: JsonObject | null;
    readonly user_scripts?: JsonObject | null | undefined;
  },
  instances: readonly string[],
) => ({
  ...settings,
  destination_environment: omit(settings.destination_environment ?? {}, 'network_map', 'storage_mappings'),
  user_scripts: comparableScripts(settings.user_scripts, instances),
});

/** Finds a transfer with the same settings that was created recently. */
export async function findCreated(
  { client }: Coriolis,
  input: TransferInput,
  lately: (createdAt: string) => boolean,
): Promise<Transfer | undefined> {
  for await (const one of newestFirst<Transfer>(client, '/transfers', 'transfers')) {
    if (!lately(one.created_at)) return undefined;
    const isSame = (one.scenario ?? 'replica') === input.scenario && hasSettings(one, defaultsOf(input));
    if (isSame && isMadeOf(one, input)) return one;
  }
  return undefined;
}

/** Deployment settings, with the server's defaults for missing ones (coriolis-api.md §7.4). */
const defaultsOf = ({ cloneDisks = true, skipOsMorphing = false }: TransferInput) => ({
  clone_disks: cloneDisks,
  skip_os_morphing: skipOsMorphing,
});

/** Creates a transfer; starts nothing. */
export async function createTransfer(coriolis: Coriolis, input: TransferInput): Promise<Transfer> {
  const { client } = coriolis;
  const body = {
    ...(await moveBody(coriolis, input)),
    ...given({
      scenario: input.scenario,
      clone_disks: input.cloneDisks,
      skip_os_morphing: input.skipOsMorphing,
    }),
  };
  const { transfer } = await client.post<{ transfer: Transfer }>(
    '/transfers',
    { transfer: body },
    {
      slow: true,
      recover: async (createdSince) => {
        for await (const candidate of newestFirst<Transfer>(client, '/transfers', 'transfers')) {
          if (!createdSince(candidate.created_at)) return undefined;
          if (isSameMove(candidate, input)) return { transfer: candidate };
        }
        return undefined;
      },
    },
  );
  return transfer;
}

/** Starts the deletion of the transferred disks. */
export async function startDisksDeletion(coriolis: Coriolis, transferId: string): Promise<Execution> {
  const { execution } = await coriolis.client.post<{ execution: Execution }>(
    path`/transfers/${transferId}/actions`,
    { 'delete-disks': null },
    { recover: newestExecution(coriolis, transferId, 'transfer_disks_delete') },
  );
  return execution;
}

/** Rows per page of a scan of all transfers; 1,000 are about 1.5 MB. */
const WALK_PAGE = 1000;

/** Identifiers of an endpoint's machines that are in a transfer. */
export async function machinesInTransfers(
  { client, signal }: Coriolis,
  endpointId: string,
): Promise<ReadonlySet<string>> {
  const machines = new Set<string>();
  const options = { pageSize: WALK_PAGE, ...(signal === undefined ? {} : { signal }) };
  for await (const { origin_endpoint_id: origin, instances } of client.rows<Transfer>(
    '/transfers',
    'transfers',
    options,
  ))
    if (origin === endpointId) for (const instance of instances) machines.add(instance);
  return machines;
}
