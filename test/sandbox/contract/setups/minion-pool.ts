import { inTurn, nothing, then } from '../acts';
import type { Json, Lab } from '../lab';
import { isObject } from '../shape';
import type { Scene, SetUp, SetUps } from '../replay';

/** The pool that most recordings are about: its steps take a second. */
const created: SetUp = async (lab) => ({ pool: await lab.made('minion_pools', 'minion-pool-create') });

const later = (before: SetUp, seconds: number): SetUp => then(before, (lab) => lab.advance(seconds));

const until =
  (status: string) =>
  async (lab: Lab, { pool }: Scene): Promise<void> => {
    await lab.until(`minion_pools/${pool}`, status);
  };

const act = async (lab: Lab, { pool }: Scene, action: object): Promise<void> => {
  await lab.call('POST', `minion_pools/${pool}/actions`, action);
};

const allocated: SetUp = then(created, until('ALLOCATED'));

const refreshing: SetUp = then(allocated, (lab, scene) => act(lab, scene, { refresh: null }));

/** A transfer that uses the pool on its destination. The only machine is being checked, so it will get another one. */
const chosen: SetUp = then(refreshing, async (lab) => ({
  transfer: await lab.made('transfers', 'transfer-create-with-minion-pool'),
}));

const executing: SetUp = then(chosen, async (lab, { transfer }) => ({
  execution: await lab.execute(transfer ?? ''),
}));

const used: SetUp = then(executing, async (lab, { transfer, execution }) => {
  await lab.until(`transfers/${transfer}/executions/${execution}`, 'COMPLETED');
});

const deallocating: SetUp = then(used, (lab, scene) => act(lab, scene, { deallocate: { force: false } }));
const deallocated: SetUp = then(deallocating, until('DEALLOCATED'));

const updated: SetUp = then(deallocated, async (lab, { pool }) => {
  await lab.call('PUT', `minion_pools/${pool}`, lab.bodyOf('minion-pool-update'));
});

/** A pool like that one, but for some of its fields. */
const like =
  (changes: Json): SetUp =>
  async (lab) => {
    const { minion_pool: usual } = lab.bodyOf('minion-pool-create');
    const minion_pool = { ...(isObject(usual) && usual), ...changes };
    return { pool: String((await lab.call('POST', 'minion_pools', { minion_pool }))['id']) };
  };

/** A pool whose machines cannot be created: there is no such flavour. */
const failed: SetUp = then(
  like({
    name: 'pool-error',
    environment_options: {
      migr_network: 'private',
      migr_flavor_name: 'no-such-flavor',
      lab_task_seconds: 0.2,
    },
  }),
  until('ERROR'),
);

/** Somebody tried to delete it before its first second was over. */
const temporary: SetUp = later(like({ name: 'pool-tmp' }), 0.6);

const skipped: SetUp = async (lab) => ({
  pool: await lab.made('minion_pools', 'minion-pool-create-source-skip-allocation'),
});

/** Minion pools, and what transfers do with them. */
export const minionPool: SetUps = {
  'execution-show-minion-pool': used,
  'minion-pool-action-unknown-400': allocated,
  'minion-pool-allocate-again': allocated,
  'minion-pool-create': nothing,
  'minion-pool-create-bad-options-400': nothing,
  'minion-pool-create-bad-os-type-400': nothing,
  'minion-pool-create-bad-platform-400': nothing,
  'minion-pool-create-bad-retention-400': nothing,
  'minion-pool-create-min-0-400': nothing,
  'minion-pool-create-min-greater-max-400': nothing,
  'minion-pool-create-min-string': nothing,
  'minion-pool-create-missing-options-400': nothing,
  'minion-pool-create-no-wrapper-400': nothing,
  'minion-pool-create-source-skip-allocation': nothing,
  'minion-pool-create-source-windows-400': nothing,
  'minion-pool-create-unknown-endpoint': nothing,
  'minion-pool-deallocate': used,
  'minion-pool-deallocate-again': updated,
  'minion-pool-delete-204': skipped,
  'minion-pool-delete-in-use': deallocated,
  'minion-pool-delete-while-allocated': allocated,
  'minion-pool-delete-while-allocating': temporary,
  'minion-pool-list': inTurn(failed, allocated),
  'minion-pool-list-detail': nothing,
  'minion-pool-list-empty': failed,
  'minion-pool-refresh': allocated,
  'minion-pool-refresh-deallocated': deallocated,
  'minion-pool-show-404': nothing,
  'minion-pool-show-after-early-delete': temporary,
  'minion-pool-show-after-use': used,
  'minion-pool-show-allocated': allocated,
  'minion-pool-show-allocating': later(created, 0.05),
  'minion-pool-show-error': failed,
  'minion-pool-update': deallocated,
  'minion-pool-update-platform-400': deallocated,
  'minion-pool-update-while-allocated': allocated,
  'series-minion-pool-allocate': created,
  'series-minion-pool-deallocate': deallocating,
  'series-minion-pool-refresh': refreshing,
  'series-transfer-execution-minion-pool': executing,
  'transfer-create-with-minion-pool': allocated,
  'transfer-execute-with-minion-pool': chosen,
};
