import { fetchCopiedDisksDescription, fetchMoveDescription } from '../playbooks/transfer-preview';
import { duration, flag } from '../vocabulary/field-constructors';
import { isActive } from '../model/status';
import { defineOperation } from '../operation';
import { makeCancellationView, forceCancelField } from '../fields/common-fields';
import { cancelAnyMigration } from '../playbooks/migration/migration-actions';
import { fetchMigration, migrationIdField } from '../playbooks/migration/fetch-migration';
import { deleteMigration, migrationRemovalView } from '../playbooks/migration/delete-migration';

export const migrationCancel = defineOperation({
  resource: 'migration',
  name: 'cancel',
  title: 'Cancel',
  tool: 'cancel_migration',
  summary: 'Cancel a direct migration',
  description:
    'Stops the running sync or deployment; no further step begins. Copied disks stay until the migration is deleted.',
  effect: 'write',
  input: {
    migrationId: migrationIdField,
    force: forceCancelField,
  },
  output: makeCancellationView('Migration'),
  result: { whole: true },
  async preview(coriolis, { migrationId: id }) {
    const { report } = await fetchMigration(coriolis, id);
    return {
      subject: {
        id,
        name: report.name,
        status: report.status,
        changed: report.last_progress_at ?? report.finished_at ?? report.created_at,
      },
      consequences: [
        ...(await fetchMoveDescription(coriolis, report)),
        'Coriolis does not wait for its workers: temporary machines, disks and snapshots may stay on both platforms.',
        'What the running step has done is lost.',
      ],
      refusal: isActive(report.status) ? undefined : `nothing of it is running (${report.status})`,
    };
  },
  async run(coriolis, { migrationId: id, force }) {
    await cancelAnyMigration(coriolis, id, force);
    return { id, force };
  },
});

export const migrationDelete = defineOperation({
  resource: 'migration',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_migration',
  summary: 'Delete a direct migration, and its copied disks on request',
  description: 'Deployed machines stay. When the removal of disks takes longer than the timeout, call again.',
  effect: 'destroy',
  wait: { timeoutInput: 'timeoutSeconds' },
  input: {
    migrationId: migrationIdField,
    deleteDisks: flag(
      'Delete Disks',
      'Whether to remove first the copied disks of a migration that did not complete.',
    ),
    timeoutSeconds: duration('Timeout', 'Seconds to wait at most for the removal of disks.', {
      default: 600,
      minimum: 1,
      maximum: 86_400,
      advanced: true,
    }),
  },
  output: migrationRemovalView,
  result: { whole: true },
  async preview(coriolis, { migrationId: id, deleteDisks }) {
    const { report, transfer } = await fetchMigration(coriolis, id);
    // A legacy server, which has no transfer of it, removes the copied disks itself when the migration ends.
    const disks = transfer === undefined ? undefined : await fetchCopiedDisksDescription(coriolis, id);
    return {
      subject: {
        id,
        name: report.name,
        status: report.status,
        changed: report.finished_at ?? report.created_at,
      },
      consequences: [
        ...(await fetchMoveDescription(coriolis, report)),
        'Its settings and the history of its runs are lost.',
        ...(report.outcome === 'completed'
          ? [`Deployed machines stay on the destination: ${report.instances.join(', ')}.`]
          : [
              disks === undefined
                ? 'The migration has no copied disks on the destination.'
                : deleteDisks
                  ? `Removed from the destination: ${disks}.`
                  : `What stays on the destination and must be removed there: ${disks}.`,
            ]),
      ],
      refusal: isActive(report.status) ? 'it is still running: cancel it first' : undefined,
    };
  },
  run: (coriolis, { migrationId: id, deleteDisks, timeoutSeconds }) =>
    deleteMigration(coriolis, id, deleteDisks, timeoutSeconds),
});
