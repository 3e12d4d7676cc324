import { ConflictError, NotFoundError, UncertainError, UnreachableError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import type { SingleOperation } from '../../src/operation';
import { runOnce } from '../../src/run-once';
import { pauseUntilSettled, estimateServerTimeOfRead } from '../../src/waiting/pause-until-settled';
import { findOrCreateMigrationByRunKey } from '../../src/playbooks/migration/find-or-create-by-run-key';
import { appendMigrationPlan } from '../../src/model/migration-plan';
import { scene } from './playbooks/server';

/** What calls do when their object meets an equal one of another caller, each decision by itself. */

const NOW = Date.UTC(2026, 10, 22, 15);
const iso = (ms: number): string => new Date(ms).toISOString();

interface Made {
  readonly id: string;
  readonly created_at: string | undefined;
}
const made = (id: string): Made => ({ id, created_at: iso(NOW) });

/** A context on a clock that only `sleep` moves. */
function process(lost: readonly string[] = []) {
  let now = NOW;
  const client = {
    get serverTime() {
      return now;
    },
    wasFoundAfterLostResponse: (id: string) => lost.includes(id),
  };
  const coriolis = {
    clock: () => now,
    sleep: async (ms: number) => {
      now += ms;
      await Promise.resolve();
    },
    client: { ...client, withoutDefaults: client },
  };
  Object.defineProperty(coriolis.client, 'serverTime', { get: () => now });
  return { coriolis: coriolis as unknown as Coriolis, passed: () => now - NOW };
}

/** An operation that makes `a`, while the server shows the rows that `found` returns. */
const operation = (
  found: () => readonly Made[],
  parts: object = {},
  name = 'create',
  run: () => Promise<unknown> = () => Promise.resolve(made('a')),
): SingleOperation =>
  ({
    resource: 'region',
    name,
    run,
    deduplication: {
      findDuplicates: () => Promise.resolve(found()),
      withdraw: () => Promise.resolve(),
      ...parts,
    },
  }) as unknown as SingleOperation;

/** An operation before whose creation nothing is found, and `later` after it. */
function later(rows: readonly Made[], parts: object = {}): SingleOperation {
  let isMade = false;
  return operation(
    () => (isMade ? rows : []),
    parts,
    'create',
    () => {
      isMade = true;
      return Promise.resolve(made('a'));
    },
  );
}
const once = (one: SingleOperation, coriolis = process().coriolis) => runOnce(one, coriolis, {}, () => true);

describe('a call', () => {
  it('shares nothing with another operation of the same input', async () => {
    const { coriolis } = process();
    const [one, other] = await Promise.all([
      once(
        operation(() => [], {}, 'create'),
        coriolis,
      ),
      once(
        operation(
          () => [],
          {},
          'update',
          () => Promise.resolve(made('b')),
        ),
        coriolis,
      ),
    ]);
    expect([one.raw, other.raw]).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  it.each([
    ['is missing among the equal ones', []],
    ['was found after a lost answer', ['a']],
  ] as const)('never deletes an object that %s', async (what, lost) => {
    const withdraw = jest.fn();
    const rows = what.startsWith('is') ? [made('x'), made('y')] : [made('x'), made('a')];
    await expect(once(later(rows, { withdraw }), process(lost).coriolis)).rejects.toThrow(UncertainError);
    expect(withdraw).not.toHaveBeenCalled();
  });

  it('waits long enough for the slowest other caller to delete its object', async () => {
    const { coriolis, passed } = process(['a']);
    let isMade = false;
    const one = operation(
      // Another caller needs 12 s: its answer, its list and three attempts to delete.
      () => (isMade ? (passed() < 12_000 ? [made('x'), made('a')] : [made('x')]) : []),
      {},
      'create',
      () => {
        isMade = true;
        return Promise.resolve(made('a'));
      },
    );
    expect(await once(one, coriolis)).toEqual({ raw: made('x'), existed: true });
  });

  it('tries again to delete its object while nobody answers, and is content when it is gone', async () => {
    const failures = [new UnreachableError('no answer'), new NotFoundError('gone')];
    const withdraw = jest.fn(() => Promise.reject(failures.shift() ?? new Error('too often')));
    expect(await once(later([made('x'), made('a')], { withdraw }))).toEqual({
      raw: made('x'),
      existed: true,
    });
    expect(withdraw).toHaveBeenCalledTimes(2);
  });

  it('says which object stays when its own cannot be deleted', async () => {
    const withdraw = () => Promise.reject(new ConflictError('locked'));
    await expect(once(later([made('x'), made('a')], { withdraw }))).rejects.toThrow(
      'x stays, and a could not be deleted',
    );
  });

  it('returns the object of another caller when the server refuses a second one', async () => {
    let isRefused = false;
    const refusing = operation(
      () => (isRefused ? [made('x')] : []),
      { withdraw: undefined, durable: true },
      'create',
      () => {
        isRefused = true;
        return Promise.reject(new ConflictError('exists'));
      },
    );
    expect(await once(refusing)).toEqual({ raw: made('x'), existed: true });
  });

  it('looks for objects that cannot be told apart once all are visible', async () => {
    const { coriolis, passed } = process();
    const one = operation(() => (passed() < 1000 ? [] : [made('a'), made('b')]), {
      indistinguishableNoun: 'appliance',
    });
    await expect(once(one, coriolis)).rejects.toThrow('created 2 equal appliances');
  });
});

describe('the place of an object in a list', () => {
  it('is awaited as long as possible when its creation time is unreadable', async () => {
    for (const created of [undefined, 'yesterday']) {
      const { coriolis, passed } = process();
      expect(await pauseUntilSettled(coriolis, created, NOW)).toBe(true);
      expect(passed()).toBe(3000);
    }
  });

  it('is judged by the time at which the read began', () => {
    const { coriolis } = process();
    expect(estimateServerTimeOfRead(coriolis, coriolis.clock() - 400)).toBe(NOW - 400);
  });
});

describe('a run key', () => {
  const notes = appendMigrationPlan(undefined, {
    passes: 1,
    shutdown: false,
    skipOsMorphing: false,
    runKey: 'order-7',
  });
  const row = (id: string, more: object = {}) => ({
    id,
    notes,
    instances: ['web-01'],
    last_execution_status: 'UNEXECUTED',
    created_at: '2026-11-22T14:59:00.000000',
    updated_at: null,
    deleted_at: null,
    origin_endpoint_id: 'o',
    destination_endpoint_id: 'd',
    source_environment: null,
    destination_environment: null,
    network_map: null,
    storage_mappings: null,
    scenario: 'live_migration',
    ...more,
  });
  /** A caller who finds `before`, makes `own`, and then finds `after`. */
  async function create(
    before: readonly object[],
    after: readonly object[],
    withdraw: () => Promise<unknown>,
    lost: readonly string[] = [],
  ) {
    let isMade = false;
    const rows = {
      get transfers() {
        return isMade ? after : before;
      },
    };
    const { coriolis } = scene({ '/transfers': [[0, rows]] });
    jest.spyOn(coriolis.client, 'wasFoundAfterLostResponse').mockImplementation((id) => lost.includes(id));
    const result = await findOrCreateMigrationByRunKey(
      coriolis,
      { kind: 'transfer', withdraw },
      { runKey: 'order-7', instances: ['web-01'] },
      () => {
        isMade = true;
        return Promise.resolve(row('own') as never);
      },
    );
    return result.id;
  }
  const never = (): Promise<never> => Promise.reject(new Error('must not be deleted'));

  it('of other machines is refused', async () => {
    await expect(create([row('x', { instances: ['db-01'] })], [], never)).rejects.toThrow(
      'another migration, x',
    );
  });

  it('belongs to the migration that has started, else to the oldest, else to the first id', async () => {
    const old = row('b', { created_at: '2026-11-22T14:00:00.000000' });
    expect(await create([old, row('c', { last_execution_status: 'RUNNING' })], [], never)).toBe('c');
    expect(await create([row('a'), old], [], never)).toBe('b');
    expect(await create([row('c'), row('a'), row('b')], [], never)).toBe('a');
  });

  it('whose own migration is missing among those found is uncertain, and nothing is deleted', async () => {
    await expect(create([], [row('x')], never)).rejects.toThrow(UncertainError);
  });

  it('whose answer was lost deletes nothing, because the migration that was found may be of another caller', async () => {
    await expect(create([], [row('a'), row('own')], never, ['own'])).rejects.toThrow(UncertainError);
  });

  it('of another migration ends its own, which may be gone already', async () => {
    const gone = jest.fn(() => Promise.reject(new NotFoundError('gone')));
    expect(await create([], [row('a'), row('own')], gone)).toBe('a');
    expect(gone).toHaveBeenCalledTimes(1);
  });
});
