import type { InstanceBehaviour } from '../../sandbox/platforms/platform';
import type { VmSpec } from '../../sandbox/platforms/make-vms';
import type { JsonObject } from '../../src/model/json';
import type { WaveInput } from '../../src/playbooks/wave/wave-input';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';

/** A machine for waves of any size. */
export const machine = (name: string, more: Partial<VmSpec> = {}): VmSpec => ({
  name,
  cpus: 2,
  memoryGib: 4,
  disks: [10],
  networks: ['VM Network'],
  os: { type: 'linux', guestId: 'ubuntu64Guest', name: 'Ubuntu 22.04.5 LTS' },
  firmware: 'BIOS',
  behaviour: {} satisfies InstanceBehaviour,
  ...more,
});

export const machines = (count: number, more: Partial<VmSpec> = {}): readonly VmSpec[] =>
  Array.from({ length: count }, (_one, index) =>
    machine(`wave-${String(index + 1).padStart(3, '0')}`, { behaviour: {}, ...more }),
  );

/** A wave between the endpoints of a sandbox. */
export const waveOf = (rows: readonly JsonObject[], more: Partial<WaveInput> = {}): WaveInput => ({
  wave: 'Wave 1',
  table: undefined,
  rows,
  originEndpointId: 'vcenter',
  destinationEndpointId: 'openstack',
  scenario: 'live_migration',
  sourceEnvironment: undefined,
  destinationEnvironment: { migr_network: 'private' },
  networkMap: { '*': 'private' },
  notes: undefined,
  defaultStorage: undefined,
  storageMappings: undefined,
  diskMappings: undefined,
  userScripts: undefined,
  originMinionPoolId: undefined,
  destinationMinionPoolId: undefined,
  osMorphingPools: undefined,
  cloneDisks: undefined,
  skipOsMorphing: undefined,
  passes: 1,
  shutdownInstances: true,
  throughputMbps: undefined,
  ...more,
});

export const runOptions = (planHash: string, more: Partial<WaveRunOptions> = {}): WaveRunOptions => ({
  planHash,
  until: 'cut_over',
  only: undefined,
  rowHashes: undefined,
  maxParallel: 10,
  maxParallelPerEndpoint: undefined,
  window: undefined,
  stopAfter: undefined,
  retries: 1,
  retryFailed: false,
  scheduleHour: 1,
  scheduleStaggerMinutes: 5,
  timeoutSeconds: 24 * 3600,
  ...more,
});
