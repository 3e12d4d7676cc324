import fc from 'fast-check';
import { computeProgress, type Progress } from '../../../src/model/run-progress';
import type { Execution, ProgressUpdate, Task } from '../../../src/model/api-objects';
import { cases } from '../../support/cases';
import { makeExecution, makeTask } from '../api-objects';

/**
 * A model of a copy: machines with disks of random sizes, copied one after the other or at the same time at random speeds,
 * in steps of random size. Its end is known, so each look at it can be held against the truth.
 */

const T0 = Date.UTC(2026, 10, 22, 15, 0, 0);
const SECOND = 1000;
const iso = (milliseconds: number): string =>
  new Date(Math.floor(milliseconds / SECOND) * SECOND).toISOString();

interface Machine {
  readonly name: string;
  readonly sizes: readonly number[];
  /** Units of size in a second. */
  readonly speed: number;
  readonly isParallel: boolean;
  /** Percent of a disk between two reports. */
  readonly step: number;
}

const machine = fc.record({
  sizes: fc.array(fc.integer({ min: 5_000, max: 400_000 }), { minLength: 1, maxLength: 6 }),
  speed: fc.integer({ min: 20, max: 90 }),
  isParallel: fc.boolean(),
  step: fc.constantFrom(1, 2, 5, 10),
});
const estates = fc
  .array(machine, { minLength: 1, maxLength: 4 })
  .map((all) => all.map((one, index): Machine => ({ ...one, name: `vm-${index}` })));

interface Copy {
  readonly id: string;
  readonly from: number;
  readonly until: number;
}

function copiesOf({ name, sizes, speed, isParallel }: Machine): readonly Copy[] {
  let start = 0;
  return sizes.map((size, index) => {
    const from = isParallel ? 0 : start;
    start = from + (size / speed) * SECOND;
    return { id: `${name}-${index}`, from, until: start };
  });
}

const endOf = (machine: Machine): number => Math.max(...copiesOf(machine).map(({ until }) => until));

function updateAt({ id, from, until }: Copy, step: number, now: number): readonly ProgressUpdate[] {
  if (now < from) return [];
  const percent = Math.min(100, Math.floor((((now - from) / (until - from)) * 100) / step) * step);
  const changed = from + ((until - from) * percent) / 100;
  return [
    {
      id,
      index: 1,
      current_step: percent,
      total_steps: 100,
      message: `Performing backup for disk ${id}`,
      created_at: iso(T0 + from),
      updated_at: iso(T0 + changed),
    },
  ];
}

const taskAt = (machine: Machine, now: number): Task =>
  makeTask(iso(T0), {
    id: machine.name,
    instance: machine.name,
    status: now >= endOf(machine) ? 'COMPLETED' : 'RUNNING',
    progress_updates: copiesOf(machine).flatMap((copy) => updateAt(copy, machine.step, now)),
  });

const runAt = (machines: readonly Machine[], now: number): Execution =>
  makeExecution(iso(T0), { tasks: machines.map((one) => taskAt(one, now)) });

const sizesOf = (machines: readonly Machine[]) =>
  new Map(
    machines.map(({ name, sizes }) => [
      name,
      sizes.map((bytes, index) => ({ id: `${name}-${index}`, bytes })),
    ]),
  );

/** Bytes copied, of all. */
function truePercent(machines: readonly Machine[], now: number): number {
  const parts = machines.flatMap((one) =>
    copiesOf(one).map(({ from, until }, index) => {
      const size = one.sizes[index] ?? 0;
      return { size, done: size * Math.min(1, Math.max(0, (now - from) / (until - from))) };
    }),
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return (sum(parts.map(({ done }) => done)) / sum(parts.map(({ size }) => size))) * 100;
}

it('percent is that of the bytes, as far as the last reports of the disks tell', () => {
  fc.assert(
    fc.property(estates, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (machines, part) => {
      const now = part * Math.max(...machines.map(endOf));
      const { percent } = computeProgress(runAt(machines, now), T0 + now, { diskSizes: sizesOf(machines) });
      const largestStep = Math.max(...machines.map(({ step }) => step));
      const truth = truePercent(machines, now);
      expect(percent).not.toBeNull();
      expect(percent ?? 0).toBeLessThanOrEqual(truth + 0.1);
      expect(percent ?? 0).toBeGreaterThan(truth - largestStep - 0.1);
    }),
    cases(300),
  );
});

it('the estimate at half time is within 25 % of the truth, for one look as for a poller', () => {
  fc.assert(
    fc.property(estates, (machines) => {
      const end = Math.max(...machines.map(endOf));
      const left = end / 2 / SECOND;
      const sizes = sizesOf(machines);
      let previous: Progress | undefined;
      for (let look = 1; look <= 10; look += 1) {
        const now = (end / 2) * (look / 10);
        previous = computeProgress(runAt(machines, now), T0 + now, { diskSizes: sizes, previous });
      }
      const single = computeProgress(runAt(machines, end / 2), T0 + end / 2, { diskSizes: sizes });
      for (const { eta_seconds: eta } of [previous, single].flatMap((one) => one ?? [])) {
        expect(eta).not.toBeNull();
        expect(Math.abs((eta ?? 0) - left)).toBeLessThanOrEqual(left * 0.25);
      }
    }),
    cases(300),
  );
});

it('the estimate of a poller never rises and its percent never falls while bytes flow', () => {
  fc.assert(
    fc.property(estates, fc.integer({ min: 5, max: 120 }), (machines, interval) => {
      const end = Math.max(...machines.map(endOf));
      const sizes = sizesOf(machines);
      let previous: Progress | undefined;
      const step = Math.max(interval * SECOND, end / 60);
      for (let now = step; now < end; now += step) {
        const progress = computeProgress(runAt(machines, now), T0 + now, { diskSizes: sizes, previous });
        if (previous !== undefined) {
          expect(progress.percent ?? 0).toBeGreaterThanOrEqual(previous.percent ?? 0);
          expect(progress.eta_seconds ?? 0).toBeLessThanOrEqual(previous.eta_seconds ?? Infinity);
        }
        previous = progress;
      }
    }),
    cases(100),
  );
});

it('what is being canceled has no estimate', () => {
  fc.assert(
    fc.property(estates, (machines) => {
      const half = Math.max(...machines.map(endOf)) / 2;
      const run = { ...runAt(machines, half), status: 'CANCELLING' };
      expect(computeProgress(run, T0 + half, { diskSizes: sizesOf(machines) }).eta_seconds).toBeNull();
    }),
    cases(50),
  );
});
