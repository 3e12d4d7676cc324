import fc from 'fast-check';
import { JUNK } from './damaged-state';

/** Random actions of a history with events of every kind. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export type Action =
  | { do: 'run'; of: number; ms: number; status: string; type: string }
  | { do: 'start' | 'progress' | 'touch' | 'orphan' | 'consume' | 'deleteRun' | 'deleteTransfer'; of: number }
  | { do: 'finish'; of: number; status: string }
  | { do: 'schedule'; of: number; minute: number }
  | { do: 'pool'; of: number; status: string }
  | { do: 'silence'; silent: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'wave' | 'create' | 'addPool' | 'poll' | 'crash' }
  | { do: 'clock'; ms: number }
  | { do: 'address'; of: number }
  | { do: 'null'; list: string }
  | { do: 'damage'; of: number; junk: unknown };

const of = fc.nat(40);
const status = fc.constantFrom('COMPLETED', 'COMPLETED', 'ERROR', 'CANCELED');
const type = fc.constantFrom(
  'transfer_execution',
  'transfer_execution',
  'transfer_update',
  'transfer_disks_delete',
);
const always = <Value>(value: Value) => fc.constant(value);
const weighted = <Value>(weight: number, arbitrary: fc.Arbitrary<Value>) => ({ weight, arbitrary });

export const action: fc.Arbitrary<Action> = fc.oneof(
  weighted(9, always({ do: 'poll' } as const)),
  weighted(6, fc.record({ do: always('pass' as const), ms: fc.integer({ min: 1, max: 3 * MINUTE }) })),
  weighted(3, fc.record({ do: always('pass' as const), ms: fc.integer({ min: 1, max: 2 * HOUR }) })),
  weighted(
    5,
    fc.record({ do: always('run' as const), of, ms: fc.integer({ min: 1600, max: 9000 }), status, type }),
  ),
  weighted(4, fc.record({ do: always('start' as const), of })),
  weighted(4, fc.record({ do: always('finish' as const), of, status })),
  weighted(3, fc.record({ do: fc.constantFrom('progress', 'touch', 'orphan'), of })),
  weighted(1, fc.record({ do: fc.constantFrom('deleteRun', 'deleteTransfer'), of })),
  weighted(1, fc.record({ do: always('consume' as const), of })),
  weighted(2, fc.record({ do: always('schedule' as const), of, minute: fc.nat(59) })),
  weighted(
    3,
    fc.record({
      do: always('pool' as const),
      of,
      status: fc.constantFrom('ERROR', 'ALLOCATED', 'DEALLOCATED'),
    }),
  ),
  weighted(1, fc.record({ do: always('silence' as const), silent: fc.boolean() })),
  weighted(1, fc.record({ do: fc.constantFrom('wave', 'create', 'addPool', 'crash') })),
);

/** What goes wrong around a watch. */
const trouble: fc.Arbitrary<Action> = fc.oneof(
  weighted(1, fc.record({ do: always('address' as const), of: fc.nat(2) })),
  weighted(
    2,
    fc.record({
      do: always('null' as const),
      list: fc.constantFrom('transfers', 'executions', 'schedules', 'minion_pools'),
    }),
  ),
  weighted(2, fc.record({ do: always('damage' as const), of: fc.nat(1000), junk: fc.constantFrom(...JUNK) })),
);
export const troubled = fc.oneof(weighted(12, action), weighted(1, trouble));
/** Maximum that the server's clock goes back in one history: what a watch remembers. */
export const BACK_MS = 120 * MINUTE;
/** Jumps of the server's clock. Schedules follow the true hours of the model, so there are none here. */
export const jumping = fc.oneof(
  weighted(
    14,
    action.filter((one) => one.do !== 'schedule'),
  ),
  weighted(
    1,
    fc.record({
      do: always('clock' as const),
      ms: fc.oneof(
        fc.integer({ min: -BACK_MS, max: -90_000 }),
        fc.integer({ min: 90_000, max: 3 * BACK_MS }),
      ),
    }),
  ),
);
