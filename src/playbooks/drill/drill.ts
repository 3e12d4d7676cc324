import { asError, CanceledError, AuthenticationError, isCoriolisError } from '../../api/errors';
import { isWaitOver, pauseWait } from '../../api/end-of-wait';
import type { Coriolis } from '../../api/operation-context';
import type { JsonObject } from '../../model/json';
import { quoteText } from '../../model/untrusted-text';
import { createDeployment } from '../../resources/deployment';
import { makeManifest, hashManifest, type ReportManifest } from '../report/report-manifest';
import { reportProgressMessage } from '../wave/progress-message';
import { requireDrillGroupConditions, type DrillGroupConditions } from './drill-group';
import { DrillObserver } from './drill-observer';
import {
  countRehearsalsInStates,
  computeDrillState,
  drillView,
  type DrillState,
  type DrillTargets,
  type DeploymentStartFailure,
} from './drill-state';
import { key, view, type ResultOf } from '../../vocabulary/result-keys';
import type { Rehearsal } from './rehearsal';

/** Group, targets and start of a drill. */
export interface DrillInput extends DrillGroupConditions, DrillTargets {
  /**
   * Start of the drill, ISO time; undefined for now. All clones deployed since the start belong to the drill. A call
   * with the same start therefore continues the drill.
   */
  readonly since: string | undefined;
}

/** Input of a call that runs a drill. */
export interface DrillRunInput extends DrillInput {
  /** Maximum number of deployments of the drill at a time. */
  readonly maxParallel: number;
  readonly timeoutSeconds: number;
}

/** Content of the report of a drill: its state, the approvals, and the manifest that secures both. */
export interface DrillReportData extends DrillState {
  readonly approvals: readonly JsonObject[];
  readonly manifest: ReportManifest;
}

/** Result view of the report of a drill. */
export const drillReportView = view<DrillReportData>()({
  ...drillView.shape,
  approvals: key.values('Approvals, as the call gave them'),
  manifest: key.json('SHA-256 of each part'),
  report_hash: key.text('SHA-256 of the manifest', ({ manifest }: DrillReportData) => hashManifest(manifest)),
});

export type DrillReport = ResultOf<typeof drillReportView>;

/** Pause after a deployment was started, in milliseconds. */
const SOON_MS = 2000;
/** Maximum pause between two readings, in milliseconds. */
const MAX_PAUSE_MS = 30_000;
/** Factor by which the pause grows while nothing is started. */
const GROWTH = 1.5;
/** Number of failed attempts after which the deployment of a transfer is given up. */
const MAX_START_FAILURES = 4;

/**
 * Deploys clones of the newest usable copies of a group, a few at a time. It starts no sync, does not touch the source,
 * and the copies stay usable. It ends when nothing is left to deploy, or at the timeout.
 *
 * @throws {InvalidInputError} no group is given, or the group is empty
 */
export async function runDrill(coriolis: Coriolis, input: DrillRunInput): Promise<DrillState> {
  requireDrillGroupConditions(input);
  const observer = new DrillObserver(coriolis, input);
  const deadline = coriolis.clock() + input.timeoutSeconds * 1000;
  const failures = new Map<string, DeploymentStartFailure & { readonly count: number }>();
  let pause = SOON_MS;
  for (;;) {
    const snapshot = await observer.fetchSnapshot();
    const { rehearsals } = snapshot;
    const drill = computeDrillState(snapshot, input, failures);
    reportProgressMessage(
      coriolis,
      `${countRehearsalsInStates(drill, 'passed', 'missed')} of ${rehearsals.length} deployed`,
    );
    const isWanted = (one: Rehearsal): boolean =>
      one.deployment === undefined &&
      one.copyAt !== null &&
      !one.isBusy &&
      failures.get(one.transfer.id)?.isFinal !== true;
    const atWork = rehearsals.filter(
      ({ isBusy, isUnsettled: soon, deployment }) => deployment !== undefined && (isBusy || soon),
    );
    const next = rehearsals.filter(isWanted).slice(0, Math.max(0, input.maxParallel - atWork.length));
    let started = false;
    for (const { transfer } of next) {
      // Another caller may have deployed it in the same drill, or other work on the transfer may have begun.
      if (!isWanted(await observer.fetchRehearsal(transfer, snapshot))) continue;
      try {
        await createDeployment(coriolis, { transfer_id: transfer.id, clone_disks: true, force: false });
        started = true;
      } catch (error) {
        if (!isCoriolisError(error) || error instanceof CanceledError || error instanceof AuthenticationError)
          throw asError(error);
        const count = (failures.get(transfer.id)?.count ?? 0) + 1;
        const mayPass = error.kind === 'conflict' || error.kind === 'unreachable';
        failures.set(transfer.id, {
          count,
          why: quoteText(error.message, 200),
          isFinal: !mayPass || count >= MAX_START_FAILURES,
        });
      }
    }
    const isOver = !started && atWork.length === 0 && !rehearsals.some(isWanted);
    if (isOver || isWaitOver(coriolis, deadline)) {
      return started ? computeDrillState(await observer.fetchSnapshot(), input, failures) : drill;
    }
    pause = started ? SOON_MS : Math.min(pause * GROWTH, MAX_PAUSE_MS);
    await pauseWait(coriolis, Math.max(1, Math.min(pause, deadline - coriolis.clock())));
  }
}

/** Makes the report of a drill. Only the state of the server counts, so any process can make it. */
export async function makeDrillReport(
  coriolis: Coriolis,
  input: DrillInput & { readonly approvals: readonly JsonObject[] | undefined },
): Promise<DrillReportData> {
  requireDrillGroupConditions(input);
  const state = computeDrillState(await new DrillObserver(coriolis, input).fetchSnapshot(), input, new Map());
  const approvals = input.approvals ?? [];
  return { ...state, approvals, manifest: makeManifest({ ...drillView.of(state), approvals }) };
}
