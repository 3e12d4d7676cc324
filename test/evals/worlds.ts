import type { Generation } from '../../sandbox/world/releases';
import type { OperatingSystem, VmSpec } from '../../sandbox/platforms/make-vms';
import { startSandbox } from '../../sandbox/sandbox';
import { Builder, DAY, HOUR, MINUTE, worldOf } from './world';
import type { World } from './world';

const LINUX: OperatingSystem = { type: 'linux', guestId: 'ubuntu64Guest', name: 'Ubuntu 22.04.5 LTS' };

/** A machine whose behaviour changes while its past is built. */
const machine = (name: string, disks: readonly number[] = [20]): VmSpec => ({
  name,
  identifier: name,
  cpus: 2,
  memoryGib: 4,
  disks,
  networks: ['VM Network'],
  os: LINUX,
  firmware: 'BIOS',
  behaviour: {},
});

export const MACHINES = ['orders-db', 'slowing', 'batch', 'payroll'];

const CBT_FAILURE = {
  taskType: 'REPLICATE_DISKS',
  atPercent: 12,
  message:
    "(vmodl.fault.InvalidArgument) {\n   dynamicType = <unset>,\n   msg = 'A specified parameter was not correct: deviceKey',\n" +
    "   faultCause = <unset>,\n   invalidProperty = 'deviceKey'\n}",
};
const QUOTA_FAILURE = {
  taskType: 'DEPLOY_INSTANCE_RESOURCES',
  message: 'Quota exceeded for cores: Requested 2, but already used 19 of 20 cores',
};

/**
 * Five nights, the last one 14 hours ago, of an estate in which everything happens that the daily questions are about: failures in a row, a stuck
 * run, a run without an end, disks of unequal size, deleted disks, an update after the last sync, schedules that are
 * off, machines without protection, endpoints and transfers of the same name.
 */
async function startNights(generation: Generation): Promise<World> {
  const past = await Builder.start(5 * DAY + HOUR, {
    generation,
    machines: MACHINES.map((name) => machine(name)),
  });
  const isCurrent = generation === 'current';
  const vcenter = await past.endpoint('vcenter', 'vmware_vsphere');
  const cloud = await past.endpoint('openstack', 'openstack');
  await past.endpoint('dr-site', 'openstack');
  await past.endpoint('dr-site', 'openstack');
  const plan = (name: string, instances: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
    past.plan(name, vcenter, cloud, instances, more);

  await plan('Web shop', ['web-01', 'web-02']);
  await plan('Orders database', ['orders-db']);
  await plan('Continuous integration', ['jenkins']);
  await plan('Source code', ['gitlab']);
  await plan('Batch jobs', ['batch']);
  await plan('Reporting', ['slowing']);
  await plan('Payroll', ['payroll']);
  await plan('Twin', ['test-vm-01']);
  await plan('Twin', ['test-vm-02']);
  const nightly = ['Web shop', 'Orders database', 'Batch jobs', 'Reporting', 'Payroll', 'Source code'];
  for (let night = 5; night >= 1; night -= 1) {
    past.at(night * DAY - 10 * HOUR);
    if (night === 3) past.behave('orders-db', { failure: CBT_FAILURE });
    past.behave('slowing', { slowdown: 2 * (6 - night) });
    await past.execute(...nightly, ...(night === 5 ? ['Continuous integration'] : []));
  }

  past.at(8 * HOUR);
  past.behave('batch', { stuckAtPercent: 63 });
  await past.execute('Batch jobs');
  past.at(7 * HOUR);
  await plan('Archive', ['endless-vm']);
  await past.execute('Archive');
  past.at(6 * HOUR);
  await past.call('transfer.deleteDisks', { transferId: past.idOf('Source code') });
  if (isCurrent) {
    await past.call('transfer.update', {
      transferId: past.idOf('Continuous integration'),
      notes: 'Continuous integration',
      destinationEnvironment: { migr_network: 'private', set_dhcp: true },
    });
  }
  past.at(5 * HOUR);
  past.behave('payroll', { failure: QUOTA_FAILURE });
  await past.deploy('Payroll', { cloneDisks: true });
  past.at(4 * HOUR);
  if (isCurrent) {
    await plan('Mail', ['app-02'], { scenario: 'live_migration' });
    await past.execute('Mail');
  }
  past.at(90 * MINUTE);
  await plan('File server', ['win-file-01']);
  await plan('Not begun', ['app-01']);
  past.at(HOUR);
  if (isCurrent) await past.deploy('Mail');
  past.at(40 * MINUTE);
  await past.execute('File server');
  await past.schedule('Web shop');
  await past.schedule('Orders database');
  await past.schedule('Continuous integration', { enabled: false });

  const { licensing } = past.sandbox;
  const appliance = licensing.addAppliance();
  licensing.addLicence(appliance, { replicas: 20, migrations: 10, days: 12 });
  licensing.addLicence(appliance, { replicas: 500, migrations: 500, days: -30 });
  return past.done();
}

/** 10,000 transfers with their nights. */
async function startLarge(): Promise<World> {
  const sandbox = await startSandbox({ transfers: 10_000, watcherQuirks: false });
  return worldOf(sandbox);
}

/** Worlds by name. */
export const worlds = {
  nights: () => startNights('current'),
  legacy: () => startNights('legacy'),
  large: startLarge,
} as const;

export type WorldName = keyof typeof worlds;
