import type { MinionPool } from '../../../src/model/api-objects';
import { waitFor } from '../../../src/waiting/wait-for-targets';
import type { WaitTargetRef } from '../../../src/waiting/wait-for-targets';
import { at, machine, POOL, POOL_PATH, pool, scene, type Moment } from '../playbooks/server';

const patience = { timeoutSeconds: 3600, stallSeconds: 600 };
const shows = (status: string, overrides: Partial<MinionPool> = {}) => ({
  minion_pool: pool(status, overrides),
});
const told = (when: number, message: string, level = 'INFO', index = 0) => ({
  id: String(index),
  index,
  level,
  message,
  created_at: at(when),
});

async function waitedFor(goal: 'ALLOCATED' | 'DEALLOCATED', script: readonly Moment[], options = {}) {
  const target: WaitTargetRef = { kind: 'minion_pool', minionPoolId: POOL, goal };
  const { coriolis, now } = scene({ [POOL_PATH]: script });
  const [result] = await waitFor(coriolis, [target], { ...patience, ...options });
  return { result, seconds: now() };
}

describe('waiting for a minion pool', () => {
  test('takes the status of before its allocation for no end', async () => {
    const { result } = await waitedFor('ALLOCATED', [
      [0, shows('DEALLOCATED')],
      [3, shows('VALIDATING_INPUTS', { updated_at: at(3) })],
      [40, shows('ALLOCATING_MACHINES', { updated_at: at(40), minion_machines: [machine('ALLOCATING')] })],
      [90, shows('ALLOCATED', { updated_at: at(90), minion_machines: [machine('AVAILABLE')] })],
    ]);

    expect(result).toMatchObject({
      kind: 'minion_pool',
      id: POOL,
      status: 'ALLOCATED',
      outcome: 'completed',
      failure: null,
    });
  });

  test('ends a refresh with the work on its machines, since the status stays', async () => {
    const { result, seconds } = await waitedFor('ALLOCATED', [
      [0, shows('ALLOCATED', { events: [told(0, 'Begun minion pool refreshing process')] })],
      [1, shows('ALLOCATED', { minion_machines: [machine('HEALTHCHECKING')] })],
      [50, shows('ALLOCATED', { minion_machines: [machine('AVAILABLE')] })],
    ]);

    expect(result?.outcome).toBe('completed');
    expect(seconds).toBeGreaterThanOrEqual(50);
  });

  test('fails with the newest error of its events', async () => {
    const { result } = await waitedFor('ALLOCATED', [
      [0, shows('ALLOCATING_MACHINES')],
      [
        20,
        shows('ERROR', {
          updated_at: at(20),
          events: [told(10, 'Allocating', 'INFO', 0), told(20, 'No quota left', 'ERROR', 1)],
        }),
      ],
    ]);

    expect(result).toMatchObject({
      outcome: 'failed',
      failure: { instance: null, message: 'No quota left' },
    });
    expect(result?.next).toContain('deallocate the pool');
  });

  test('is canceled when somebody brings it the other way', async () => {
    const { result, seconds } = await waitedFor('ALLOCATED', [
      [0, shows('ALLOCATING_MACHINES')],
      [20, shows('DEALLOCATING_MACHINES', { updated_at: at(20) })],
      [40, shows('DEALLOCATED', { updated_at: at(40) })],
    ]);

    expect(result).toMatchObject({ outcome: 'canceled', status: 'DEALLOCATED' });
    expect(result?.next).toBe('It is DEALLOCATED and nothing is at work on it: allocate it.');
    expect(seconds).toBeLessThan(140);
  });

  test('says at once that nothing is at work on a pool that has long been the opposite', async () => {
    const { result, seconds } = await waitedFor('DEALLOCATED', [
      [0, shows('ALLOCATED', { created_at: at(-3600) })],
    ]);

    expect(result).toMatchObject({ outcome: 'canceled' });
    expect(seconds).toBe(0);
  });

  test('stalls when nothing of it changes, also in a status of a newer server', async () => {
    const { result, seconds } = await waitedFor('ALLOCATED', [[0, shows('MOVING_RACKS')]]);

    expect(result).toMatchObject({ outcome: 'stalled', status: 'MOVING_RACKS' });
    expect(seconds).toBeGreaterThanOrEqual(600);
  });

  test('runs out of time, and a deleted pool is gone', async () => {
    const working = shows('ALLOCATING_MACHINES');

    const late = await waitedFor('ALLOCATED', [[0, working]], { timeoutSeconds: 30 });
    const gone = await waitedFor('ALLOCATED', [
      [0, working],
      [10, 404],
    ]);

    expect(late.result?.outcome).toBe('timed_out');
    expect(gone.result?.outcome).toBe('deleted');
  });
});
