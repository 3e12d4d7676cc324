import type { Coriolis } from '../../src/api/coriolis';
import { fetchPaged, type PagingOptions } from '../../src/requests/objects';

describe('a paged list', () => {
  const { signal } = new AbortController();
  const own = new AbortController().signal;

  it.each([
    ['none', {}, signal],
    ['undefined', { signal: undefined }, signal],
    ['its own', { signal: own }, own],
  ] as const)('with %s as signal ends with that of the call', (_, options: PagingOptions, expected) => {
    const rows = jest.fn();

    fetchPaged({ client: { rows }, signal } as unknown as Coriolis, 'transfer', [], options);

    expect(rows).toHaveBeenCalledWith(
      '/transfers',
      'transfers',
      expect.objectContaining({ signal: expected }),
    );
  });
});
