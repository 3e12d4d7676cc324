import { asError, CapabilityError, InvalidInputError, NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { flag, number, text } from '../vocabulary/field-constructors';
import { appendPlan, RUN_KEY_FORMAT } from '../model/migration-plan';
import type { Transfer } from '../model/types';
import { defineOperation } from '../operation';
import { runTarget } from '../waiting/run-target';
import { shutdownCaution } from '../fields/common-fields';
import { cancelDeployment } from '../resources/deployment';
import {
  migrationDiagnosisCall,
  fetchMigrationResult,
  migrationResult,
  type MigrationResult,
} from '../playbooks/migration/result';
import { migrationTarget } from '../playbooks/migration/wait-target';
import { advanceMigration } from '../playbooks/migration/migration';
import {
  destinationEndpointId,
  instancesField,
  networkMapField,
  newTransferInputs,
  originEndpointId,
  environmentFields,
  poolFields,
  storageFields,
} from '../fields/transfer-fields';
import { findOrCreateMigration } from '../playbooks/migration/run-key';
import { fetchLegacyMigration, isLegacyServer, migrationView } from '../playbooks/migration/view';
import { previewMove } from '../playbooks/move-preview';
import {
  createDirectMigration,
  findDirectMigrations,
  type DirectMigrationInput,
} from '../resources/direct-migration';
import { hasMoveSettings } from '../resources/move/body';
import { deleteOne } from '../requests/objects';
import { createTransfer, findCreatedTransfers, type TransferInput } from '../resources/transfer';
import { userScriptsField } from '../fields/user-scripts';
import { NOTES_COLUMN_LENGTH } from '../fields/text-column-lengths';

interface CreateInput extends DirectMigrationInput {
  readonly runKey: string | undefined;
}

/** Input for the transfer of a migration, whose notes hold the plan. */
const transferInputOf = (input: CreateInput): TransferInput => ({
  ...input,
  notes: plannedNotes(input),
  scenario: 'live_migration',
  // An auto-deployment uses this setting of the transfer.
  cloneDisks: false,
  skipOsMorphing: input.skipOsMorphing,
});

const plannedNotes = ({
  notes,
  replicationCount,
  shutdownInstances,
  skipOsMorphing,
  runKey,
}: CreateInput): string =>
  appendPlan(notes, { passes: replicationCount, shutdown: shutdownInstances, skipOsMorphing, runKey });

/** Adds the plan of the migration to the notes. */
const withPlan = (input: CreateInput): CreateInput => ({ ...input, notes: plannedNotes(input) });

/** Creates the transfer of a migration without starting it. */
async function createPlannedTransfer(coriolis: Coriolis, input: CreateInput): Promise<Transfer> {
  const transfer = transferInputOf(input);
  try {
    return await createTransfer(coriolis, transfer);
  } catch (error) {
    // Refused before sending: servers before 1.1.3 store no such defaults and need none.
    if (!(error instanceof CapabilityError) || error.status !== undefined) throw asError(error);
    return await createTransfer(coriolis, { ...transfer, cloneDisks: undefined, skipOsMorphing: undefined });
  }
}

/** Creates the transfer of a migration, or finds that of the migration with the same run key. */
const findOrCreateTransfer = (coriolis: Coriolis, input: CreateInput): Promise<Transfer> =>
  findOrCreateMigration(
    coriolis,
    // Nothing was copied yet.
    { kind: 'transfer', withdraw: (id) => deleteOne(coriolis, 'transfer', id) },
    input,
    () => createPlannedTransfer(coriolis, input),
  );

/**
 * Checks the format of a run key.
 * @throws {InvalidInputError} the run key has characters that the notes cannot hold
 */
function checkRunKey({ runKey }: CreateInput): void {
  if (runKey === undefined || RUN_KEY_FORMAT.test(runKey)) return;
  throw new InvalidInputError('The run key has characters that are not accepted.', {
    field: 'runKey',
    advice: 'Use letters, digits and . _ - : @ / +, at most 100.',
  });
}

async function createComposed(coriolis: Coriolis, input: CreateInput): Promise<MigrationResult> {
  const transfer = await findOrCreateTransfer(coriolis, input);
  return migrationResult(await advanceMigration(coriolis, transfer.id));
}

/**
 * Creates a direct migration on a legacy server, which runs all steps itself (docs/reference/coriolis-api.md §10.4,
 * form A).
 */
async function createLegacy(coriolis: Coriolis, input: CreateInput): Promise<MigrationResult> {
  const { id } = await findOrCreateMigration(
    coriolis,
    // It began a moment ago.
    { kind: 'deployment', withdraw: (made) => cancelDeployment(coriolis, made, false) },
    input,
    () => createDirectMigration(coriolis, withPlan(input)),
  );
  return await fetchLegacyMigration(coriolis, id);
}

/** Finds recent migrations that equal calls created, oldest first. */
async function findEqualMigrations(
  coriolis: Coriolis,
  input: CreateInput,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly MigrationResult[]> {
  if (await isLegacyServer(coriolis)) {
    const move = withPlan(input);
    const found = await findDirectMigrations(coriolis, (one) => hasMoveSettings(one, move), isRecent);
    // A migration that is being canceled counts as deleted.
    const kept = found.filter(({ last_execution_status: status }) => status !== 'CANCELLING');
    return await readExisting(kept, ({ id }) => fetchLegacyMigration(coriolis, id));
  }
  const found = await findCreatedTransfers(coriolis, transferInputOf(input), isRecent);
  return await readExisting(found, ({ id }) => fetchMigrationResult(coriolis, id));
}

/** Reads each object of a list. Objects that were deleted since the list was read are left out. */
async function readExisting<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    try {
      results.push(await read(item));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw asError(error);
    }
  }
  return results;
}

