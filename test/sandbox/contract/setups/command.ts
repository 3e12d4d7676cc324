import {
  deployed as deployedOnce,
  executed,
  executionPath,
  inTurn,
  nothing,
  quick,
  started,
  taskRunning,
  then,
  unexecuted,
} from '../acts';
import type { TransferPlan } from '../acts';
import type { SetUp, SetUps } from '../replay';

/** The endpoints that the recorded commands are about. */
const endpoints: SetUp = async (lab) => {
  await lab.made('endpoints', 'cli-endpoint-create');
  await lab.made('endpoints', 'cli-endpoint-create-validated');
  return {};
};

/** The transfer between them. */
const COMMANDED: TransferPlan = { like: 'cli-transfer-create' };
const transfer: SetUp = inTurn(endpoints, unexecuted(COMMANDED));
const executing: SetUp = inTurn(endpoints, started(COMMANDED));
const synced: SetUp = inTurn(endpoints, executed(COMMANDED));

const updated: SetUp = then(transfer, async (lab, { transfer: id }) => {
  const execution = String(
    (await lab.call('PUT', `transfers/${id}`, lab.bodyOf('cli-transfer-update')))['id'],
  );
  await lab.until(`transfers/${id}/executions/${execution}`, 'COMPLETED');
});

const updatedAndSynced: SetUp = then(updated, async (lab, { transfer: id }) => {
  const execution = await lab.execute(id ?? '');
  const scene = { transfer: id ?? '', execution };
  await lab.until(executionPath(scene), 'COMPLETED');
  return scene;
});

const deployed: SetUp = then(updatedAndSynced, async (lab, { transfer: id }) => ({
  deployment: await lab.deploy(id ?? '', { user_scripts: { global: {}, instances: {} } }),
}));
const morphing: SetUp = then(deployed, async (lab, { deployment }) => {
  await lab.until(`deployments/${deployment}`, taskRunning('OS_MORPHING'));
});
const deploymentDone: SetUp = then(deployed, async (lab, { deployment }) => {
  await lab.until(`deployments/${deployment}`, 'COMPLETED');
});

const scheduled: SetUp = then(transfer, async (lab, { transfer: id }) => ({
  schedule: await lab.made(`transfers/${id}/schedules`, 'cli-transfer-schedule-create'),
}));

const deleted: SetUp = then(transfer, async (lab, { transfer: id }) => {
  await lab.call('DELETE', `transfers/${id}`);
});

/** Does to the pool what a recorded command did, and waits. */
const pooled = (before: SetUp, recording: string, end: string): SetUp =>
  then(before, async (lab, { pool }) => {
    await lab.call('POST', `minion_pools/${pool}/actions`, lab.bodyOf(recording));
    await lab.until(`minion_pools/${pool}`, end);
  });

/** The pool of the commands, which did all this one after the other. */
const pool: SetUp = then(endpoints, async (lab) => {
  const id = await lab.made('minion_pools', 'cli-minion-pool-create');
  await lab.until(`minion_pools/${id}`, 'ALLOCATED');
  return { pool: id };
});
const deallocated = pooled(pool, 'cli-minion-pool-deallocate', 'DEALLOCATED');
const allocatedAgain = pooled(deallocated, 'cli-minion-pool-allocate', 'ALLOCATED');
const refreshed: SetUp = then(pooled(allocatedAgain, 'cli-minion-pool-refresh', 'ALLOCATED'), (lab) =>
  lab.advance(1),
);

const region: SetUp = async (lab) => ({ region: await lab.made('regions', 'cli-region-create') });

/** The oldest two transfers whose last execution completed. */
const oldest: SetUp = inTurn(
  then(executed({ like: 'transfer-create-live-migration' }), (lab) => lab.advance(1)),
  executed(quick('test-vm-02')),
);

/** What the official command-line client sends. */
export const command: SetUps = {
  'cli-deployment-cancel': morphing,
  'cli-deployment-create': updatedAndSynced,
  'cli-deployment-delete': deploymentDone,
  'cli-deployment-list': inTurn(
    deployedOnce(quick('jenkins')),
    deployedOnce(quick('fail-deploy-vm'), 'ERROR'),
    morphing,
  ),
  'cli-deployment-show': morphing,
  'cli-diagnostics-get': nothing,
  'cli-endpoint-create': nothing,
  'cli-endpoint-create-validated': nothing,
  'cli-endpoint-delete': endpoints,
  'cli-endpoint-delete-name': endpoints,
  'cli-endpoint-destination-minion-pool-options-list': endpoints,
  'cli-endpoint-destination-options-list': endpoints,
  'cli-endpoint-export-inventory': endpoints,
  'cli-endpoint-instance-list': endpoints,
  'cli-endpoint-instance-show': endpoints,
  'cli-endpoint-list': endpoints,
  'cli-endpoint-network-list': endpoints,
  'cli-endpoint-show': endpoints,
  'cli-endpoint-source-minion-pool-options-list': endpoints,
  'cli-endpoint-source-options-list': endpoints,
  'cli-endpoint-storage-list': endpoints,
  'cli-endpoint-update': endpoints,
  'cli-endpoint-validate-connection': endpoints,
  'cli-minion-pool-allocate': deallocated,
  'cli-minion-pool-create': endpoints,
  'cli-minion-pool-deallocate': pool,
  'cli-minion-pool-deallocate-force': refreshed,
  'cli-minion-pool-delete': deallocated,
  'cli-minion-pool-list': pool,
  'cli-minion-pool-refresh': allocatedAgain,
  'cli-minion-pool-show': pool,
  'cli-provider-list': nothing,
  'cli-provider-schema-list': nothing,
  'cli-region-create': nothing,
  'cli-region-delete': region,
  'cli-region-list': region,
  'cli-region-show': region,
  'cli-region-update': region,
  'cli-service-delete-403-error': nothing,
  'cli-service-list': nothing,
  'cli-service-show': nothing,
  'cli-service-update': nothing,
  'cli-transfer-create': endpoints,
  'cli-transfer-delete': transfer,
  'cli-transfer-disks-delete': synced,
  'cli-transfer-execute': updated,
  'cli-transfer-execute-again-error': executing,
  'cli-transfer-execution-cancel-finished-error': synced,
  'cli-transfer-execution-delete': synced,
  'cli-transfer-execution-list': updatedAndSynced,
  'cli-transfer-execution-show': updatedAndSynced,
  'cli-transfer-list': inTurn(transfer, executed(quick('jenkins'))),
  'cli-transfer-list-filter': oldest,
  'cli-transfer-schedule-create': transfer,
  'cli-transfer-schedule-delete': scheduled,
  'cli-transfer-schedule-list': scheduled,
  'cli-transfer-schedule-show': scheduled,
  'cli-transfer-schedule-update': scheduled,
  'cli-transfer-show': transfer,
  'cli-transfer-show-404': deleted,
  'cli-transfer-update': transfer,
};
