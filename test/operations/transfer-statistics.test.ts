import { useClockedSandbox } from '../support/clocked-sandbox';
import { one, rows } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

const lab = useClockedSandbox();

const transferOf = (instance: string) => createTransfer(lab.coriolis, instance, { checkInstances: false });

/** Executes a transfer and waits for its end. Returns the duration in seconds. */
async function sync(transferId: string): Promise<number> {
  await one(lab.coriolis, 'execution.start', { transferId });
  const { duration_seconds: seconds } = await one<{ duration_seconds: number }>(
    lab.coriolis,
    'execution.wait',
    {
      transferId,
      timeoutSeconds: 80_000,
    },
  );
  lab.clock.advance(10);
  return seconds;
}

it('tells the durations of full and incremental syncs apart, in a period too', async () => {
  const transferId = await transferOf('web-02');
  const [first, ...others] = [await sync(transferId), await sync(transferId), await sync(transferId)];
  const history = await one(lab.coriolis, 'transfer.getHistory', { transferId });
  expect(history).toMatchObject({
    since: null,
    completed: 3,
    failed: 0,
    consecutive_failures: 0,
    full: { count: 1, trend_percent: null, latest_seconds: [first] },
    incremental: { count: 2, latest_seconds: others },
    all_read: true,
  });
  const { html } = history as { html: string };
  // A symbol for each sync, the full one in a frame.
  expect([...html.matchAll(/<title>#\d+: [^<]*, done, /gu)]).toHaveLength(3);
  expect([...html.matchAll(/<rect class="frame"/gu)]).toHaveLength(1);
  expect(html).not.toMatch(/<script|src=|href=/u);
  const { full, incremental } = history as Record<string, { mean_seconds: number }>;
  expect(Math.abs(Number(full?.mean_seconds) - first)).toBeLessThan(10);
  expect(incremental?.mean_seconds).toBeLessThanOrEqual(Math.max(...others) + 5);

  lab.clock.advance(3 * 3600);
  await sync(transferId);
  const lately = await one(lab.coriolis, 'transfer.getHistory', { transferId, since: '2h' });
  expect(lately).toMatchObject({ completed: 1, full: { count: 0 }, incremental: { count: 1 } });
  expect(await rows(lab.coriolis, 'execution.getAll', { transferId, since: '2h' })).toHaveLength(1);
  await expect(
    one(lab.coriolis, 'transfer.getHistory', { transferId, since: 'lately' }),
  ).rejects.toMatchObject({
    field: 'since',
  });
});

it('shows the schedules of a transfer, and when each fires next', async () => {
  const transferId = await transferOf('web-01');
  expect(await one(lab.coriolis, 'transfer.get', { transferId })).toMatchObject({
    schedule: 'none',
    schedules: [],
  });
  await one(lab.coriolis, 'schedule.create', { transferId, hour: 2, minute: 30 });
  await one(lab.coriolis, 'schedule.create', { transferId, hour: 4, minute: 0, enabled: false });
  const [enabled, disabled] = (await rows(lab.coriolis, 'schedule.getAll', { transferId })).map(
    ({ row }) => row,
  );

  const { schedule, schedules } = await one(lab.coriolis, 'transfer.get', { transferId });

  expect(schedule).toBe('enabled');
  expect(schedules).toEqual(
    [enabled, disabled].map((row) => ({
      id: row?.['id'],
      when: row?.['when'],
      enabled: row?.['enabled'],
      expires_at: null,
      next_run_at: (row?.['next_runs'] as string[])[0] ?? null,
    })),
  );
});
