import { executed, failed, inTurn, nothing, started, taskRunning, then, unexecuted } from '../acts';
import type { TransferPlan } from '../acts';
import {
  REPLICA,
  canceledMigration,
  deploying,
  failedMigration,
  finished,
  quickReplica,
} from '../legacy-acts';
import type { SetUp, SetUps } from '../replay';

/** The replica that the recorded commands are about. */
const COMMANDED: TransferPlan = { like: 'legacy/cli-replica-create' };
const updated: SetUp = then(executed(COMMANDED), async (lab, { transfer }) => {
  const { id } = await lab.call('PUT', `transfers/${transfer}`, lab.bodyOf('legacy/cli-replica-update'));
  await lab.until(`transfers/${transfer}/executions/${String(id)}`, 'COMPLETED');
});
const deployed: SetUp = then(updated, async (lab, { transfer }) => ({
  deployment: await lab.deploy(transfer ?? '', { user_scripts: { global: {}, instances: {} } }),
}));
const morphing: SetUp = then(deployed, async (lab, { deployment }) => {
  await lab.until(`deployments/${deployment}`, taskRunning('OS_MORPHING'));
});

/** The region that the commands map endpoints and the worker on. */
const region: SetUp = async (lab) => ({ region: await lab.made('regions', 'legacy/cli-region-create') });
/** Endpoints and worker are in that region. */
const mapped: SetUp = then(region, async (lab, scene) => {
  const mapped_regions = [scene.region];
  const [worker] = await lab.list('services');
  await lab.call('PUT', `services/${String(worker?.['id'])}`, { service: { mapped_regions } });
  // The server lists the endpoints of a region in no order; the sandbox in that in which they were made.
  await lab.made('endpoints', 'legacy/cli-endpoint-create-validated');
  await lab.made('endpoints', 'legacy/cli-endpoint-create');
});
const withWorker: SetUp = then(region, async (lab) => {
  const [worker] = await lab.list('services');
  lab.substitution.set('43dbd443-8cbd-4783-b5a0-08283d420c9b', String(worker?.['id']));
});
const replicaDeleted: SetUp = then(unexecuted(COMMANDED), async (lab, { transfer }) => {
  await lab.call('DELETE', `transfers/${transfer}`);
});
const commandScheduled: SetUp = then(unexecuted(COMMANDED), async (lab, { transfer }) => ({
  schedule: await lab.made(`transfers/${transfer}/schedules`, 'legacy/cli-replica-schedule-create'),
}));

/** What the command-line client of that time sent. */
export const legacyCommands: SetUps = {
  'legacy/cli-diagnostics-get': nothing,
  'legacy/cli-endpoint-create': region,
  'legacy/cli-endpoint-create-validated': mapped,
  'legacy/cli-endpoint-destination-options-list': mapped,
  'legacy/cli-endpoint-instance-list': mapped,
  'legacy/cli-endpoint-instance-show': mapped,
  'legacy/cli-endpoint-list': mapped,
  'legacy/cli-endpoint-network-list': mapped,
  'legacy/cli-endpoint-show': mapped,
  'legacy/cli-endpoint-source-options-list': mapped,
  'legacy/cli-endpoint-storage-list': mapped,
  'legacy/cli-endpoint-update': mapped,
  'legacy/cli-endpoint-validate-connection': mapped,
  'legacy/cli-migration-cancel': morphing,
  'legacy/cli-migration-create': nothing,
  'legacy/cli-migration-delete': finished(deployed),
  'legacy/cli-migration-deploy-replica': updated,
  'legacy/cli-migration-list': inTurn(finished(deploying), canceledMigration, failedMigration),
  'legacy/cli-migration-show': morphing,
  'legacy/cli-migration-show-direct': finished(async (lab) => ({
    deployment: await lab.made('deployments', 'legacy/cli-migration-create'),
  })),
  'legacy/cli-provider-list': nothing,
  'legacy/cli-provider-schema-list': nothing,
  'legacy/cli-region-create': nothing,
  'legacy/cli-region-list': region,
  'legacy/cli-region-show': mapped,
  'legacy/cli-replica-create': mapped,
  'legacy/cli-replica-delete': unexecuted(COMMANDED),
  'legacy/cli-replica-disks-delete': executed(COMMANDED),
  'legacy/cli-replica-execute': unexecuted(COMMANDED),
  'legacy/cli-replica-execute-again-error': started(COMMANDED),
  'legacy/cli-replica-execution-cancel-finished-error': executed(COMMANDED),
  'legacy/cli-replica-execution-delete': executed(COMMANDED),
  'legacy/cli-replica-execution-list': executed(COMMANDED),
  'legacy/cli-replica-execution-show': executed(COMMANDED),
  'legacy/cli-replica-list': inTurn(executed(REPLICA), failed(quickReplica('fail-replication-vm'))),
  'legacy/cli-replica-schedule-create': unexecuted(COMMANDED),
  'legacy/cli-replica-schedule-delete': commandScheduled,
  'legacy/cli-replica-schedule-list': commandScheduled,
  'legacy/cli-replica-schedule-show': commandScheduled,
  'legacy/cli-replica-show': unexecuted(COMMANDED),
  'legacy/cli-replica-show-404': replicaDeleted,
  'legacy/cli-replica-update': executed(COMMANDED),
  'legacy/cli-service-list': nothing,
  'legacy/cli-service-update': withWorker,
};
