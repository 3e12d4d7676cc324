import type { VmSpec } from '../../sandbox/platforms/make-vms';

/** A small machine of its own, whose runs no other machine of the sandbox shares. Tests add a behaviour. */
export const ledgerMachine: VmSpec = {
  name: 'ledger',
  identifier: 'ledger',
  cpus: 2,
  memoryGib: 4,
  disks: [20],
  networks: ['VM Network'],
  os: { type: 'linux', guestId: 'ubuntu64Guest', name: 'Ubuntu 22.04.5 LTS' },
  firmware: 'BIOS',
};