export const migrationCreate = defineOperation({
  resource: 'migration',
  name: 'create',
  title: 'Create',
  tool: 'create_migration',
  caution:
    'Application credentials cannot migrate: Coriolis needs a user with a password. Later steps begin only while the migration is waited for.',
  summary: 'Migrate VMs in one go',
  description: 'Syncs, then deploys. Wait for it next: waiting starts its later steps.',
  effect: 'write',
  input: {
    originEndpointId,
    destinationEndpointId,
    instances: instancesField('originEndpointId'),
    shutdownInstances: flag('Shut Down Instances', 'Whether the last sync shuts the source machines down.', {
      effect: 'destroy',
      caution: shutdownCaution,
    }),
    runKey: text('Run Key', 'Name of your own: creating again with it returns the migration that exists.', {
      optional: true,
      advanced: true,
    }),
    ...environmentFields('originEndpointId', 'destinationEndpointId'),
    networkMap: networkMapField(newTransferInputs),
    notes: text('Notes', 'Text for people, shown as the title.', {
      optional: true,
      advanced: true,
      stored: NOTES_COLUMN_LENGTH,
    }),
    replicationCount: number('Replication Count', 'Syncs before the deployment, 1 to 10.', {
      default: 2,
      minimum: 1,
      maximum: 10,
      advanced: true,
    }),
    skipOsMorphing: flag('Skip OS Morphing', 'Whether to leave the guest as it is.', { advanced: true }),
    ...storageFields(newTransferInputs),
    userScripts: userScriptsField(newTransferInputs),
    ...poolFields(newTransferInputs),
    checkInstances: flag(
      'Check Instances',
      'Whether to ask the source platform first that the machines exist; the server itself does not.',
      { default: true, advanced: true },
    ),
  },
  output: migrationView,
  next: migrationDiagnosisCall,
  preview: (coriolis, input) => previewMove(coriolis, input, input.replicationCount),
  async run(coriolis, input) {
    checkRunKey(input);
    return (await isLegacyServer(coriolis))
      ? await createLegacy(coriolis, input)
      : await createComposed(coriolis, input);
  },
  retry: {
    async findDuplicates(coriolis, input, isRecent) {
      // After a failed or canceled one, an equal call is a new attempt.
      const found = await findEqualMigrations(coriolis, input, isRecent);
      return found.filter(({ report }) => [null, 'completed'].includes(report.outcome));
    },
    idOf: ({ report }) => report.id,
    createdAt: ({ report }) => report.created_at,
    async withdraw(coriolis, { transfer, report: { id } }) {
      if (transfer !== undefined) return await deleteOne(coriolis, 'transfer', id);
      // It began a moment ago.
      return await cancelDeployment(coriolis, id, false);
    },
    steps: {
      async create(coriolis, input) {
        checkRunKey(input);
        if (await isLegacyServer(coriolis)) return await createLegacy(coriolis, input);
        return await fetchMigrationResult(coriolis, (await findOrCreateTransfer(coriolis, input)).id);
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
        : 'Only the first sync was started. The later steps begin only while somebody waits for the migration: switch on Wait for Completion, or add Migration: Wait behind this node.',
    target: ({ report: { id }, transfer }) =>
      transfer === undefined ? runTarget({ kind: 'deployment', deploymentId: id }) : migrationTarget(id),
    reload: (coriolis, { report: { id }, transfer }) =>
      transfer === undefined ? fetchLegacyMigration(coriolis, id) : fetchMigrationResult(coriolis, id),
  },
});
