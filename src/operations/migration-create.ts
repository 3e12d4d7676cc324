import { flag, number, text } from '../vocabulary/field-constructors';
import { defineOperation } from '../operation';
import { shutdownCaution } from '../fields/common-fields';
import { callsAfterMigration } from '../playbooks/migration/migration-result';
import {
  destinationEndpointIdField,
  makeInstancesField,
  makeNetworkMapField,
  newTransferInputNames,
  originEndpointIdField,
  makeEnvironmentFields,
  makeTransferPoolFields,
  makeStorageFields,
} from '../fields/transfer-fields';
import { fetchMigration, migrationView } from '../playbooks/migration/fetch-migration';
import { previewNewMigration } from '../playbooks/migration-preview';
import { makeUserScriptsField } from '../fields/user-scripts-field';
import { MAX_NOTES_LENGTH } from '../fields/max-text-lengths';
import { findEqualMigrations } from '../playbooks/migration/create-migration';
import {
  createMigration,
  createUnstartedMigration,
  makeMigrationWaitTarget,
  startMigration,
  withdrawMigration,
} from '../playbooks/migration/migration-actions';

export const migrationCreate = defineOperation({
  resource: 'migration',
  name: 'create',
  title: 'Create',
  tool: 'create_migration',
  form: {
    caution:
      'Makes a transfer, syncs it and deploys it; to deploy a transfer that exists, choose the resource Deployment. Application credentials cannot migrate: Coriolis needs a user with a password. Later steps begin only during a wait for the migration.',
  },
  summary: 'Migrate VMs in one go',
  description: 'Syncs, then deploys. Wait for the migration next: only a wait starts its later steps.',
  effect: 'write',
  input: {
    originEndpointId: originEndpointIdField,
    destinationEndpointId: destinationEndpointIdField,
    instances: makeInstancesField('originEndpointId'),
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
    ...makeEnvironmentFields('originEndpointId', 'destinationEndpointId'),
    networkMap: makeNetworkMapField(newTransferInputNames),
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
    ...makeStorageFields(newTransferInputNames),
    userScripts: makeUserScriptsField(newTransferInputNames),
    ...makeTransferPoolFields(newTransferInputNames),
    checkInstances: flag(
      'Check Instances',
      'Whether to check first that the source platform has the machines; the server itself does not check.',
      { default: true, advanced: true },
    ),
  },
  output: migrationView,
  result: { next: callsAfterMigration },
  preview: (coriolis, input) => previewNewMigration(coriolis, input, input.replicationCount),
  run: createMigration,
  deduplication: {
    async findDuplicates(coriolis, input, isRecent) {
      // After a failed or canceled migration, an equal call is a new attempt and creates another migration.
      const found = await findEqualMigrations(coriolis, input, isRecent);
      return found.filter(({ report }) => [null, 'completed'].includes(report.outcome));
    },
    idOf: ({ report }) => report.id,
    createdAt: ({ report }) => report.created_at,
    withdraw: withdrawMigration,
    steps: { create: createUnstartedMigration, start: startMigration },
  },
  completion: {
    unattendedWarning: ({ transfer }) =>
      transfer === undefined
        ? undefined
        : 'Only the first sync was started. The later steps begin only during a wait for the migration: switch on Wait for Completion, or add Migration: Wait behind this node.',
    target: ({ report: { id }, transfer }) => makeMigrationWaitTarget(id, transfer === undefined),
    reload: (coriolis, { report: { id } }) => fetchMigration(coriolis, id),
  },
});
