import { toCanonicalJson } from '../../../../src/model/canonical-json';
import { hashPlan, hashRow as hashesOfRow } from '../../../../src/playbooks/wave/plan-hash';
import type { JsonObject } from '../../../../src/model/json';

/**
 * Hashes of fixed inputs. They are the same on every platform and in every release: a changed one would refuse each plan that
 * was approved before. Whoever changes the rules changes the version in `hash.ts`.
 */

describe('the canonical form', () => {
  it.each([
    ['keys in any order', { b: 1, a: { d: [3, 2], c: null } }, '{"a":{"c":null,"d":[3,2]},"b":1}'],
    [
      'keys by code unit, not by language',
      { ä: 1, z: 2, Z: 3, '10': 4, '9': 5 },
      '{"10":4,"9":5,"Z":3,"z":2,"ä":1}',
    ],
    ['missing values', { a: undefined, b: 1 }, '{"b":1}'],
    ['numbers', [1.0, -0, 1e21, 1e-7, 0.1, 1e3], '[1,0,1e+21,1e-7,0.1,1000]'],
    [
      'characters beyond the first plane, quotes, line breaks',
      ['😀', '"', '\n', '\u2028'],
      '["😀","\\"","\\n","\u2028"]',
    ],
    ['lone surrogates', ['\ud800'], '["\\ud800"]'],
  ])('of %s', (_what, value, text) => {
    expect(toCanonicalJson(value)).toBe(text);
  });
});

const hashRow = (settings: JsonObject): string => hashesOfRow(settings).hash;

const row = {
  machine: 'Büro (1)',
  wave: 'W 1',
  passes: 2,
  network_map: { 'VM Network': 'private', Backend: 'net' },
};

describe('a hash', () => {
  it('is the same for equal rows, in any order of keys', () => {
    expect(hashRow(row)).toBe('ce045f1c141f75cd5f42da29d02abd09');
    const { network_map: map, ...rest } = row;
    expect(hashRow({ network_map: { Backend: map.Backend, 'VM Network': 'private' }, ...rest })).toBe(
      hashRow(row),
    );
  });

  it.each([
    [{ passes: 3 }],
    [{ machine: 'Buro (1)' }],
    // Another way to write the same letter is another name to Coriolis.
    [{ machine: 'Bu\u0308ro (1)' }],
    [{ network_map: {} }],
  ])('differs with %j', (change) => {
    expect(hashRow({ ...row, ...change })).not.toBe(hashRow(row));
  });

  it('does not depend on secrets', () => {
    const environment = (password: string) => ({ ...row, source_environment: { password } });
    expect(hashRow(environment('one'))).toBe(hashRow(environment('two')));
  });

  it('covers the disks of a machine, which are apart from its settings', () => {
    const disks = { ...row, disks_gib: { '2000': 40, '2001': null } };
    expect(hashesOfRow(disks)).toEqual({
      settingsHash: hashRow(row),
      disksHash: '602aba1f04dee105',
      hash: 'e4c3b538ec2d0437e400b5b1df4f67d0',
    });
    expect(hashRow({ ...row, disks_gib: { '2001': null, '2000': 40 } })).toBe(hashRow(disks));
    for (const changed of [{ '2000': 60, '2001': null }, { '2000': 40 }, { '2002': 40, '2001': null }, {}])
      expect(hashRow({ ...row, disks_gib: changed })).not.toBe(hashRow(disks));
  });

  it('of a plan is that of its rows in any order', () => {
    const [first, second] = [hashRow(row), hashRow({ ...row, machine: 'b' })];
    expect(hashPlan([first, second])).toBe(
      'a8ae93a9e0d2ad748a8876b6a8a7df4f256d994a2404afb077792bf5e7a135c0',
    );
    expect(hashPlan([second, first])).toBe(hashPlan([first, second]));
    expect(hashPlan([first])).not.toBe(hashPlan([first, first]));
  });
});
