import { asError, InvalidInputError, isCoriolisError } from '../api/errors';
import type { Coriolis } from '../api/operation-context';
import { withoutUndefined, isSameJson, type JsonObject } from '../model/json';
import { matchesChanges } from '../model/compare-settings';
import { formatCount, displayNameOf } from '../model/display-texts';
import type { Endpoint, Transfer } from '../model/api-objects';
import { quoteText } from '../model/untrusted-text';
import { makePreviewSubject } from '../vocabulary/preview';
import { key, view } from '../vocabulary/result-keys';
import { deletedView } from '../fields/common-fields';
import {
  createOne,
  deleteOne,
  fetchAll,
  fetchOne,
  fetchPaged,
  sortOldestFirst,
  requireChanges,
  updateOne,
} from '../requests/object-requests';
import {
  deleteSecretOnFailure,
  deleteUnusedSecret,
  requireSecretService,
  secretReferenceOf,
  storeSecret,
  tryDeleteUnusedSecret,
} from './barbican-secret';
import { path } from '../api/request-path';

/** Result of validating a connection: success, or the platform's reason for the failure. */
export interface ConnectionValidation {
  readonly valid: boolean;
  readonly message: string | null;
}

const endpointKeys = {
  id: key.text('Endpoint id'),
  name: key.text('Name', { untrusted: true }),
  type: key.text('Platform'),
  description: key.text('Description', { nullable: true, untrusted: true }),
  mapped_regions: key.texts('Ids of the Coriolis regions to which the endpoint is mapped'),
  created_at: key.time('Created'),
  updated_at: key.time('Last changed', { nullable: true }),
};

const validationKeys = {
  valid: key.flag('Whether Coriolis can connect; null when that is unknown', { nullable: true }),
  message: key.text('Why Coriolis cannot connect, in the text of the platform', {
    nullable: true,
    untrusted: true,
  }),
};

export const endpointView = view<Endpoint>()(endpointKeys);

/** An endpoint with the result of its validation, unless that was skipped. */
export type ValidatedEndpoint = Endpoint & {
  readonly valid?: boolean | null;
  readonly message?: string | null;
};

export const validatedEndpointView = view<ValidatedEndpoint>()({ ...endpointKeys, ...validationKeys });

export const connectionValidationView = view<ConnectionValidation & { readonly id: string }>()({
  id: key.text('Endpoint id'),
  ...validationKeys,
});

/** Result of the deletion of an endpoint. */
export interface DeletedEndpoint {
  readonly id: string;
  /** Whether its Barbican secret was deleted too; undefined when that was not asked for or there is none. */
  readonly secret_deleted?: boolean;
}

/** Result view of the deletion of an endpoint. */
export const deletedEndpointView = view<DeletedEndpoint>()({
  ...deletedView.shape,
  secret_deleted: key.flag(
    'Whether the Barbican secret is deleted too; null when that was not asked for or there is none',
    { nullable: true },
  ),
});

/** The endpoint as the subject of a preview. */
export const makeEndpointPreviewSubject = (endpoint: Endpoint) =>
  makePreviewSubject(endpoint, endpoint.name, endpoint.type);

const NAMED_USERS = 5;

