import { NO_PROGRESS, type Progress } from '../../model/run-progress';
import { ConflictError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { displayNameOf } from '../../model/display-texts';
import { findTaskFailure } from '../../model/failed-task';
import { statusLabelOf, statusOf } from '../../model/status';
import type { MigrationStep } from './next-step';
import { makeRunWaitTarget } from '../../waiting/run-wait-target';
import { RUN_OUTCOME_ADVICE, type TargetSnapshot, type WaitTarget } from '../../waiting/wait-target';
import type { RunRef } from '../../waiting/fetch-run';
import {
  computeMigrationSecondsLeft,
  computeMigrationPercent,
  countMigrationSteps,
  type MigrationStepCounts,
} from './migration-progress';
import {
  fetchTransferMigration,
  chooseRunToShow,
  startMigrationStep,
  type TransferMigration,
} from './transfer-migration';

/** Milliseconds until the next poll after a step was started or has ended. */
const SOON_MS = 2000;
/**
 * Number of consecutive conflicts after which the wait fails. A simultaneous caller would cause only one or two.
 */
const MAX_CONFLICTS = 5;

/**
 * Wait target for a migration on a current server. Each poll also starts the next step when nothing is running. Nothing
 * is stored outside the server, so a new wait, also after a crash, simply continues.
 *
 * While an execution or deployment of the migration is running, only that run is polled.
 */
export function makeTransferMigrationWaitTarget(id: string): WaitTarget {
  let conflicts = 0;
  let position: MigrationStepCounts = { completedSteps: 0, totalSteps: 1 };
  /** Progress of the running execution or deployment alone. */
  let runProgress = NO_PROGRESS;
  /** Wait target of the running execution or deployment; undefined between two steps. */
  let run: WaitTarget | undefined;
  /** A run that will never end although its status does not show that, with the outcome that counts. */
  let ended: { readonly id: string; readonly outcome: 'completed' | 'failed' | 'canceled' } | undefined;

  const snapshotOf = (migration: TransferMigration): Omit<TargetSnapshot, 'finalState' | 'nextPollInMs'> => {
    const latest = chooseRunToShow(migration);
    position = countMigrationSteps(migration);
    const failure = findTaskFailure(latest?.tasks ?? []);
    const status = latest === undefined ? 'UNEXECUTED' : statusOf(latest);
    return {
      date: migration.now,
      status,
      label: statusLabelOf(status),
      signature: `${latest?.id ?? ''} ${status} ${migration.step.do}`,
      progress: {
        ...NO_PROGRESS,
        percent: latest === undefined ? null : computeMigrationPercent(position, 0),
      },
      transferId: id,
      machines: migration.transfer.instances,
      name: displayNameOf(migration.transfer),
      durationSeconds: null,
      failure: failure?.failedTask ?? null,
      error: failure?.error ?? null,
    };
  };

  async function takeStep(coriolis: Coriolis): Promise<TargetSnapshot> {
    const migration = await fetchTransferMigration(coriolis, id);
    const { step } = migration;
    const shown = snapshotOf(migration);
    if (step.do === 'nothing') return { ...shown, finalState: { outcome: step.outcome } };
    if (step.do === 'wait') {
      const target = targetOf(step, id);
      run = makeRunWaitTarget(target);
      runProgress = NO_PROGRESS;
      // An earlier poll found that this run will never end, although its status does not show that.
      if (ended?.id === run.id) return { ...shown, finalState: { outcome: ended.outcome } };
    } else if (step.do !== 'look_again') {
      conflicts = (await startMigrationStep(coriolis, migration)) ? 0 : conflicts + 1;
      if (conflicts >= MAX_CONFLICTS) throw repeatedConflict(migration);
    }
    return { ...shown, finalState: undefined, nextPollInMs: SOON_MS };
  }

  return {
    kind: 'migration',
    id,
    transferId: id,
    advice: {
      ...RUN_OUTCOME_ADVICE,
      failed: 'Diagnose its latest execution or deployment: that names the cause and the remedy.',
    },
    async poll(coriolis, _earlier, maximumAgeMs) {
      if (run === undefined) return await takeStep(coriolis);
      const current = run;
      const polled = await current.poll(coriolis, runProgress, maximumAgeMs);
      runProgress = polled.progress;
      const snapshot = { ...polled, progress: overallProgress(position, runProgress) };
      if (snapshot.finalState === undefined) return { ...snapshot, transferId: id };
      // The run has ended. The next poll reads the migration, which decides whether another step follows.
      const { outcome, reachedAt } = snapshot.finalState;
      if (reachedAt === undefined) ended = { id: current.id, outcome };
      run = undefined;
      return { ...snapshot, transferId: id, finalState: undefined, nextPollInMs: SOON_MS };
    },
  };
}

const overallProgress = (position: MigrationStepCounts, progress: Progress): Progress => ({
  ...progress,
  percent: computeMigrationPercent(position, progress.percent),
  eta_seconds: computeMigrationSecondsLeft(position, progress.eta_seconds),
});

const targetOf = (step: Extract<MigrationStep, { do: 'wait' }>, transferId: string): RunRef =>
  'execution' in step
    ? { kind: 'execution', transferId, executionId: step.execution.id }
    : { kind: 'deployment', deploymentId: step.deployment.id };

const repeatedConflict = ({ transfer, step }: TransferMigration): ConflictError =>
  new ConflictError(
    `The server keeps refusing to ${step.do === 'deploy' ? 'deploy' : 'execute'} transfer ${transfer.id} although nothing is at work.`,
    {
      advice: `${step.do === 'deploy' ? 'Deploy' : 'Execute'} it by hand to read why, or delete the migration.`,
    },
  );
