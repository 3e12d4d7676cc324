import type { IndexedRow } from '../requests/fetch-lists';
import { path } from '../api/request-path';
import { encodeEnvironment, encodeOptions } from '../api/url-encoding';
import type { Coriolis } from '../api/operation-context';
import type { JsonObject } from '../model/json';
import { key, view } from '../vocabulary/result-keys';
import type { Network, ProviderOption, StorageBackend } from '../model/api-objects';

/**
 * Requests that Coriolis forwards to the platform of an endpoint. They take long (docs/reference/coriolis-api.md §§1.9,
 * 6.3).
 */

export const networkView = view<Network>()({
  id: key.text('Network id'),
  name: key.text('Name', { untrusted: true }),
});

export const storageView = view<StorageBackend & { readonly is_default: boolean }>()({
  id: key.text('Storage id'),
  name: key.text('Name', { untrusted: true }),
  is_default: key.flag('Whether the platform uses this storage by default'),
});

export const providerOptionView = view<ProviderOption>()({
  name: key.text('Name of the field'),
  values: key.values('Accepted values', { untrusted: true }),
  default: key.values(
    'Default of the platform; null without one',
    ({ config_default: standard }: ProviderOption) =>
      standard === undefined || standard === null
        ? null
        : Array.isArray(standard)
          ? (standard as unknown[])
          : [standard],
    { nullable: true },
  ),
});

/** A row of the inventory. Its columns differ by platform. */
export type InventoryRow = Readonly<Record<string, string>> & IndexedRow;

/** Result view of a row of the inventory. It declares no keys, because the columns differ by platform. */
export const inventoryView = { shape: {}, of: (columns: InventoryRow) => columns };

export async function fetchNetworks(
  { client }: Coriolis,
  endpointId: string,
  environment?: JsonObject,
): Promise<readonly Network[]> {
  const answer = await client.get<{ networks: Network[] }>(path`/endpoints/${endpointId}/networks`, {
    query: { env: encodeEnvironment(environment) },
    mayTakeMinutes: true,
  });
  return answer.networks;
}

/**
 * Fetches the storage backends of an endpoint and the name of the platform's default. The server sends both in one
 * object under the singular key `storage` (docs/reference/coriolis-api.md §17, trap 25).
 */
export async function fetchStorage(
  { client }: Coriolis,
  endpointId: string,
  environment?: JsonObject,
): Promise<{ readonly backends: readonly StorageBackend[]; readonly standard: string | undefined }> {
  const answer = await client.get<{
    storage: { storage_backends: StorageBackend[]; config_default?: string | null };
  }>(path`/endpoints/${endpointId}/storage`, {
    query: { env: encodeEnvironment(environment) },
    mayTakeMinutes: true,
  });
  return { backends: answer.storage.storage_backends, standard: answer.storage.config_default ?? undefined };
}

export const fetchStorageBackends = async (
  coriolis: Coriolis,
  endpointId: string,
): Promise<readonly StorageBackend[]> => (await fetchStorage(coriolis, endpointId)).backends;

/** Sides of a transfer, and of its minion pools, for which a platform lists the values of its options. */
export type ProviderOptionSide = 'source' | 'destination' | 'source_minion_pool' | 'destination_minion_pool';

/** Fetches the values that a platform offers for an environment or for minion pool options. */
export async function fetchProviderOptions(
  { client }: Coriolis,
  endpointId: string,
  side: ProviderOptionSide,
  names: readonly string[] | undefined,
  environment: JsonObject | undefined,
): Promise<readonly ProviderOption[]> {
  const answer = await client.get<Record<string, ProviderOption[] | undefined>>(
    // The path has hyphens where the key of the answer has underscores (docs/reference/coriolis-api.md §17, trap 28).
    path`/endpoints/${endpointId}/${side.replaceAll('_', '-')}-options`,
    {
      query: {
        options: encodeOptions(names),
        env: encodeEnvironment(environment),
      },
      mayTakeMinutes: true,
    },
  );
  return answer[`${side}_options`] ?? [];
}

/** Exports the machines of an endpoint as CSV, with the provider's columns (servers from 1.2.2). */
export async function fetchInventoryCsv(
  { client, signal }: Coriolis,
  endpointId: string,
  environment: JsonObject | undefined,
): Promise<string> {
  return await client.get<string>(path`/endpoints/${endpointId}/inventory`, {
    query: { env: encodeEnvironment(environment) },
    accept: 'text/csv',
    mayTakeMinutes: true,
    signal,
  });
}
