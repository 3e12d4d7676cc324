import { abortableSleep } from '../../../nodes/node-runtime';

test('a sleep ends by itself', async () => {
  await expect(abortableSleep(5)).resolves.toBeUndefined();
});

test('a stopped execution wakes it at once', async () => {
  const stop = new AbortController();
  const sleeping = abortableSleep(1_000_000, stop.signal);

  stop.abort();

  await expect(sleeping).rejects.toMatchObject({ kind: 'canceled' });
});

test('it does not even begin when the execution was stopped before', async () => {
  await expect(abortableSleep(1_000_000, AbortSignal.abort())).rejects.toMatchObject({ kind: 'canceled' });
});
