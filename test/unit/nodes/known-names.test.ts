import { readChosenNames, collectResolvedNames } from '../../../nodes/read/names-by-id';
import { list, reference, text } from '../../../src/vocabulary/field-constructors';

const id = '5f0a1b2c-0000-4000-8000-00000000dead';
const other = '5f0a1b2c-0000-4000-8000-00000000beef';
const fields = {
  transferId: reference('transfer', 'Transfer', 'One.'),
  endpointId: reference('endpoint', 'Endpoint', 'One.'),
  storage: text('Storage', 'A name.'),
  transferIds: list('Transfers', 'Some.', { of: { resource: 'transfer' } }),
};

test('names of entries that were chosen from lists, without their details', () => {
  const parameters: Record<string, unknown> = {
    transferId: {
      __rl: true,
      mode: 'list',
      value: id,
      cachedResultName: 'Shop (EU) (COMPLETED, copy of today)',
    },
    endpointId: { __rl: true, mode: 'id', value: other },
    storage: { __rl: true, mode: 'list', value: other, cachedResultName: 'ceph (default)' },
  };

  expect(readChosenNames(fields, (name) => parameters[name])).toEqual(new Map([[id, 'Shop (EU)']]));
});

test('names that were resolved, in fields and lists', () => {
  const names = collectResolvedNames(
    { transferId: 'Shop', endpointId: other, transferIds: ['Shop', 'Mail', id], storage: 'ceph' },
    { transferId: id, endpointId: other, transferIds: [id, other, id], storage: 'ceph' },
  );

  expect(names).toEqual(
    new Map([
      [id, 'Shop'],
      [other, 'Mail'],
    ]),
  );
});
