import { cases } from '../support/cases';
import { missingChanges } from './changes';
import { playRuns } from './runs';

jest.setTimeout(3_600_000);

it('covers all changes of the catalogue', () => {
  expect(missingChanges()).toEqual([]);
});

it('makes what is meant, or says that it is uncertain', async () => {
  const { numRuns, seed = Date.now() } = cases(30);
  const runs = Math.round(numRuns);
  const figures = await playRuns(
    Array.from({ length: runs }, (_, run) => (seed * 10_007 + run) % 2 ** 31),
    runs > 100 ? 8 : 4,
  );
  const { faults, ...counts } = figures;
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  expect(faults.join('\n')).toBe('');
  expect(counts).toMatchObject({ runs, lost: 0, doubled: 0 });
  expect(counts.objects).toBeGreaterThan(runs / 4);
});
