import type { Deployment, Execution } from '../../../../src/model/api-objects';
import {
  estimateSecondsForSize,
  assumedSecondsOf,
  estimateMaxLaterStepSeconds,
  estimateMaxStepSeconds,
  measureWaveStepDurations,
} from '../../../../src/playbooks/wave/step-durations';

const BEGIN = Date.parse('2026-12-05T22:00:00Z');
const took = (seconds: number) => ({
  created_at: new Date(BEGIN).toISOString(),
  updated_at: new Date(BEGIN + seconds * 1000).toISOString(),
});
const sync = (number: number, seconds: number, status = 'COMPLETED'): Execution =>
  ({ number, type: 'transfer_execution', status, ...took(seconds) }) as Execution;
const deployment = (seconds: number, status = 'COMPLETED'): Deployment =>
  ({ last_execution_status: status, ...took(seconds) }) as Deployment;

const machine = (
  gib: number | null,
  executions: readonly Execution[],
  deployments: readonly Deployment[] = [],
) => ({
  row: { gib, firstCopySeconds: undefined },
  position: { completedPasses: 0 },
  executions,
  deployments,
});

describe('the usual durations of a wave', () => {
  it('grow with the size of a machine, from the fixed seconds of any', () => {
    const { firstCopy, syncBySize } = measureWaveStepDurations([
      machine(10, [sync(1, 60), sync(2, 15)]),
      machine(20, [sync(1, 110), sync(2, 20)]),
    ]);
    expect(estimateSecondsForSize(firstCopy, 40)).toBe(210);
    expect(estimateSecondsForSize(syncBySize, 40)).toBe(30);
    expect(estimateSecondsForSize(firstCopy, null)).toBeNull();
    expect(estimateSecondsForSize(undefined, 40)).toBeNull();
  });

  it('are the mean where larger machines were quicker, and never less than nothing', () => {
    const quicker = measureWaveStepDurations([machine(10, [sync(1, 100)]), machine(20, [sync(1, 80)])]);
    expect(estimateSecondsForSize(quicker.firstCopy, 50)).toBe(90);
    const steep = measureWaveStepDurations([machine(10, [sync(1, 10)]), machine(20, [sync(1, 100)])]);
    expect(estimateSecondsForSize(steep.firstCopy, 1)).toBeGreaterThan(0);
    expect(estimateSecondsForSize(steep.firstCopy, 15)).toBe(55);
  });

  it('count only what has completed, with the median and the longest', () => {
    const usual = measureWaveStepDurations([
      machine(
        null,
        [sync(1, 500), sync(2, 10), sync(3, 20), sync(4, 90), sync(5, 900, 'ERROR')],
        [deployment(30), deployment(50), deployment(70), deployment(700, 'ERROR')],
      ),
    ]);
    expect(usual).toMatchObject({
      sync: { median: 20, longest: 90 },
      deploy: { median: 50, longest: 70 },
      firstCopyMeanSeconds: 500,
      firstCopy: undefined,
    });
  });

  it('give upper estimates with a margin; a final sync lasts until its deployment has ended', () => {
    const usual = measureWaveStepDurations([
      machine(10, [sync(1, 100), sync(2, 20), sync(3, 50)], [deployment(200)]),
    ]);
    const fresh = machine(20, []);
    expect(estimateMaxStepSeconds(fresh, 'sync', usual)).toBe(300);
    const planned = { ...fresh, row: { gib: 20, firstCopySeconds: { high: 77 } } };
    expect(estimateMaxStepSeconds(planned, 'sync', usual)).toBe(77);
    expect(estimateMaxStepSeconds({ ...planned, position: { completedPasses: 1 } }, 'sync', usual)).toBe(60);
    expect(estimateMaxLaterStepSeconds('sync', usual)).toBe(60);
    expect(estimateMaxLaterStepSeconds('deploy', usual)).toBe(240);
    expect(estimateMaxLaterStepSeconds('final_sync', usual)).toBe(300);
    const none = measureWaveStepDurations([]);
    expect(
      ['sync', 'deploy', 'final_sync'].map((step) => estimateMaxLaterStepSeconds(step as 'sync', none)),
    ).toEqual([null, null, null]);
  });

  it('assume what was not measured of a final sync, because its source is off until it is deployed', () => {
    const finalSync = (...given: Parameters<typeof measureWaveStepDurations>) => {
      const usual = measureWaveStepDurations(...given);
      return [estimateMaxLaterStepSeconds('final_sync', usual), assumedSecondsOf('final_sync', usual)];
    };
    const synced = machine(10, [sync(1, 1000), sync(2, 50)]);
    // A deployment counts as long as the sync until one was measured, here or outside the wave.
    expect(finalSync([synced])).toEqual([120, 60]);
    expect(finalSync([synced], { earlierDeploySeconds: [100, 200] })).toEqual([300, 0]);
    expect(
      finalSync([{ ...synced, deployments: [deployment(10)] }], { earlierDeploySeconds: [200] }),
    ).toEqual([72, 0]);
    // After first copies alone both are assumed.
    expect(finalSync([machine(10, [sync(1, 1000)])])).toEqual([240, 240]);
    expect(finalSync([machine(10, [sync(1, 1000)])], { earlierDeploySeconds: [100] })).toEqual([240, 120]);
    expect(assumedSecondsOf('deploy', measureWaveStepDurations([synced]))).toBe(0);
  });
});
