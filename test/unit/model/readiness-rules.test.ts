import fc from 'fast-check';
import { assessReadiness } from '../../../src/model/readiness-rules';
import { cases } from '../../support/cases';

const sound = {
  os_type: 'linux',
  firmware_type: 'BIOS',
  devices: {
    disks: [{ id: 'd1', path: '[ds] vm/d1.vmdk', size_bytes: 1 }],
    nics: [{ network_name: 'VM Network', ip_addresses: ['192.0.2.1'] }],
    cdroms: [],
    floppies: [],
  },
};
const withDisk = (disk: object) => ({ ...sound, devices: { ...sound.devices, disks: [disk] } });
const checksOf = (data: unknown) =>
  (assessReadiness([{ name: 'vm', data }])[0] ?? []).map(({ check, status }) => `${status} ${check}`);

test('a sound machine has no findings', () => {
  expect(checksOf(sound)).toEqual([]);
});

test.each([
  ['blocking no_disks', { ...sound, devices: {} }],
  ['blocking independent_disk', withDisk({ id: 'd', mode: 'independent_persistent' })],
  ['blocking raw_device', withDisk({ id: 'd', compatibility_mode: 'physicalMode' })],
  ['warning shareable_disk', withDisk({ id: 'd', shareable: true })],
  ['warning guest', { ...sound, os_type: 'other' }],
  ['warning secure_boot', { ...sound, secure_boot: true }],
  ['warning snapshots', { ...sound, snapshots: [{ id: 's' }] }],
  ['warning cbt', withDisk({ id: 'd', ctk_enabled: false })],
  ['note firmware', { ...sound, firmware_type: 'EFI' }],
  ['note address', { ...sound, devices: { ...sound.devices, nics: [{ ip_addresses: [] }] } }],
  ['note removable', { ...sound, devices: { ...sound.devices, cdroms: [{ id: 'c' }] } }],
  ['note power', { ...sound, power_state: 'poweredOff' }],
])('%s is found', (expected, data) => {
  expect(checksOf(data)).toEqual([expected]);
});

test('disks shared between machines are found on each, with the other one', () => {
  const found = assessReadiness([
    { name: 'one', data: sound },
    { name: 'other', data: sound },
    { name: 'third', data: withDisk({ id: 'd1', path: '[ds] third/d1.vmdk' }) },
  ]);
  expect(found.map((all) => all.map(({ message }) => message))).toEqual([
    [expect.stringContaining('d1 with other')],
    [expect.stringContaining('d1 with one')],
    [],
  ]);
});

test('no data of a provider break it, and the worst findings come first', () => {
  const RANK = ['blocking', 'warning', 'note'];
  fc.assert(
    fc.property(fc.array(fc.record({ name: fc.string(), data: fc.anything() })), (machines) => {
      for (const findings of assessReadiness(machines)) {
        const ranks = findings.map(({ status }) => RANK.indexOf(status));
        expect(ranks).toEqual([...ranks].sort());
        expect(findings.every(({ source }) => source !== '')).toBe(true);
      }
    }),
    cases(200),
  );
});
