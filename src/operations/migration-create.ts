import { flag, number, text } from '../vocabulary/field-constructors';
import { defineOperation } from '../operation';
import { runWaitTarget } from '../waiting/run-target';
import { shutdownCaution } from '../fields/common-fields';
import { cancelDeployment } from '../resources/deployment';
import { callsAfterMigration, fetchMigrationResult, migrationResult } from '../playbooks/migration/result';
import { migrationWaitTarget } from '../playbooks/migration/wait-target';
import { advanceMigration } from '../playbooks/migration/migration';
import {
  destinationEndpointId,
  instancesField,
  networkMapField,
  newTransferInputNames,
  originEndpointId,
  environmentFields,
  transferPoolFields,
  storageFields,
} from '../fields/transfer-fields';
import { fetchLegacyMigration, isLegacyServer, migrationView } from '../playbooks/migration/view';
import { previewNewMigration } from '../playbooks/move-preview';
import { deleteOne } from '../requests/objects';
import { userScriptsField } from '../fields/user-scripts';
import { MAX_NOTES_LENGTH } from '../fields/text-column-lengths';
import {
  requireValidRunKey,
  createComposedMigration,
  createLegacyMigration,
  findEqualMigrations,
  findOrCreateMigrationTransfer,
} from '../playbooks/migration/create-migration';

export const migrationCreate = defineOperation({
  resource: 'migration',
  name: 'create',
  title: 'Create',
  tool: 'create_migration',
  form: {
    caution:
      'Application credentials cannot migrate: Coriolis needs a user with a password. Later steps begin only during a wait for the migration.',
  },
  summary: 'Migrate VMs in one go',
  description: 'Syncs, then deploys. Wait for the migration next: only a wait starts its later steps.',
  effect: 'write',
  input: {
    originEndpointId,
    destinationEndpointId,
    instances: instancesField('originEndpointId'),
    shutdownInstances: flag('Shut Down Instances', 'Whether the last sync shuts the source machines down.', {
      effect: 'destroy',
      caution: shutdownCaution,
    }),
    runKey: text(
      'Run Key',
      'Name of your choice: a second creation with it returns the existing migration.',
      {
        optional: true,
        advanced: true,
      },
    ),
    ...environmentFields('originEndpointId', 'destinationEndpointId'),
    networkMap: networkMapField(newTransferInputNames),
    notes: text('Notes', 'Text for people, shown as the title.', {
      optional: true,
      advanced: true,
      stored: MAX_NOTES_LENGTH,
    }),
    replicationCount: number('Replication Count', 'Syncs before the deployment, 1 to 10.', {
      default: 2,
      minimum: 1,
      maximum: 10,
      advanced: true,
    }),
    skipOsMorphing: flag('Skip OS Morphing', 'Whether to leave the guest as it is.', { advanced: true }),
    ...storageFields(newTransferInputNames),
    userScripts: userScriptsField(newTransferInputNames),
    ...transferPoolFields(newTransferInputNames),
    checkInstances: flag(
      'Check Instances',
      'Whether to check first that the source platform has the machines; the server itself does not check.',
      { default: true, advanced: true },
    ),
  },
  output: migrationView,
  result: { next: callsAfterMigration },
  preview: (coriolis, input) => previewNewMigration(coriolis, input, input.replicationCount),
  async run(coriolis, input) {
    requireValidRunKey(input);
    return (await isLegacyServer(coriolis))
      ? await createLegacyMigration(coriolis, input)
      : await createComposedMigration(coriolis, input);
  },
  retry: {
    async findDuplicates(coriolis, input, isRecent) {
      // After a failed or canceled migration, an equal call is a new attempt and creates another migration.
      const found = await findEqualMigrations(coriolis, input, isRecent);
      return found.filter(({ report }) => [null, 'completed'].includes(report.outcome));
    },
    idOf: ({ report }) => report.id,
    createdAt: ({ report }) => report.created_at,
    async withdraw(coriolis, { transfer, report: { id } }) {
      if (transfer !== undefined) return await deleteOne(coriolis, 'transfer', id);
      // A legacy migration runs at once and cannot be deleted while it runs, so it is canceled.
      return await cancelDeployment(coriolis, id, false);
    },
    steps: {
      async create(coriolis, input) {
        requireValidRunKey(input);
        if (await isLegacyServer(coriolis)) return await createLegacyMigration(coriolis, input);
        return await fetchMigrationResult(
          coriolis,
          (await findOrCreateMigrationTransfer(coriolis, input)).id,
        );
      },
      start: async (coriolis, { transfer, report }) =>
        transfer === undefined
          ? await fetchLegacyMigration(coriolis, report.id)
          : migrationResult(await advanceMigration(coriolis, transfer.id)),
    },
  },
  completion: {
    unattended: ({ transfer }) =>
      transfer === undefined
        ? undefined
        : 'Only the first sync was started. The later steps begin only during a wait for the migration: switch on Wait for Completion, or add Migration: Wait behind this node.',
    target: ({ report: { id }, transfer }) =>
      transfer === undefined
        ? runWaitTarget({ kind: 'deployment', deploymentId: id })
        : migrationWaitTarget(id),
    reload: (coriolis, { report: { id }, transfer }) =>
      transfer === undefined ? fetchLegacyMigration(coriolis, id) : fetchMigrationResult(coriolis, id),
  },
});
