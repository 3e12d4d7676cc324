import fc from 'fast-check';
import { NameIndex, type NamedObject } from '../../../src/lookup/name-index';

const object = (id: string, name: string, ...aliases: readonly string[]): NamedObject => ({
  id,
  name,
  aliases,
});

describe('an index of names', () => {
  it('prefers the exact name to equal ones, and both to others', () => {
    const index = new NameIndex();
    index.put(object('1', 'web'));
    index.put(object('2', ' web '));
    index.put(object('3', 'shop', 'web'));
    expect(index.find('web')).toEqual(['1']);
    index.remove('1');
    expect(index.find('web')).toEqual(['2', '3']);
    expect(index.find('shop')).toEqual(['3']);
    expect(index.find('we')).toEqual([]);
    expect(index.find('3')).toEqual(['3']);
  });

  it('forgets the names that an object had before', () => {
    const index = new NameIndex();
    index.put(object('1', 'old', 'alias'));
    index.put(object('1', 'new'));
    expect([index.find('old'), index.find('alias'), index.find('new')]).toEqual([[], [], ['1']]);
  });

  it('finds similar names in any case, as many as asked for', () => {
    const index = new NameIndex();
    for (const id of ['1', '2', '3']) index.put(object(id, `Nightly ${id}`));
    expect(index.similar('nightly', 2)).toEqual(['1', '2']);
    expect(index.similar('3', 5)).toEqual(['3']);
  });

  const names = fc.constantFrom('a', 'A', ' a', 'b', 'é', 'é', '');
  const objects = fc.record({
    id: fc.constantFrom('id-1', 'id-2', 'id-3', 'id-4'),
    name: names,
    aliases: fc.array(names, { maxLength: 3 }),
  });
  const changes = fc.array(fc.record({ object: objects, isRemoved: fc.boolean() }), { maxLength: 30 });

  it('finds what a look at every object finds, whatever came before', () => {
    const plain = (name: string): string => name.trim().normalize('NFC');
    fc.assert(
      fc.property(changes, names, (steps, given) => {
        const index = new NameIndex();
        const left = new Map<string, NamedObject>();
        for (const { object: one, isRemoved } of steps) {
          left.delete(one.id);
          if (isRemoved) index.remove(one.id);
          else {
            index.put(one);
            left.set(one.id, one);
          }
        }
        const named = [...left.values()].filter(({ name }) => name === given);
        const alike = [...left.values()].filter(({ name, aliases = [] }) =>
          [name, ...aliases].some((other) => plain(other) === plain(given)),
        );
        const expected = (named.length > 0 ? named : alike).map(({ id }) => id).sort();
        expect([...index.find(given)].sort()).toEqual(expected);
      }),
    );
  });
});
