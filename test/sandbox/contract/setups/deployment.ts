import {
  SLOW,
  USUAL,
  deployed,
  deploying,
  deploymentPending,
  executed,
  executionPath,
  failed,
  inTurn,
  nothing,
  quick,
  started,
  taskRunning,
  then,
  unexecuted,
  withTaskSeconds,
} from '../acts';
import { updateRejected } from '../chains';
import type { Json } from '../lab';
import type { SetUp, SetUps } from '../replay';

const MINIMAL = { like: 'transfer-create-minimal' } as const;
const LIVE_MIGRATION = { like: 'transfer-create-live-migration' } as const;

/** Deploys a transfer that a set-up made. */
const deploy = (before: SetUp, options: Json = {}): SetUp =>
  then(before, async (lab, { transfer }) => ({ deployment: await lab.deploy(transfer ?? '', options) }));

const finished = (before: SetUp, end: 'COMPLETED' | 'CANCELED' | 'ERROR' = 'COMPLETED'): SetUp =>
  then(before, async (lab, { deployment }) => {
    await lab.until(`deployments/${deployment}`, end);
    lab.advance(1);
  });

/** The deployment of the transfer that most recordings are about. */
const usual: SetUp = deploy(updateRejected);

/** The lab's destination takes three seconds a task here, so that it can be caught. */
const GITLAB = quick('gitlab', { destination_environment: withTaskSeconds(3)['destination_environment'] });

const cancellable: SetUp = then(
  deploying(GITLAB, { skip_os_morphing: true }),
  async (lab, { deployment }) => {
    await lab.until(`deployments/${deployment}`, taskRunning('CREATE_TRANSFER_DISK_SNAPSHOTS'));
  },
);

const cancelling: SetUp = then(cancellable, async (lab, { deployment }) => {
  await lab.call('POST', `deployments/${deployment}/actions`, { cancel: { force: false } });
});

const disksDeleted: SetUp = then(executed(quick('test-vm-02')), async (lab, { transfer }) => {
  const { id } = await lab.call('POST', `transfers/${transfer}/actions`, { 'delete-disks': null });
  await lab.until(`transfers/${transfer}/executions/${String(id)}`, 'COMPLETED');
});

/** The three deployments of the recorded lists: completed, failed, cancelled. */
const three: SetUp = inTurn(
  finished(usual),
  finished(deploying(quick('fail-deploy-vm')), 'ERROR'),
  finished(cancelling, 'CANCELED'),
);

/** Two more deployments: of a live migration, then of two instances, which is the end of the first page. */
const twoOfSeveral: SetUp = then(
  inTurn(
    finished(deploying(LIVE_MIGRATION)),
    finished(deploying(quick('', { instances: ['web-frontend-01', 'app-server-01'] }))),
  ),
  (_lab, { deployment }) => (deployment ? { marker: deployment } : {}),
);

/** The pending deployment was deleted before its execution was cancelled. */
const deletedThenCanceled: SetUp = then(deploymentPending(SLOW), async (lab, scene) => {
  await lab.call('DELETE', `deployments/${scene.deployment}`);
  await lab.call('POST', `${executionPath(scene)}/actions`, { cancel: { force: false } });
  await lab.until(executionPath(scene), 'CANCELED');
});

/** Deployments. */
export const deployment: SetUps = {
  'deployment-cancel-204': cancellable,
  'deployment-cancel-404': nothing,
  'deployment-cancel-finished': deployed(USUAL),
  'deployment-cancel-pending': deploymentPending(SLOW),
  'deployment-create': updateRejected,
  'deployment-create-after-disks-deleted': disksDeleted,
  'deployment-create-failed-transfer-400': failed(quick('fail-replication-vm')),
  'deployment-create-live-migration-twice': finished(deploying(LIVE_MIGRATION)),
  'deployment-create-missing-transfer-400': nothing,
  'deployment-create-no-wrapper-400': nothing,
  'deployment-create-skip-os-morphing': executed(GITLAB),
  'deployment-create-twice-while-running': deploying(USUAL),
  'deployment-create-unexecuted-force': unexecuted(MINIMAL),
  'deployment-create-unexecuted-transfer-400': unexecuted(MINIMAL),
  'deployment-create-unknown-transfer-404': nothing,
  'deployment-create-while-transfer-running-400': started(USUAL),
  'deployment-delete-204': deployed(USUAL),
  'deployment-delete-404': nothing,
  'deployment-delete-pending': deploymentPending(SLOW),
  'deployment-delete-while-running-400': deploying(USUAL),
  'deployment-list': three,
  'deployment-list-detail': three,
  'deployment-list-empty': nothing,
  'deployment-list-filter': three,
  'deployment-list-filter-invalid-400': nothing,
  'deployment-list-include-task-info': three,
  'deployment-list-limit': twoOfSeveral,
  'deployment-list-limit-marker': twoOfSeveral,
  'deployment-list-sort': inTurn(
    finished(deploying(quick('fail-deploy-vm')), 'ERROR'),
    finished(cancelling, 'CANCELED'),
    twoOfSeveral,
  ),
  'deployment-show-404': nothing,
  'deployment-show-after-execution-canceled': deletedThenCanceled,
  'deployment-show-auto-deployed': finished(deploymentPending(quick('jenkins'))),
  'deployment-show-canceled': finished(cancelling, 'CANCELED'),
  'deployment-show-completed': finished(usual),
  'deployment-show-deleted-404': then(deployed(USUAL), async (lab, scene) => {
    await lab.call('DELETE', `deployments/${scene.deployment}`);
  }),
  'deployment-show-error': finished(deploying(quick('fail-deploy-vm')), 'ERROR'),
  'deployment-show-include-task-info': finished(usual),
  'deployment-show-pending': deploymentPending(quick('jenkins')),
  'deployment-show-running': then(usual, async (lab, { deployment }) => {
    await lab.until(`deployments/${deployment}`, taskRunning('VALIDATE_DEPLOYMENT_INPUTS'));
  }),
  'series-deployment': usual,
  'series-deployment-auto': deploymentPending(quick('gitlab', withTaskSeconds(0.5))),
  'series-deployment-cancel': cancelling,
};
