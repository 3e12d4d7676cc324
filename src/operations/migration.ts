import { cursorOfLastRow } from '../api/paging';
import { text } from '../vocabulary/field-constructors';
import { parsePlan } from '../model/migration-plan';
import type { Deployment, Transfer } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { waitFor, waitForTargets } from '../waiting/wait';
import { view, type OutputOf } from '../vocabulary/result-keys';
import { waitFields } from '../fields/common-fields';
import { listRows } from '../requests/listing';
import { combineMatchers, textMatcher } from '../fields/list-filters';
import { migrationCreate } from './migration-create';
import { migrationCancel, migrationDelete } from './migration-cancel-delete';
import {
  migrationDiagnosisCall,
  migrationRowShape,
  fetchMigrationResult,
  migrationRow,
  legacyMigrationRow,
} from '../playbooks/migration/result';
import { migrationTarget } from '../playbooks/migration/wait-target';
import {
  fetchLegacyMigration,
  isLegacyServer,
  fetchLatestDeployments,
  migrationIdField,
  migrationView,
} from '../playbooks/migration/view';

/** A row of the list, with the object it was made from. */
interface ListedMigration {
  readonly row: OutputOf<typeof migrationRowShape>;
  /** The migration's object on the server. */
  readonly action: Transfer | Deployment;
}

const list = defineList({
  resource: 'migration',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_migrations',
  summary: 'List direct migrations, newest first',
  description: 'Excludes transfers and deployments that were created separately.',
  effect: 'read',
  input: {
    search: text('Search', 'Only migrations whose notes, run key or instances contain this text.', {
      optional: true,
    }),
  },
  output: view<ListedMigration>()(migrationRowShape, ({ row }) => row),
  position: ({ action }) => cursorOfLastRow(action),
  async *run(coriolis, { search }, window) {
    const contains = textMatcher<Transfer | Deployment>(search, ({ notes, instances }) => [
      notes ?? '',
      ...instances,
    ]);
    if (await isLegacyServer(coriolis)) {
      const matches = combineMatchers<Deployment>((one) => one.transfer_id === null, contains);
      for await (const action of listRows(coriolis, 'deployment', [], { window, matches })) {
        yield { row: legacyMigrationRow(action), action };
      }
      return;
    }
    let deployments: ReadonlyMap<string, Deployment> | undefined;
    const matches = combineMatchers<Transfer>((one) => parsePlan(one.notes) !== undefined, contains);
    for await (const action of listRows(coriolis, 'transfer', [], { window, matches })) {
      deployments ??= await fetchLatestDeployments(coriolis);
      yield { row: migrationRow(action, deployments.get(action.id)), action };
    }
  },
});

const get = defineOperation({
  resource: 'migration',
  name: 'get',
  title: 'Get',
  tool: 'get_migration',
  summary: 'Get a direct migration with its progress',
  description: 'One status for all its passes and its deployment.',
  effect: 'read',
  input: { migrationId: migrationIdField },
  output: migrationView,
  result: { next: migrationDiagnosisCall },
  run: async (coriolis, { migrationId: id }) =>
    (await isLegacyServer(coriolis))
      ? await fetchLegacyMigration(coriolis, id)
      : await fetchMigrationResult(coriolis, id),
});

const wait = defineOperation({
  resource: 'migration',
  name: 'wait',
  title: 'Wait',
  tool: 'wait_for_migration',
  summary: 'Bring a direct migration to its end: start its next steps and wait for them',
  description:
    'Safe to repeat, also after a crash: goes on where it stands. Ends as completed, failed, canceled, stalled or timed_out.',
  effect: 'write',
  idempotent: true,
  related: {
    supersededBy: {
      operation: 'estate.wait',
      input: ({ migrationId: id, ...rest }) => ({ migrations: [id], ...rest }),
    },
  },
  wait: { timeoutInput: 'timeoutSeconds' },
  input: { migrationId: migrationIdField, ...waitFields },
  output: migrationView,
  result: { next: migrationDiagnosisCall },
  async run(coriolis, { migrationId: id, timeoutSeconds, stallSeconds }) {
    if (await isLegacyServer(coriolis)) {
      const [result] = await waitFor(coriolis, [{ kind: 'deployment', deploymentId: id }], {
        timeoutSeconds,
        stallSeconds,
      });
      const { report, ...rest } = await fetchLegacyMigration(coriolis, id);
      return { ...rest, report: { ...report, outcome: result?.outcome ?? null } };
    }
    const [watched] = await waitForTargets(coriolis, [migrationTarget(id)], {
      timeoutSeconds,
      stallSeconds,
    });
    return await fetchMigrationResult(coriolis, id, watched?.outcome ?? undefined);
  },
});

export const migrationOperations = [
  migrationCreate,
  list,
  get,
  wait,
  migrationCancel,
  migrationDelete,
] as const;
