import type { Coriolis } from '../api/operation-context';
import { runWithEnvironmentAdvice } from './move/environment-advice';
import { tolerateErrors } from '../api/tolerate-errors';
import { withoutUndefined, omitKeys, type JsonObject } from '../model/json';
import { displayNameOf } from '../model/display-texts';
import { matchesSettings } from '../model/compare-settings';
import type { Execution, Transfer } from '../model/api-objects';
import { key, view } from '../vocabulary/result-keys';
import { makeStartedExecutionsFinder } from './execution';
import { fetchRecentlyCreated } from '../requests/fetch-lists';
import {
  matchesMoveSettings,
  isSameMove,
  makeMoveRequestBody,
  type MoveInput,
  type MoveSettings,
} from './move/move-request-body';
import { createOne, fetchOneWithTime, makeObjectPath, sortOldestFirst } from '../requests/object-requests';
import { poolIdForRequestBody, makeStorageMappings } from '../fields/transfer-fields';
import { makeUserScripts } from '../fields/user-scripts-field';

export const transferKeys = {
  id: key.text('Transfer id'),
  name: key.text('Notes, else the instances', (transfer: Transfer) => displayNameOf(transfer), {
    untrusted: true,
  }),
  scenario: key.text(
    'replica (repeated, disaster recovery) or live_migration (one move)',
    ({ scenario }: Transfer) => scenario ?? 'replica',
  ),
  status: key.text(
    'Status of the latest execution of any type; UNEXECUTED before the first',
    ({ last_execution_status: status }: Transfer) => status,
  ),
  instances: key.texts('Machines of the transfer', { untrusted: true }),
  origin_endpoint_id: key.text('Source endpoint'),
  destination_endpoint_id: key.text('Destination endpoint'),
  created_at: key.time('Created'),
  updated_at: key.time('Last change of status', { nullable: true }),
  notes: key.text('Notes', { nullable: true, untrusted: true }),
  network_map: key.json('Source network to destination network', { nullable: true }),
  storage_mappings: key.json('Source storage or disk to destination storage', { nullable: true }),
  source_environment: key.json('Options of the source platform', { nullable: true }),
  destination_environment: key.json(
    'Options of the destination platform',
    // The server adds copies of network map and storage mappings to the environment (docs/reference/coriolis-api.md
    // §11.4).
    ({ destination_environment: environment }: Transfer) =>
      omitKeys(environment ?? {}, 'network_map', 'storage_mappings'),
    { nullable: true },
  ),
  clone_disks: key.flag('Whether deployments clone the disks by default', { nullable: true }),
  skip_os_morphing: key.flag('Whether deployments skip OS morphing by default', { nullable: true }),
};

export const transferView = view<Transfer>()(transferKeys);

/**
 * Reads a transfer with the server's data about its machines (`info`: disks, volumes). Servers before 1.1.9 have no
 * such data (docs/reference/coriolis-api.md §5). `date` is the server's time of the answer, milliseconds since 1970.
 */
export async function fetchTransferWithMachines(
  coriolis: Coriolis,
  id: string,
): Promise<{ readonly object: Transfer; readonly date: number }> {
  const whole = fetchOneWithTime(coriolis, 'transfer', [id], { include_task_info: true });
  return (
    (await tolerateErrors(whole, ['capability'], undefined)) ??
    (await fetchOneWithTime(coriolis, 'transfer', [id]))
  );
}

/** Input of the creation of a transfer. */
export interface TransferInput extends MoveInput {
  readonly scenario: string;
  readonly cloneDisks: boolean | undefined;
  readonly skipOsMorphing: boolean | undefined;
}

/** Finds the recently created transfers with the settings of `input`, the oldest first. */
export async function findCreatedTransfers(
  coriolis: Coriolis,
  input: TransferInput,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly Transfer[]> {
  const found = await fetchRecentlyCreated(
    coriolis,
    'transfer',
    isRecent,
    (one) =>
      (one.scenario ?? 'replica') === input.scenario &&
      matchesSettings(one, defaultsOf(input)) &&
      matchesMoveSettings(one, input),
  );
  return sortOldestFirst(found);
}

/**
 * Settings for the deployments of a transfer. Those that are not given get the server's defaults
 * (docs/reference/coriolis-api.md §7.4).
 */
const defaultsOf = ({ cloneDisks = true, skipOsMorphing = false }: TransferInput) => ({
  clone_disks: cloneDisks,
  skip_os_morphing: skipOsMorphing,
});

/** Creates a transfer. Nothing is copied until it is executed. */
export async function createTransfer(coriolis: Coriolis, input: TransferInput): Promise<Transfer> {
  const body = {
    ...(await makeMoveRequestBody(coriolis, input)),
    ...withoutUndefined({
      scenario: input.scenario,
      clone_disks: input.cloneDisks,
      skip_os_morphing: input.skipOsMorphing,
    }),
  };
  const find = (createdSince: (createdAt: string) => boolean): Promise<readonly Transfer[]> =>
    fetchRecentlyCreated(coriolis, 'transfer', createdSince, (one) => isSameMove(one, input));
  return await runWithEnvironmentAdvice(coriolis, input, () =>
    createOne(coriolis, 'transfer', [], body, { mayTakeMinutes: true, find }),
  );
}

/** Settings that an update of a transfer changes. Undefined settings are not changed. */
export interface TransferChanges extends MoveSettings {
  readonly cloneDisks: boolean | undefined;
  readonly skipOsMorphing: boolean | undefined;
}

/** Body of an update of a transfer. */
export const makeTransferUpdateRequestBody = (input: TransferChanges): JsonObject =>
  withoutUndefined({
    source_environment: input.sourceEnvironment,
    destination_environment: input.destinationEnvironment,
    network_map: input.networkMap,
    storage_mappings: makeStorageMappings(input),
    notes: input.notes,
    user_scripts: makeUserScripts(input.userScripts),
    clone_disks: input.cloneDisks,
    skip_os_morphing: input.skipOsMorphing,
    origin_minion_pool_id: poolIdForRequestBody(input.originMinionPoolId),
    destination_minion_pool_id: poolIdForRequestBody(input.destinationMinionPoolId),
    instance_osmorphing_minion_pool_mappings: input.osMorphingPools,
  });

/** Starts an update of a transfer: an execution that changes its settings. */
export async function startTransferUpdate(
  coriolis: Coriolis,
  transferId: string,
  changes: JsonObject,
): Promise<Execution> {
  const { execution } = await coriolis.client.put<{ execution: Execution }>(
    makeObjectPath('transfer', transferId),
    { transfer: changes },
    { mayTakeMinutes: true, recover: makeStartedExecutionsFinder(coriolis, transferId, 'transfer_update') },
  );
  return execution;
}

/** Starts the execution that deletes the copied disks of a transfer. */
export async function startDisksDeletion(coriolis: Coriolis, transferId: string): Promise<Execution> {
  const { execution } = await coriolis.client.post<{ execution: Execution }>(
    `${makeObjectPath('transfer', transferId)}/actions`,
    { 'delete-disks': null },
    { recover: makeStartedExecutionsFinder(coriolis, transferId, 'transfer_disks_delete') },
  );
  return execution;
}
