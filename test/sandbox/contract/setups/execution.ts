import {
  SLOW,
  USUAL,
  canceled,
  cancelling,
  deploymentPending,
  executed,
  executionPath,
  failed,
  inTurn,
  nothing,
  quick,
  replicating,
  started,
  then,
  unexecuted,
  withTaskSeconds,
} from '../acts';
import { updateRejected, updated } from '../chains';
import type { SetUp, SetUps } from '../replay';

const TEST_VM = quick('test-vm-02');

/** Executed three times, the last two with a shutdown of the instance. */
const executedThrice: SetUp = then(executed(TEST_VM), async (lab, { transfer }) => {
  let execution = '';
  for (let count = 0; count < 2; count += 1) {
    execution = await lab.execute(transfer ?? '', { shutdown_instances: true });
    await lab.until(`transfers/${transfer}/executions/${execution}`, 'COMPLETED');
  }
  return { execution };
});

const disksDeleted: SetUp = then(executed(TEST_VM), async (lab, { transfer }) => {
  const { id } = await lab.call('POST', `transfers/${transfer}/actions`, { 'delete-disks': null });
  await lab.until(`transfers/${transfer}/executions/${String(id)}`, 'COMPLETED');
  return { execution: String(id) };
});

/** Execution, update, deleted disks, execution again. */
const ofEveryType: SetUp = then(updated, async (lab, { transfer }) => {
  const { id } = await lab.call('POST', `transfers/${transfer}/actions`, { 'delete-disks': null });
  await lab.until(`transfers/${transfer}/executions/${String(id)}`, 'COMPLETED');
  const execution = await lab.execute(transfer ?? '', { shutdown_instances: true });
  await lab.until(`transfers/${transfer}/executions/${execution}`, 'COMPLETED');
});

/** The execution belongs to another transfer than the one asked for. */
const ofAnotherTransfer: SetUp = inTurn(executed(USUAL), unexecuted({ like: 'transfer-create-minimal' }));

const executionDeleted: SetUp = then(executed(TEST_VM), async (lab, scene) => {
  await lab.call('DELETE', executionPath(scene));
});

/** Executions of transfers. */
export const execution: SetUps = {
  'execution-action-unknown-400': replicating(SLOW),
  'execution-cancel-204': replicating(SLOW),
  'execution-cancel-404': unexecuted(SLOW),
  'execution-cancel-finished': canceled(SLOW),
  'execution-cancel-force': replicating(SLOW),
  'execution-cancel-null-body': replicating(SLOW),
  'execution-cancel-twice': cancelling(SLOW),
  'execution-cancel-with-pending-deployment': deploymentPending(SLOW),
  'execution-delete-204': executed(TEST_VM),
  'execution-delete-again-404': executionDeleted,
  'execution-delete-while-running-400': started(USUAL),
  'execution-list': executed(USUAL),
  'execution-list-after-schedule': ofEveryType,
  'execution-list-detail': executed(USUAL),
  'execution-list-limit': executedThrice,
  'execution-list-sort': executedThrice,
  'execution-list-sort-invalid': executed(TEST_VM),
  'execution-list-status': executedThrice,
  'execution-list-status-invalid-400': executed(TEST_VM),
  'execution-list-unknown-transfer': nothing,
  'execution-show-404': executed(USUAL),
  'execution-show-bad-network-map-error': failed(
    quick('web-frontend-03', { network_map: { 'VM Network': 'no-such-net' } }),
  ),
  'execution-show-canceled': canceled(SLOW),
  'execution-show-completed': executed(USUAL),
  'execution-show-disks-delete': disksDeleted,
  'execution-show-error': failed(quick('fail-replication-vm')),
  'execution-show-force-canceled': canceled(SLOW, { force: true }),
  'execution-show-multi-instance': executed({ like: 'transfer-create-live-migration' }),
  'execution-show-running': replicating(SLOW),
  'execution-show-shutdown-string': executed(TEST_VM, { shutdown_instances: 'false' }),
  'execution-show-unknown-instance-error': failed({
    like: 'transfer-create',
    changes: { instances: ['ghost-vm'] },
  }),
  'execution-show-update': updated,
  'execution-show-update-error': updateRejected,
  'execution-show-with-shutdown': executed(TEST_VM, { shutdown_instances: true }),
  'execution-show-wrong-transfer-404': ofAnotherTransfer,
  'series-execution-cancel': cancelling(quick('slow-vm', withTaskSeconds(2))),
  'series-transfer-execution': started(USUAL),
  'series-transfer-execution-error': started(quick('fail-replication-vm')),
  'series-transfer-execution-percent': started(quick('db-primary', withTaskSeconds(3))),
};
