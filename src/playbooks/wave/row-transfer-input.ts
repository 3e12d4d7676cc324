import { isObject, omitKeys, type JsonObject } from '../../model/json';
import type { WaveSettings } from './wave-input';
import { applyMapWithPatterns, mergeEnvironments, mergeMaps, withoutPatterns } from './map-patterns';
import type { ResolvedRow } from './resolved-row';

/**
 * Merges the settings of the wave and of a row into the input for creating the row's transfer. Also lists the machine's
 * networks and storage that no map covers.
 */
export function makeTransferInput(blueprint: WaveSettings, found: ResolvedRow) {
  const { row, instance, machineDetails } = found;
  const { overrides, table } = row;
  const networkMap = mergeMaps<unknown>(blueprint.networkMap, overrides.networkMap);
  const storageMap = mergeMaps<string>(blueprint.storageMappings, overrides.storageMappings);
  const diskMap = mergeMaps<string>(blueprint.diskMappings, overrides.diskMappings);
  const nics = machineDetails?.devices?.nics;
  const disks = machineDetails?.devices?.disks;
  const nets =
    nics &&
    applyMapWithPatterns(
      networkMap,
      nics.flatMap(({ network_name: name }) => name ?? []),
    );
  const unplaced = disks?.filter(({ id }) => !Object.hasOwn(diskMap, id));
  const stores =
    unplaced &&
    applyMapWithPatterns(
      storageMap,
      unplaced.flatMap(({ storage_backend_identifier: name }) => name ?? []),
    );
  const ownDisks = disks
    ? Object.fromEntries(Object.entries(diskMap).filter(([id]) => disks.some((disk) => disk.id === id)))
    : diskMap;
  const defaultStorage = overrides.defaultStorage ?? blueprint.defaultStorage;
  const morphing =
    found.osMorphingPoolId ??
    blueprint.osMorphingPools?.[instance] ??
    blueprint.osMorphingPools?.[table.name];
  return {
    unmapped: {
      networks: nets?.unmapped ?? [],
      storage: defaultStorage === undefined ? (stores?.unmapped ?? []) : [],
    },
    input: {
      originEndpointId: found.originEndpointId,
      destinationEndpointId: found.destinationEndpointId,
      instances: [instance],
      sourceEnvironment: mergeEnvironments(blueprint.sourceEnvironment, overrides.sourceEnvironment),
      destinationEnvironment: mergeEnvironments(
        blueprint.destinationEnvironment,
        overrides.destinationEnvironment,
      ),
      networkMap: undefinedIfEmpty(nets?.entries ?? withoutPatterns(networkMap)),
      notes: overrides.notes ?? blueprint.notes ?? table.name,
      defaultStorage,
      storageMappings: undefinedIfEmpty(stores?.entries ?? withoutPatterns(storageMap)),
      diskMappings: undefinedIfEmpty(ownDisks),
      userScripts: scriptsOf(blueprint.userScripts, instance),
      originMinionPoolId: found.originMinionPoolId,
      destinationMinionPoolId: found.destinationMinionPoolId,
      osMorphingPools: morphing === undefined ? undefined : { [instance]: morphing },
      // The plan has found the machine on the source, so its existence need not be checked again.
      checkInstances: false,
    },
  };
}

const undefinedIfEmpty = <Value>(
  map: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> | undefined => (Object.keys(map).length === 0 ? undefined : map);

/** User scripts for one machine: those for all machines, and its own. */
function scriptsOf(scripts: JsonObject | undefined, instance: string): JsonObject | undefined {
  const each = scripts?.['instances'];
  if (scripts === undefined || !isObject(each)) return scripts;
  const mine = Object.hasOwn(each, instance) ? { instances: { [instance]: each[instance] } } : {};
  return { ...omitKeys(scripts, 'instances'), ...mine };
}
