import { pagingCursorAfter } from '../api/paging';
import { text } from '../vocabulary/field-constructors';
import { defineListOperation, defineOperation } from '../operation';
import { waitFields } from '../fields/common-fields';
import { migrationCreate } from './migration-create';
import { migrationCancel, migrationDelete } from './migration-cancel-delete';
import { fetchMigrations, migrationRowView } from '../playbooks/migration/list-migrations';
import { callsAfterMigration } from '../playbooks/migration/migration-result';
import { waitForMigration } from '../playbooks/migration/migration-actions';
import { fetchMigration, migrationIdField, migrationView } from '../playbooks/migration/fetch-migration';

const list = defineListOperation({
  resource: 'migration',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_migrations',
  summary: 'List direct migrations, newest first',
  description: 'Excludes transfers and their deployments, which older servers call migrations, too.',
  effect: 'read',
  input: {
    search: text('Search', 'Only migrations whose notes, run key or instances contain this text.', {
      optional: true,
    }),
  },
  output: migrationRowView,
  position: ({ action }) => pagingCursorAfter(action),
  run: (coriolis, { search }, window) => fetchMigrations(coriolis, search, window),
});

const get = defineOperation({
  resource: 'migration',
  name: 'get',
  title: 'Get',
  tool: 'get_migration',
  summary: 'Get a direct migration with its progress',
  description: 'One status for all its syncs and its deployment.',
  effect: 'read',
  input: { migrationId: migrationIdField },
  output: migrationView,
  result: { next: callsAfterMigration },
  run: (coriolis, { migrationId: id }) => fetchMigration(coriolis, id),
});

const wait = defineOperation({
  resource: 'migration',
  name: 'wait',
  title: 'Wait',
  tool: 'wait_for_migration',
  summary: 'Bring a direct migration to its end: start its next steps and wait for them',
  description:
    'Safe to repeat, also after a crash: continues where the migration stands. Ends as completed, failed, canceled, stalled or timed_out.',
  effect: 'write',
  idempotent: true,
  related: {
    supersededBy: {
      operation: 'estate.wait',
      convertInput: ({ migrationId: id, ...rest }) => ({ migrations: [id], ...rest }),
    },
  },
  wait: { timeoutInput: 'timeoutSeconds' },
  input: { migrationId: migrationIdField, ...waitFields },
  output: migrationView,
  result: { next: callsAfterMigration },
  run: (coriolis, { migrationId: id, ...limits }) => waitForMigration(coriolis, id, limits),
});

export const migrationOperations = [
  migrationCreate,
  list,
  get,
  wait,
  migrationCancel,
  migrationDelete,
] as const;
