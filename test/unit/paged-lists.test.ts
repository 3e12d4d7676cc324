import type { Coriolis } from '../../src/api/operation-context';
import { fetchPaged, type PagingOptions } from '../../src/requests/object-requests';

describe('a paged list', () => {
  const { signal } = new AbortController();
  const own = new AbortController().signal;

  it.each([
    ['none', {}, signal],
    ['undefined', { signal: undefined }, signal],
    ['its own', { signal: own }, own],
  ] as const)('with %s as signal ends with that of the call', (_, options: PagingOptions, expected) => {
    const getRows = jest.fn();

    fetchPaged({ client: { getRows }, signal } as unknown as Coriolis, 'transfer', [], options);

    expect(getRows).toHaveBeenCalledWith(
      '/transfers',
      'transfers',
      expect.objectContaining({ signal: expected }),
    );
  });
});
