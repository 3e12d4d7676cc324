import { matchesSettings } from '../../../src/model/compare-settings';
import { toComparableScripts } from '../../../src/fields/user-scripts-field';

describe('whether an object of the server has the settings that a request wants', () => {
  const held = { notes: null, network_map: { a: 'b' }, storage_mappings: {}, clone_disks: true };

  it.each([
    ['equal ones', { network_map: { a: 'b' }, clone_disks: true }, true],
    ['others', { network_map: { a: 'c' } }, false],
    ['fewer entries', { network_map: {} }, false],
    ['none for none, however it is written', { notes: undefined, storage_mappings: null }, true],
    ['one that its release does not keep', { skip_os_morphing: true }, true],
    ['a switch that is off for one that is on', { clone_disks: false }, false],
  ])('%s', (_what, wanted, has) => {
    expect(matchesSettings(held, wanted)).toBe(has);
  });
});

describe('user scripts', () => {
  const kept = {
    global: { linux: [{ phase: 'osmorphing_post_os_mount', payload: 'echo hi\n' }], windows: [] },
    instances: {},
  };

  it.each([
    ['a text', { global: { linux: 'echo hi\n' } }],
    ['a text with the line ends of Windows', { global: { linux: 'echo hi\r\n' } }],
    ['a part without a phase', { global: { linux: [{ payload: 'echo hi\n' }] } }],
    ['one for a machine that is not moved', { ...kept, instances: { stranger: 'echo' } }],
  ])('are the same as %s', (_what, given) => {
    expect(toComparableScripts(given, ['web-01'])).toEqual(toComparableScripts(kept, ['web-01']));
  });

  it.each([
    ['another text', { global: { linux: 'echo ho\n' } }],
    ['another phase', { global: { linux: [{ phase: 'replica_first_boot', payload: 'echo hi\n' }] } }],
    ['none', undefined],
  ])('are not the same as %s', (_what, given) => {
    expect(toComparableScripts(given, ['web-01'])).not.toEqual(toComparableScripts(kept, ['web-01']));
  });
});
