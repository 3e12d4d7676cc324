import { InvalidInputError } from '../../../src/api/errors';
import {
  choice,
  duration,
  flag,
  form,
  json,
  list,
  map,
  number,
  reference,
  text,
} from '../../../src/vocabulary/field-constructors';
import { makeStorageFields } from '../../../src/fields/transfer-fields';
import { readInput } from '../../../src/vocabulary/read-input';

const fields = {
  transferId: reference('transfer', 'Transfer', 'Transfer to work with.'),
  notes: text('Notes', 'Text for people.', { optional: true }),
  scenario: choice('Scenario', 'What it is for.', [{ value: 'replica', title: 'Replica' }], {
    default: 'replica',
  }),
  timeoutSeconds: number('Timeout', 'Seconds.', { default: 60, minimum: 1, maximum: 100 }),
  patience: duration('Patience', 'How long.', { optional: true, minimum: 1, maximum: 86_400 }),
  force: flag('Force', 'Whether to force.'),
  cloneDisks: flag('Clone Disks', 'Whether to clone.', { optional: true }),
  instances: list('Instances', 'Machines.', { optional: true }),
  storageMappings: map('Storage Mappings', 'Pairs.', {
    optional: true,
    keyTitle: 'Source',
    valueTitle: 'Destination',
  }),
  networkMap: map('Network Map', 'Pairs.', {
    objects: true,
    optional: true,
    keyTitle: 'Source',
    valueTitle: 'Destination',
  }),
  connection: json('Connection', 'Details.', { optional: true, secret: true }),
  environment: form('source', 'transferId', 'Environment', 'Options.', { optional: true }),
};

const read = (given: Record<string, unknown>) => readInput(fields, { transferId: 't-1', ...given });

/** The error that reading `given` ends with. */
function refusal(given: Record<string, unknown>): InvalidInputError {
  try {
    read(given);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
  }
  throw new Error('the input was accepted');
}

