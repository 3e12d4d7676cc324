import { executed, inTurn, taskRunning, then } from './acts';
import type { TransferPlan } from './acts';
import type { Json, Lab } from './lab';
import type { SetUp } from './replay';
import { isObject } from './shape';

/** The replica that most recordings are about: `web-frontend-01`, a second a task. */
export const REPLICA: TransferPlan = { like: 'legacy/replica-create' };
export const MINIMAL: TransferPlan = { like: 'legacy/replica-create-minimal' };

/** A replica with quick tasks, of this instance. */
export function quickReplica(instance: string): TransferPlan {
  return { like: 'legacy/appcred-replica-create', changes: { instances: [instance] } };
}

/** Executed, then updated as recorded: other notes, one network more. */
export const updated: SetUp = then(executed(REPLICA), async (lab, { transfer }) => {
  const { id } = await lab.call('PUT', `transfers/${transfer}`, lab.bodyOf('legacy/replica-update'));
  await lab.until(`transfers/${transfer}/executions/${String(id)}`, 'COMPLETED');
});

/** A replica that was updated is being deployed. */
export const deploying: SetUp = then(updated, async (lab, { transfer }) => ({
  deployment: await lab.deploy(transfer ?? '', { user_scripts: {} }),
}));

export const finished = (before: SetUp, end: 'COMPLETED' | 'CANCELED' | 'ERROR' = 'COMPLETED'): SetUp =>
  then(before, async (lab, { deployment }) => {
    await lab.until(`deployments/${deployment}`, end);
  });

/** How long a task takes in the usual direct migration, in seconds, and in the quick ones. */
const USUAL_SECONDS = 1;
const QUICK_SECONDS = 0.2;

async function migrate(lab: Lab, changes: Json, seconds: number): Promise<string> {
  const { migration } = lab.bodyOf('legacy/migration-create');
  const body = {
    ...(isObject(migration) && migration),
    source_environment: { vixdisklib_compression: 'zlib', lab_task_seconds: seconds },
    destination_environment: { migr_network: 'private', lab_task_seconds: seconds },
    ...changes,
  };
  return String((await lab.call('POST', 'deployments', { migration: body }))['id']);
}

/** A direct migration: two syncs, a shut-down, tasks of a second. */
export const migrating: SetUp = async (lab) => ({ deployment: await migrate(lab, {}, USUAL_SECONDS) });

/** A direct migration of this instance, with quick tasks and no shut-down. */
const migratingQuickly =
  (instance: string): SetUp =>
  async (lab) => ({
    deployment: await migrate(lab, { instances: [instance], shutdown_instances: false }, QUICK_SECONDS),
  });

export const cancellable: SetUp = then(migratingQuickly('slow-vm'), async (lab, { deployment }) => {
  await lab.until(`deployments/${deployment}`, taskRunning('REPLICATE_DISKS'));
});

export const canceledMigration: SetUp = finished(
  then(cancellable, async (lab, { deployment }) => {
    await lab.call('POST', `deployments/${deployment}/actions`, { cancel: null });
  }),
  'CANCELED',
);

export const failedMigration: SetUp = finished(migratingQuickly('fail-deploy-vm'), 'ERROR');

export const fiveMigrations: SetUp = inTurn(
  finished(deploying),
  finished(migrating),
  canceledMigration,
  failedMigration,
  migratingQuickly('test-vm-03'),
);

export const threeReplicas: SetUp = async (lab) => {
  for (const recording of ['replica-create', 'replica-create-minimal', 'replica-create-scenario-ignored'])
    await lab.transfer(`legacy/${recording}`);
  return {};
};

export const badEndpoint: SetUp = async (lab) => ({
  endpoint: await lab.endpointOf({ host: 'h', username: 'u', password: 'wrong' }),
});
