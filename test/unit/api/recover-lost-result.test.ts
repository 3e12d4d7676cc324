import { UnreachableError } from '../../../src/api/errors';
import { recoverLostResult } from '../../../src/api/lost-response';
import { fakeRuntime } from './support';

/** What was made by a change whose answer was lost, by what the look-ups find. */

const recovered = (...looks: ReadonlyArray<readonly string[]>): Promise<string> => {
  const left = [...looks];
  return recoverLostResult({
    request: 'POST /transfers',
    cause: new UnreachableError('the connection was closed'),
    recover: () => Promise.resolve(left.shift() ?? []),
    runtime: fakeRuntime(),
    signal: undefined,
  });
};

test('the only object that it may have made is the result, also when it shows late', async () => {
  expect(await recovered(['own'])).toBe('own');
  expect(await recovered([], [], ['own'])).toBe('own');
});

test.each([
  ['nothing', [[], [], []], 'nothing shows that it happened'],
  [
    'two equal objects',
    [
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ],
    'any of 2 equal objects',
  ],
])('%s is no result', async (_what, looks, words) => {
  const error: unknown = await recovered(...looks).catch((one: unknown) => one);

  expect(error).toMatchObject({ kind: 'uncertain', message: expect.stringContaining(words) });
});