describe('reading input', () => {
  it('fills defaults and leaves optional fields undefined', () => {
    expect(read({})).toEqual({
      transferId: 't-1',
      notes: undefined,
      scenario: 'replica',
      timeoutSeconds: 60,
      patience: undefined,
      force: false,
      cloneDisks: undefined,
      instances: undefined,
      storageMappings: undefined,
      networkMap: undefined,
      connection: undefined,
      environment: undefined,
    });
  });

  it.each([
    [7200, 7200],
    ['7200', 7200],
    ['2h', 7200],
    [' 1h 30m ', 5400],
  ])('takes %j for a duration', (given, patience) => {
    expect(read({ patience: given })).toMatchObject({ patience });
  });

  it.each(['2 moons', '2d', '0s', 1.5])('takes %j for no duration of its range', (given) => {
    expect(refusal({ patience: given }).message).toMatch(
      /^Patience \(patience\) must be a duration such as 90m or 2h, or a whole number of seconds, from 1 to 86400; got /u,
    );
  });

  it.each([undefined, null, '', '   '])('takes %j for "not given"', (nothing) => {
    expect(read({ notes: nothing, scenario: nothing, cloneDisks: nothing })).toMatchObject({
      scenario: 'replica',
      cloneDisks: undefined,
    });
    expect(refusal({ transferId: nothing }).message).toBe(
      'Transfer (transferId) is missing: transfer to work with.',
    );
  });

  it.each([
    ['an object', { datastore1: 'ceph' }],
    ['JSON text', '{"datastore1": "ceph"}'],
    ['the command line spelling', 'datastore1=ceph'],
    ['a list of that spelling', ['datastore1=ceph']],
    ['quotes on either side', `"datastore1"='ceph'`],
  ])('accepts storage mappings as %s', (_spelling, given) => {
    expect(read({ storageMappings: given }).storageMappings).toEqual({ datastore1: 'ceph' });
  });

  it('accepts several pairs on lines or with commas', () => {
    const pairs = { a: '1', b: '2', c: '3' };
    expect(read({ storageMappings: 'a=1\nb=2,c=3' }).storageMappings).toEqual(pairs);
  });

  it('knows no names that JavaScript has by itself', () => {
    const pairs = read({ storageMappings: 'constructor=ceph\n__proto__=lvm' }).storageMappings;
    expect(Object.entries(pairs ?? {})).toEqual([
      ['constructor', 'ceph'],
      ['__proto__', 'lvm'],
    ]);
    expect(refusal({ toString: 'text' }).message).toContain('toString is not an input here');
  });

  it('takes names of networks with slashes, dots and letters of all kinds', () => {
    const names = { '/DC1/network/VM Network': 'net.01/åäö', 'dvs:7.2 (β)': '私有' };
    const spelled = Object.entries(names).map(([from, to]) => `${from}=${to}`);
    expect(read({ networkMap: spelled.join('\n') }).networkMap).toEqual(names);
    expect(read({ networkMap: spelled }).networkMap).toEqual(names);
  });

  it('lets a network map name objects, a storage mapping only texts', () => {
    const target = { 'VM Network': { id: 'net-1', security_groups: ['sg-1'] } };
    expect(read({ networkMap: target }).networkMap).toEqual(target);
    expect(refusal({ storageMappings: target }).message).toContain(
      'must map "VM Network" to a text, got an object',
    );
  });

  it.each([
    ['an array', ['vm-1', 'vm-2']],
    ['JSON text', '["vm-1", "vm-2"]'],
    ['commas', 'vm-1, vm-2'],
    ['lines', 'vm-1\nvm-2\n'],
  ])('accepts a list as %s', (_spelling, given) => {
    expect(read({ instances: given }).instances).toEqual(['vm-1', 'vm-2']);
  });

  it.each([
    ['a name with a comma, as an entry of a list', { instances: ['web, 01'] }, { instances: ['web, 01'] }],
    ['a name that begins with a bracket', { instances: '[PROD] web-01' }, { instances: ['[PROD] web-01'] }],
    ['a name made of digits, as a number', { instances: [1001, '007'] }, { instances: ['1001', '007'] }],
    ['one name made of digits', { instances: 1001 }, { instances: ['1001'] }],
    ['a reference made of digits', { transferId: 1001 }, { transferId: '1001' }],
    ['a reference with blanks', { transferId: 'db-03 ' }, { transferId: 'db-03 ' }],
    [
      'an id with the blanks that were pasted with it',
      { transferId: ' 0f0e0d0c-0001-4000-8000-000000000001\n' },
      { transferId: '0f0e0d0c-0001-4000-8000-000000000001' },
    ],
    [
      'pairs that begin with a bracket',
      { networkMap: '[dv] PG=private' },
      { networkMap: { '[dv] PG': 'private' } },
    ],
    [
      'pairs that begin with a brace',
      { networkMap: '{x} PG=private' },
      { networkMap: { '{x} PG': 'private' } },
    ],
    ['a number as a destination', { networkMap: { a: 7 } }, { networkMap: { a: '7' } }],
  ])('takes %s as it is', (_case, given, expected) => {
    expect(read(given)).toMatchObject(expected);
  });

  describe('storage in the spelling of Coriolis', () => {
    const storage = makeStorageFields([]);
    const readStorage = (given: Record<string, unknown>) => readInput(storage, given);

    it.each([
      ['a default', { default: 'ceph-hdd' }, { defaultStorage: 'ceph-hdd' }],
      ['a default as JSON text', '{"default": "ceph-hdd"}', { defaultStorage: 'ceph-hdd' }],
      [
        'everything',
        {
          default: 'c',
          backend_mappings: [{ source: 'ds1', destination: 'a' }],
          disk_mappings: [{ disk_id: 'd-1', destination: 'b' }],
        },
        { defaultStorage: 'c', storageMappings: { ds1: 'a' }, diskMappings: { 'd-1': 'b' } },
      ],
      ['null for a default', { default: null }, { defaultStorage: undefined }],
      ['pairs only', { ds1: 'a' }, { storageMappings: { ds1: 'a' } }],
    ])('understands %s', (_case, storageMappings, expected) => {
      expect(readStorage({ storageMappings })).toMatchObject(expected);
    });

    it.each([
      [
        'both spellings in one',
        { storageMappings: { default: 'a', ds1: 'b' } },
        'has "default" beside "ds1"',
      ],
      [
        'a part given twice',
        { storageMappings: { default: 'a' }, defaultStorage: 'b' },
        'Default Storage (defaultStorage) is given twice',
      ],
    ])('refuses %s in words', (_case, given, words) => {
      expect(() => readStorage(given)).toThrow(words);
    });
  });

  it.each([
    ['storage mapping without =', { storageMappings: 'datastore1' }, 'exactly one "=", found "datastore1"'],
    ['mapping with two =', { storageMappings: 'a=b=c' }, 'exactly one "="'],
    ['the same source twice', { storageMappings: 'a=b,a=c' }, 'maps "a" twice'],
    ['an instance twice', { instances: 'vm-1,vm-1' }, 'names "vm-1" twice'],
    ['an object in a list', { instances: [{ id: 7 }] }, 'must hold texts only, found an object'],
    ['a word that is no choice', { scenario: 'copy' }, 'must be one of replica; got "copy"'],
    ['a number out of range', { timeoutSeconds: 0 }, 'from 1 to 100; got 0'],
    ['a fraction', { timeoutSeconds: 1.5 }, 'whole number'],
    ['text for a flag', { force: 'yes please' }, 'must be true or false'],
    ['malformed JSON', { environment: '{"a": ' }, 'is not valid JSON'],
    ['a JSON list for an object', { environment: '[1]' }, 'must be a JSON object, got a list'],
    ['a flag for a reference', { transferId: true }, 'must be an id or a name, got true'],
    ['JSON with a mistake in a list', { instances: '["vm-1", ' }, 'is not valid JSON'],
    ['JSON with a mistake in a map', { storageMappings: '{"a": "b=c"' }, 'is not valid JSON'],
    [
      'rows of another kind',
      { storageMappings: [{ from: 'a', to: 'b' }] },
      'source (or disk_id) and destination',
    ],
    ['null as a destination', { storageMappings: { a: null } }, 'must map "a" to a text, got null'],
    ['half a character', { transferId: 'web-\ud800' }, 'transferId) holds half of a character'],
    ['half a character in JSON', { environment: '{"a": ["\\udc00"]}' }, 'holds half of a character'],
    ['an unknown field', { transferid: 'x' }, 'transferid is not an input here; accepted: transferId, notes'],
  ])('refuses %s in words', (_case, given, words) => {
    const error = refusal(given);
    expect(error.message).toContain(words);
    expect(error.kind).toBe('invalid_input');
    expect(error.advice).toMatch(/^Nothing was sent/);
  });

  it('names everything that is wrong at once, as the face spells it', () => {
    const spell = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const reading = () => readInput(fields, { timeoutSeconds: 0, scenario: 'copy' }, spell);
    expect(reading).toThrow(/\(transfer_id\) is missing.*\(scenario\) must be.*\(timeout_seconds\) must be/u);
  });

  it('never repeats what stood in a field that may hold a secret', () => {
    expect(refusal({ connection: '{"password": hunter2}' }).message).not.toContain('hunter2');
  });

  it('understands the words true and false, which expressions produce', () => {
    expect(read({ force: 'true', cloneDisks: 'False' })).toMatchObject({ force: true, cloneDisks: false });
  });
});
