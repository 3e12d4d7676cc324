import { key, view } from '../../../src/vocabulary/result-keys';

describe('moments in what is shown', () => {
  const shown = view<string | null>()(
    {
      name: key.text('Name'),
      at: key.time('When', { nullable: true }),
      rows: key.rows('Rows', { at: key.time('When') }),
    },
    (at) => ({ name: '2026-11-22T15:44:13', at, rows: [{ at: at ?? 'never' }] }),
  );

  it('carry the zone that servers leave out, in rows too; texts stay as they are', () => {
    expect(shown.of('2026-11-22T15:44:13.000000')).toEqual({
      name: '2026-11-22T15:44:13',
      at: '2026-11-22T15:44:13Z',
      rows: [{ at: '2026-11-22T15:44:13Z' }],
    });
  });

  it('stand where the shape has them, as everything does', () => {
    const late = view<string>()({ name: key.text('Name'), at: key.time('When') }, (at) => ({
      at,
      name: 'x',
    }));

    expect(Object.keys(late.of('2026-11-22T15:44:13'))).toEqual(['name', 'at']);
  });

  it('stay as they are when they are none', () => {
    expect(shown.of(null)).toMatchObject({ at: null, rows: [{ at: 'never' }] });
  });

  it('say that they are UTC', () => {
    expect(shown.shape.at.description).toBe('When, UTC');
  });
});
