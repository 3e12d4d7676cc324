import { InvalidInputError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { withoutUndefined, omitKeys, type JsonObject } from '../../model/json';
import { matchesSettings } from '../../model/compare-settings';
import type { TransferOrDeployment, Transfer } from '../../model/api-objects';
import { poolIdForRequestBody, makeStorageMappings } from '../../fields/transfer-fields';
import { requireInstances } from '../instance';
import { toComparableScripts, makeUserScripts } from '../../fields/user-scripts-field';

/** Settings of a move (a transfer or a legacy migration) besides its endpoints and machines. */
export interface MoveSettings {
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
}

/** Input of a move: the part that transfers and legacy migrations have in common. */
export interface MoveInput extends MoveSettings {
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  readonly instances: readonly string[];
  /** Whether to check that the machines exist before the move is created. */
  readonly checkInstances: boolean;
}

/**
 * Makes the part of the request body that new transfers and legacy migrations share (docs/reference/coriolis-api.md
 * §§7.4, 10.4).
 * @throws {InvalidInputError} equal endpoints, or machines that do not exist; the server checks neither
 */
export async function makeMoveRequestBody(coriolis: Coriolis, input: MoveInput): Promise<JsonObject> {
  if (input.originEndpointId === input.destinationEndpointId) {
    throw new InvalidInputError('Origin and destination are the same endpoint.', {
      field: 'destinationEndpointId',
      advice: 'Choose two different endpoints.',
    });
  }
  const body = withoutUndefined(settingsOfMove(input));
  if (input.checkInstances) {
    await requireInstances(coriolis, input.originEndpointId, input.instances, input.sourceEnvironment);
  }
  return body;
}

/**
 * Converts settings to the server's keys. Settings that were not given are undefined, or {} where the server refuses
 * null (docs/reference/coriolis-api.md §17, trap 16).
 */
const settingsOfMove = (input: MoveInput) => ({
  origin_endpoint_id: input.originEndpointId,
  destination_endpoint_id: input.destinationEndpointId,
  instances: input.instances,
  source_environment: input.sourceEnvironment ?? {},
  destination_environment: input.destinationEnvironment ?? {},
  network_map: input.networkMap ?? {},
  storage_mappings: makeStorageMappings(input) ?? {},
  notes: input.notes,
  user_scripts: makeUserScripts(input.userScripts),
  origin_minion_pool_id: poolIdForRequestBody(input.originMinionPoolId),
  destination_minion_pool_id: poolIdForRequestBody(input.destinationMinionPoolId),
  instance_osmorphing_minion_pool_mappings: input.osMorphingPools,
});

/** Whether a transfer or legacy migration moves the same machines between the same endpoints, with the same notes. */
export const isSameMove = (
  move: Pick<Transfer, 'origin_endpoint_id' | 'destination_endpoint_id' | 'instances' | 'notes'>,
  input: MoveInput,
): boolean =>
  move.origin_endpoint_id === input.originEndpointId &&
  move.destination_endpoint_id === input.destinationEndpointId &&
  (move.notes ?? undefined) === input.notes &&
  move.instances.join('\n') === input.instances.join('\n');

/**
 * Whether a transfer or legacy migration has the settings of an input. Settings that were not given must be empty in
 * the object; keys that the server does not store are ignored.
 */
export const matchesMoveSettings = (move: TransferOrDeployment, input: MoveInput): boolean =>
  matchesSettings(comparable(move, move.instances), comparable(settingsOfMove(input), input.instances));

/**
 * Makes settings comparable: removes the copies of network map and storage mappings that the server adds to the
 * destination environment (docs/reference/coriolis-api.md §11.4).
 */
const comparable = (
  settings: {
    readonly destination_environment: JsonObject | null;
    readonly user_scripts?: JsonObject | null | undefined;
  },
  instances: readonly string[],
) => ({
  ...settings,
  destination_environment: omitKeys(
    settings.destination_environment ?? {},
    'network_map',
    'storage_mappings',
  ),
  user_scripts: toComparableScripts(settings.user_scripts, instances),
});
