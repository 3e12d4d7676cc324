import fc from 'fast-check';
import { JUNK } from './damaged-state';

/** Something that happens on the server or around its watcher. */
export type Action =
  | { do: 'run'; of: number; ms: number; status: string }
  | { do: 'start' | 'touch' | 'orphan' | 'deleteRun' | 'deleteTransfer' | 'pending' | 'deploy'; of: number }
  | { do: 'finish' | 'finishDeployment'; of: number; status: string }
  | { do: 'starve' | 'deleteTransferSoon'; of: number; ms: number }
  | { do: 'wave'; ms: number; status: string }
  | { do: 'deleteDeployment'; of: number }
  | { do: 'create' }
  | { do: 'pass'; ms: number }
  | { do: 'poll' }
  | { do: 'crash' }
  | { do: 'clock'; ms: number }
  | { do: 'address'; of: number }
  | { do: 'null'; of: number }
  | { do: 'damage'; of: number; junk: unknown };

/** Ways to write the address of one server. */
const ADDRESSES = [
  'https://coriolis.example:5000/v3',
  'https://coriolis.example:5000/v3/',
  'https://coriolis.example:5000',
  'http://Coriolis.Example:5000/v3',
];
export const scopeOf = (address = 0): string =>
  JSON.stringify([ADDRESSES[address % ADDRESSES.length], { name: 'p', domain: { name: 'Default' } }, {}]);
export const KINDS = ['execution', 'deployment', 'execution_started'] as const;
export const MINUTE = 60_000;
/** Maximum that the server's clock goes back in one history: what a watch remembers. */
export const BACK_MS = 120 * MINUTE;

const final = fc.constantFrom('COMPLETED', 'ERROR', 'CANCELED', 'DEADLOCKED');
const of = fc.oneof({ weight: 3, arbitrary: fc.nat(6) }, { weight: 2, arbitrary: fc.nat(40) });
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'poll' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 9000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 9000, max: 4_000_000 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      of,
      ms: fc.integer({ min: 1600, max: 4000 }),
      status: final,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), of }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('finish' as const), of, status: final }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('starve' as const), of, ms: fc.integer({ min: 10, max: 60 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('deleteTransferSoon' as const),
      of,
      ms: fc.integer({ min: 1, max: 600 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wave' as const),
      ms: fc.integer({ min: 1600, max: 70_000 }),
      status: final,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('touch', 'orphan', 'deleteRun', 'deleteTransfer', 'pending', 'deploy'),
      of,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finishDeployment' as const), of, status: final }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteDeployment' as const), of }) },
  { weight: 1, arbitrary: fc.constant({ do: 'create' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' } as const) },
);

/** What goes wrong around a watch. */
export const trouble: fc.Arbitrary<Action> = fc.oneof(
  { weight: 2, arbitrary: clock(-BACK_MS, -90_000) },
  { weight: 1, arbitrary: clock(90_000, 3 * BACK_MS) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('address' as const), of: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('null' as const), of: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('damage' as const),
      of: fc.nat(1000),
      junk: fc.constantFrom(...JUNK),
    }),
  },
);

function clock(min: number, max: number): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constant('clock' as const), ms: fc.integer({ min, max }) });
}
