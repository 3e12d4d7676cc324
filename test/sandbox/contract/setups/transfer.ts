import {
  SLOW,
  USUAL,
  canceled,
  deploying,
  executed,
  failed,
  inTurn,
  nothing,
  quick,
  replicating,
  started,
  then,
  unexecuted,
} from '../acts';
import { notesUpdated, updateRejected, updated } from '../chains';
import type { SetUp, SetUps } from '../replay';

const MINIMAL = { like: 'transfer-create-minimal' } as const;

const reader: SetUp = async (lab) => ({ token: await lab.login({ user: 'reader' }) });

const deleted: SetUp = then(unexecuted(USUAL), async (lab, { transfer }) => {
  await lab.call('DELETE', `transfers/${transfer}`);
});

/** Things are listed newest first, by the second: a second passes between two. */
const estate = (...setUps: readonly [SetUp, ...SetUp[]]): SetUp => {
  const [first, ...rest] = setUps.map((setUp) => then(setUp, (lab) => lab.advance(1)));
  return inTurn(first ?? nothing, ...rest);
};

/** What the recorded server had before anything was executed. */
const NINE_CREATIONS = [
  'transfer-create',
  'transfer-create-live-migration',
  'transfer-create-unknown-instance',
  'transfer-create-user-scripts',
  'transfer-create-minimal',
  'transfer-create-unknown-extra-fields',
  'transfer-create-notes-number',
  'transfer-create-user-scripts-null',
  'transfer-create-instances-numbers',
];

const nine: SetUp = async (lab) => {
  for (const recording of NINE_CREATIONS) {
    await lab.transfer(recording);
    lab.advance(1);
  }
  return {};
};

const newest: SetUp = estate(
  executed(quick('fail-deploy-vm')),
  executed(quick('gitlab')),
  executed(quick('jenkins')),
);

/** The page after the one that ends with `fail-deploy-vm`. */
const secondPage: SetUp = async (lab) => {
  await estate(
    failed(quick('web-frontend-03', { network_map: { 'VM Network': 'no-such-net' } })),
    canceled(SLOW),
    executed(quick('test-vm-02')),
  )(lab);
  const { transfer } = await estate(executed(quick('fail-deploy-vm')))(lab);
  await newest(lab);
  return transfer ? { marker: transfer } : {};
};

const oneDeleted: SetUp = estate(
  unexecuted(quick('test-vm-03')),
  then(
    unexecuted({ like: 'transfer-create', changes: { instances: ['monitoring'] } }),
    async (lab, { transfer }) => {
      await lab.call('DELETE', `transfers/${transfer}`);
    },
  ),
);