/** Describes the transfers that use an endpoint: their number and the names of some. */
export function describeTransfersUsingEndpoint(users: readonly Transfer[]): string {
  const named = users.slice(0, NAMED_USERS).map((one) => `${quoteText(displayNameOf(one), 60)} (${one.id})`);
  const more = users.length - named.length;
  return `${formatCount(users.length, 'transfer')} ${users.length === 1 ? 'uses' : 'use'} it: ${named.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

/** Connection details of a caller: inline or as a Barbican reference, not both. */
interface ConnectionInput {
  readonly connection: JsonObject | undefined;
  readonly connectionSecret: string | undefined;
  readonly storeInBarbican: boolean;
}

/** Settings of an endpoint besides its connection. Undefined settings are not changed. */
interface EndpointSettings {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly regions: readonly string[] | undefined;
}

/** Input of the creation of an endpoint. */
export interface NewEndpoint extends ConnectionInput, EndpointSettings {
  readonly name: string;
  readonly type: string;
  readonly skipValidation: boolean;
}

/**
 * Finds the recently created endpoints with the settings of `input`, the oldest first. Connection details in Barbican
 * are not compared, because Coriolis returns only the secret reference.
 */
export async function findCreatedEndpoints(
  coriolis: Coriolis,
  input: NewEndpoint,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly ValidatedEndpoint[]> {
  const [oldest, ...others] = await findByName(coriolis, input, isRecent, (one) =>
    hasInputSettings(one, input),
  );
  if (oldest === undefined) return [];
  // Only the oldest endpoint is returned to users, so only that one is validated.
  return [input.skipValidation ? oldest : await withValidation(coriolis, oldest), ...others];
}

/** Reads the transfers from or to an endpoint. */
export async function fetchTransfersUsingEndpoint(
  coriolis: Coriolis,
  endpointId: string,
): Promise<readonly Transfer[]> {
  const users: Transfer[] = [];
  for await (const transfer of fetchPaged(coriolis, 'transfer', [])) {
    const ends = [transfer.origin_endpoint_id, transfer.destination_endpoint_id];
    if (ends.includes(endpointId)) users.push(transfer);
  }
  return users;
}

/**
 * Whether two endpoints connect to the same platform with the same details. The server then refuses a move between them
 * (docs/reference/coriolis-api.md §7.4).
 */
export const haveSameConnection = (one: Endpoint, other: Endpoint): boolean =>
  isSameJson(one.connection_info, other.connection_info);

/**
 * Validates the connection of an endpoint. Reads only. A failed validation is a result, not an error
 * (docs/reference/coriolis-api.md §17, trap 7).
 */
export async function validateConnection({ client }: Coriolis, id: string): Promise<ConnectionValidation> {
  const answer = await client.post<{ 'validate-connection': ConnectionValidation }>(
    path`/endpoints/${id}/actions`,
    { 'validate-connection': null },
    { repeatable: true, mayTakeMinutes: true },
  );
  return answer['validate-connection'];
}

/** Creates an endpoint and validates its connection. */
export async function createEndpoint(coriolis: Coriolis, input: NewEndpoint): Promise<ValidatedEndpoint> {
  checkConnection(input);
  if (input.connection === undefined && input.connectionSecret === undefined) {
    throw new InvalidInputError('Connection details are missing: give them, or a secret reference.', {
      field: 'connection',
      advice: 'The platform’s connection schema names the fields.',
    });
  }
  const { type, skipValidation } = input;
  const endpoint = await withConnection(coriolis, input, (info) =>
    createOne(
      coriolis,
      'endpoint',
      [],
      { type, ...settingsBody(input, info) },
      {
        async find(createdSince) {
          const found = await findByName(coriolis, input, createdSince);
          const exact = found.filter((one) => isSameJson(one.connection_info, info));
          return exact.length === 0 ? found : exact;
        },
      },
    ),
  );
  return skipValidation ? endpoint : await withValidation(coriolis, endpoint);
}

/** Changes an endpoint. When new connection details are stored in Barbican, the previous secret is deleted. */
export async function updateEndpoint(
  coriolis: Coriolis,
  id: string,
  input: ConnectionInput & EndpointSettings,
): Promise<Endpoint> {
  checkConnection(input);
  const replaced = input.storeInBarbican
    ? secretReferenceOf(await fetchOne(coriolis, 'endpoint', id))
    : undefined;
  const endpoint = await withConnection(coriolis, input, async (info) => {
    const changes = settingsBody(input, info);
    requireChanges(changes, 'a name, a description, connection details or regions');
    return await updateOne(coriolis, 'endpoint', [id], changes, {
      async find() {
        const now = await fetchOne(coriolis, 'endpoint', id);
        return matchesChanges(now, changes) ? now : undefined;
      },
    });
  });
  if (replaced !== undefined) await deleteUnusedSecret(coriolis, replaced);
  return endpoint;
}

/** Deletes an endpoint. On request its Barbican secret is deleted too, unless another endpoint uses the secret. */
export async function deleteEndpoint(
  coriolis: Coriolis,
  id: string,
  deleteSecret: boolean,
): Promise<DeletedEndpoint> {
  const secret = deleteSecret ? secretReferenceOf(await fetchOne(coriolis, 'endpoint', id)) : undefined;
  if (secret !== undefined) await requireSecretService(coriolis, secret);
  const deleted = await deleteOne(coriolis, 'endpoint', id);
  return secret === undefined
    ? deleted
    : { ...deleted, secret_deleted: await tryDeleteUnusedSecret(coriolis, secret) };
}

/** Deletes the surplus endpoint of two that equal calls created, and the Barbican secret that was stored for it. */
export async function deleteDuplicateEndpoint(
  coriolis: Coriolis,
  endpoint: Endpoint,
  { storeInBarbican }: Pick<ConnectionInput, 'storeInBarbican'>,
): Promise<void> {
  await deleteOne(coriolis, 'endpoint', endpoint.id);
  const secret = storeInBarbican ? secretReferenceOf(endpoint) : undefined;
  if (secret !== undefined) await deleteUnusedSecret(coriolis, secret);
}

const settingsBody = (
  { name, description, regions }: EndpointSettings,
  connection: JsonObject | undefined,
): JsonObject =>
  withoutUndefined({ name, connection_info: connection, description, mapped_regions: regions });

/** Finds the recently created endpoints of this name and platform for which `isIt` is true, the oldest first. */
async function findByName(
  coriolis: Coriolis,
  { name, type }: Pick<NewEndpoint, 'name' | 'type'>,
  isRecent: (createdAt: string) => boolean,
  isIt: (one: Endpoint) => boolean = () => true,
): Promise<readonly Endpoint[]> {
  const endpoints = await fetchAll(coriolis, 'endpoint');
  return sortOldestFirst(
    endpoints.filter(
      (one) => one.name === name && one.type === type && isRecent(one.created_at) && isIt(one),
    ),
  );
}

/** Whether an endpoint has the connection, description and regions of an input. */
function hasInputSettings(
  one: Endpoint,
  { connectionSecret, storeInBarbican, ...input }: NewEndpoint,
): boolean {
  const connection = connectionSecret === undefined ? input.connection : { secret_ref: connectionSecret };
  const isConnectedSo = storeInBarbican
    ? secretReferenceOf(one) !== undefined
    : isSameJson(one.connection_info, connection);
  const inOrder = (ids: readonly string[] = []) => [...ids].sort();
  return (
    isConnectedSo &&
    (one.description ?? '') === (input.description ?? '') &&
    isSameJson(inOrder(one.mapped_regions), inOrder(input.regions))
  );
}

/**
 * Checks that a caller gives inline connection details or a secret reference, not both, as the command line of Coriolis
 * does (`--connection`, `--connection-secret`: docs/reference/cli-parity.md L-END-CREATE).
 */
function checkConnection({ connection, connectionSecret, storeInBarbican }: ConnectionInput): void {
  if (connection !== undefined && connectionSecret !== undefined) {
    throw new InvalidInputError('Give either the connection details or a secret reference, not both.', {
      field: 'connection',
    });
  }
  if (storeInBarbican && connection === undefined) {
    throw new InvalidInputError('There are no connection details to store in Barbican.', {
      field: 'connection',
      advice: 'Give them, or switch off Store Connection in Barbican.',
    });
  }
}

/**
 * Saves an endpoint with its `connection_info`, after storing that in Barbican when wanted. When saving fails, the new
 * secret is deleted.
 */
async function withConnection<Result>(
  coriolis: Coriolis,
  { connection, connectionSecret, storeInBarbican }: ConnectionInput,
  save: (info: JsonObject | undefined) => Promise<Result>,
): Promise<Result> {
  if (connectionSecret !== undefined) return await save({ secret_ref: connectionSecret });
  if (connection === undefined || !storeInBarbican) return await save(connection);
  const stored = await storeSecret(coriolis, connection);
  return await deleteSecretOnFailure(coriolis, stored, () => save({ secret_ref: stored }));
}

/** Validates the connection of an endpoint, and returns the endpoint with the result. */
async function withValidation(coriolis: Coriolis, endpoint: Endpoint): Promise<ValidatedEndpoint> {
  const { valid, message } = await validateConnection(coriolis, endpoint.id).catch(failedValidation);
  return { ...endpoint, valid, message };
}

/** Result of a validation that could not run. Throwing the error would hide the id of the endpoint just created. */
function failedValidation(error: unknown): { readonly valid: null; readonly message: string } {
  if (!isCoriolisError(error) || ['canceled', 'authentication'].includes(error.kind)) throw asError(error);
  const { message, advice } = error;
  return { valid: null, message: `Its connection could not be checked: ${message}. ${advice ?? ''}`.trim() };
}