/** Transfers: create, show, list, update, delete, delete disks, execute. */
export const transfer: SetUps = {
  'transfer-action-unknown-400': unexecuted(MINIMAL),
  'transfer-create': nothing,
  'transfer-create-403': reader,
  'transfer-create-bad-network-map-400': nothing,
  'transfer-create-bad-scenario-400': nothing,
  'transfer-create-bad-source-environment-400': nothing,
  'transfer-create-bad-storage-mappings-400': nothing,
  'transfer-create-bad-user-scripts-os-400': nothing,
  'transfer-create-bool-as-string-in-environment-400': nothing,
  'transfer-create-clone-disks-string': nothing,
  'transfer-create-destination-environment-null': nothing,
  'transfer-create-duplicate-instances-400': nothing,
  'transfer-create-empty-instances-400': nothing,
  'transfer-create-instances-numbers': nothing,
  'transfer-create-instances-string-400': nothing,
  'transfer-create-live-migration': nothing,
  'transfer-create-minimal': nothing,
  'transfer-create-missing-destination-option-400': nothing,
  'transfer-create-missing-instances-400': nothing,
  'transfer-create-missing-origin-400': nothing,
  'transfer-create-network-map-null': nothing,
  'transfer-create-no-wrapper-400': nothing,
  'transfer-create-notes-number': nothing,
  'transfer-create-osmorphing-pool-for-foreign-instance-400': nothing,
  'transfer-create-same-endpoint-twice': nothing,
  'transfer-create-swapped-endpoints': nothing,
  'transfer-create-unknown-destination-endpoint': nothing,
  'transfer-create-unknown-endpoint': nothing,
  'transfer-create-unknown-extra-fields': nothing,
  'transfer-create-unknown-instance': nothing,
  'transfer-create-unknown-minion-pool': nothing,
  'transfer-create-unknown-source-environment-key-400': nothing,
  'transfer-create-user-scripts': nothing,
  'transfer-create-user-scripts-null': nothing,
  'transfer-delete-204': unexecuted(USUAL),
  'transfer-delete-again-404': deleted,
  'transfer-delete-disks': executed(quick('test-vm-02')),
  'transfer-delete-disks-404': nothing,
  'transfer-delete-disks-unexecuted': unexecuted(MINIMAL),
  'transfer-delete-disks-while-running-400': started(USUAL),
  'transfer-delete-while-deploying': deploying(USUAL),
  'transfer-delete-while-running-400': started(USUAL),
  'transfer-execute': unexecuted(USUAL),
  'transfer-execute-404': nothing,
  'transfer-execute-auto-deploy': unexecuted(quick('jenkins')),
  'transfer-execute-empty-object': unexecuted(quick('test-vm-02')),
  'transfer-execute-no-body': unexecuted(quick('test-vm-02')),
  'transfer-execute-shutdown': unexecuted(quick('test-vm-02')),
  'transfer-execute-shutdown-string': unexecuted(quick('test-vm-02')),
  'transfer-execute-while-deploying': deploying(USUAL),
  'transfer-execute-while-running-400': started(USUAL),
  'transfer-list': nine,
  'transfer-list-detail': nine,
  'transfer-list-empty': nothing,
  'transfer-list-filter-completed': newest,
  'transfer-list-filter-invalid-400': nothing,
  'transfer-list-filter-status-running': inTurn(unexecuted(USUAL), replicating(SLOW)),
  'transfer-list-filter-unexecuted': nothing,
  'transfer-list-include-task-info': newest,
  'transfer-list-include-task-info-invalid': newest,
  'transfer-list-limit-0': newest,
  'transfer-list-limit-negative': newest,
  'transfer-list-limit-text-400': nothing,
  'transfer-list-marker-unknown': inTurn(nine, newest),
  'transfer-list-page1': newest,
  'transfer-list-page2': secondPage,
  'transfer-list-show-deleted': oneDeleted,
  'transfer-list-sort': estate(
    updateRejected,
    executed({ like: 'transfer-create-live-migration' }),
    executed(quick('jenkins')),
  ),
  'transfer-list-sort-dir-invalid': nothing,
  'transfer-list-sort-invalid': nothing,
  'transfer-show-404': nothing,
  'transfer-show-after-failed-update': updateRejected,
  'transfer-show-after-update': updated,
  'transfer-show-deleted-404': deleted,
  'transfer-show-error': failed(quick('fail-replication-vm')),
  'transfer-show-executed': executed(USUAL),
  'transfer-show-include-task-info': executed(USUAL),
  'transfer-show-not-uuid-404': nothing,
  'transfer-show-running': replicating(SLOW),
  'transfer-show-unexecuted': unexecuted(USUAL),
  'transfer-update': executed(USUAL),
  'transfer-update-bad-environment-400': executed(USUAL),
  'transfer-update-empty': executed(USUAL),
  'transfer-update-endpoint-400': executed(USUAL),
  'transfer-update-instances-400': executed(USUAL),
  'transfer-update-no-wrapper-400': executed(USUAL),
  'transfer-update-notes-only': updated,
  'transfer-update-rejected-by-provider': notesUpdated,
  'transfer-update-unknown-400': nothing,
  'transfer-update-while-running-400': started(USUAL),
};
