import type { ObservedError } from '../model/known-errors/match-known-error';
import { NO_PROGRESS } from '../model/run-progress';
import { fastHash } from '../model/fast-hash';
import { MIN_FINAL_STATUS_AGE_MS, outcomeOf } from '../model/status';
import { describeStall, makeStallAdvice } from '../model/stall-facts';
import { describeSeconds, formatIsoTime } from '../model/timestamps';
import type { Deployment } from '../model/api-objects';
import type { TargetSnapshot, WaitTarget, WaitFailure, WaitOutcome } from './wait-target';

/**
 * Milliseconds until the poll that confirms a final status. A whole second, because both compared times (`Date` header,
 * `updated_at`) are in whole seconds.
 */
const SETTLE_MS = 1000;

/** State of one target during a wait. */
export class WaitState {
  /** Outcome of the wait for this target; null while the target has not ended and the wait has not timed out. */
  outcome: WaitOutcome | null = null;
  /** Deployment that Coriolis started by itself after the awaited execution. */
  autoDeployment: Deployment | undefined;
  /**
   * Milliseconds until the final status should be polled again because it is very young; 0 when no such poll is needed.
   */
  settlesInMs = 0;
  /** Scenario of the transfer of a completed execution; null when it was not looked up. */
  scenario: string | null = null;
  private last: TargetSnapshot | undefined;
  /** Number of changes seen. The first poll is none, so that the count begins at -1. */
  private changes = -1;
  /** Time of the last change, on the caller's clock. */
  private changedAt: number | undefined;
  /** Error of the last poll; undefined when it succeeded. */
  private missed: Error | undefined;

  constructor(
    readonly target: WaitTarget,
    private readonly stallSeconds: number,
    /**
     * `mark` that an earlier wait returned for this target. A different present mark means that the target has changed.
     */
    private readonly since?: string,
  ) {}

  /** Fingerprint of the target's state; another one means that something has changed. Empty before the first answer. */
  get mark(): string {
    return this.last === undefined ? '' : fastHash(this.last.signature);
  }

  /** Milliseconds until the next poll, when it should be sooner than usual; else infinite. */
  get nextPollInMs(): number {
    return this.outcome === null ? (this.last?.nextPollInMs ?? Infinity) : Infinity;
  }

  /** Whether the server has returned the target at least once. */
  get wasFound(): boolean {
    return this.last !== undefined;
  }

  /** Whether the target has changed since the first poll, or since the earlier wait of `since`. */
  get hasChanged(): boolean {
    return this.changes > 0 || (this.since !== undefined && this.since !== this.mark);
  }

  /** Whether the target had not ended at its last poll. Stalled targets do not count as running. */
  private get isRunning(): boolean {
    return this.outcome === null || this.outcome === 'timed_out';
  }

  /** `created_at` of the run; undefined before the first answer, and for targets other than runs. */
  get createdAt(): string | undefined {
    return this.last?.createdAt;
  }

  /** Progress of the target at its last poll. */
  get progress(): TargetSnapshot['progress'] {
    return this.last?.progress ?? NO_PROGRESS;
  }

  /** One line for people: "execution 569a63b7… is running". */
  get headline(): string {
    const { kind, id } = this.target;
    return `${kind.replace('_', ' ')} ${id} ${this.outcome ?? `is ${this.last?.label ?? 'not reachable yet'}`}`;
  }

  /** Records a snapshot taken at `now` on the caller's clock. */
  update(snapshot: TargetSnapshot, now: number): void {
    this.missed = undefined;
    if (snapshot.signature !== this.last?.signature) {
      this.changes += 1;
      this.changedAt = now;
    }
    this.last = snapshot;
    this.evaluate(snapshot, now);
  }

  /** Records a poll that failed for a temporary reason. */
  recordFailure(error: Error, now: number): void {
    this.missed = error;
    this.changedAt ??= now;
    this.settlesInMs = 0;
  }

  /** Ends the wait for this target because it no longer exists. */
  markDeleted(): void {
    this.end('deleted');
  }

  /**
   * Ends the wait for this target by timeout.
   * @throws the error of the last poll, when the server never returned the target
   */
  timeOut(): void {
    if (this.outcome !== null) return;
    if (this.last === undefined && this.missed !== undefined) throw this.missed;
    this.end('timed_out');
  }

  /** Id of the target's transfer; null when it has none. */
  get transferId(): string | null {
    return this.last?.transferId ?? this.target.transferId;
  }

  /** Names of the machines that the target is about; null when it has none, or before the first answer. */
  get machines(): readonly string[] | null {
    const { machines = [] } = this.last ?? {};
    return machines.length === 0 ? null : machines;
  }

  /** Title of an execution, else null. */
  get title(): string | null {
    return this.last?.title ?? null;
  }

  /** Name of the target, as in `TargetSnapshot`; null when it has none, or before the first answer. */
  get name(): string | null {
    return this.last?.name ?? null;
  }

  /** Last status that the server returned. */
  get status(): string {
    return this.last?.status ?? 'unknown';
  }

  /** Estimated seconds left; null when the target has ended. */
  get etaSeconds(): number | null {
    return this.isRunning ? this.progress.eta_seconds : null;
  }

  /** End of the target by the server's clock; null while it is running, or when unknown. */
  get finishedAt(): string | null {
    const since = this.last?.finalState?.reachedAt;
    const hasEnded = this.outcome === this.last?.finalState?.outcome;
    return hasEnded && typeof since === 'number' ? formatIsoTime(since) : null;
  }

  /** Seconds from the start of the target to its end or the last poll. */
  get durationSeconds(): number | null {
    return this.last?.durationSeconds ?? null;
  }

  private end(outcome: WaitOutcome): void {
    this.outcome = outcome;
    this.settlesInMs = 0;
  }

  private evaluate({ finalState, date }: TargetSnapshot, now: number): void {
    this.settlesInMs = 0;
    if (finalState !== undefined) {
      const age =
        typeof finalState.reachedAt === 'number' ? date - finalState.reachedAt : MIN_FINAL_STATUS_AGE_MS;
      // The clocks of the servers may differ, so a status that was seen for long enough is trusted too.
      const seenFor = now - (this.changedAt ?? now);
      if (age < MIN_FINAL_STATUS_AGE_MS && seenFor <= MIN_FINAL_STATUS_AGE_MS) this.settlesInMs = SETTLE_MS;
      else this.end(finalState.outcome);
    } else if (now - (this.changedAt ?? now) >= this.stallSeconds * 1000) {
      this.end('stalled');
    }
  }

  /**
   * Time of the last change of a stalled target, from the server's timestamps, else from the polls of this wait. Null
   * unless the target is stalled.
   */
  get stalledSince(): string | null {
    const { last, outcome } = this;
    const stall = last?.stall;
    if (
      last === undefined ||
      (outcome !== 'stalled' && (!this.isRunning || (stall?.stalled_seconds ?? null) === null))
    )
      return null;
    return stall?.last_progress_at ?? formatIsoTime(last.date - this.stallSeconds * 1000);
  }

  private stallAdvice(): string {
    const stall = this.last?.stall;
    if (stall === undefined) {
      return `Nothing changed for ${describeSeconds(this.stallSeconds)}. ${this.target.advice.stalled ?? ''}`;
    }
    const seconds = stall.stalled_seconds ?? this.stallSeconds;
    return [describeStall(stall, seconds, stall.usual_seconds), ...makeStallAdvice(stall)].join(' ');
  }

  /** Failure of the target; null unless the outcome is `failed`. */
  get failure(): WaitFailure | null {
    const { last } = this;
    if (this.outcome !== 'failed') return null;
    return (
      last?.failure ?? {
        instance: null,
        task_type: null,
        message:
          last?.finalState?.reason ??
          `No task failed; the status is ${this.status} (${last?.label ?? 'unknown'}).`,
      }
    );
  }

  /** Error of that failure, to be matched with the known errors; null without one. */
  get error(): ObservedError | null {
    return this.outcome === 'failed' ? (this.last?.error ?? null) : null;
  }

  /** Next step for the caller; null when there is nothing to advise. */
  get advice(): string | null {
    const { advice } = this.target;
    switch (this.outcome) {
      case null:
        return 'The run continues: wait again with the same id.';
      case 'stalled':
        return this.stallAdvice();
      case 'completed':
        return this.autoDeployment === undefined ? advice.completed : adviceOn(this.autoDeployment);
      case 'canceled':
        return this.last?.finalState?.reason ?? advice.canceled;
      default:
        return advice[this.outcome];
    }
  }
}

function adviceOn({ id, last_execution_status: status }: Deployment): string {
  switch (outcomeOf(status)) {
    case undefined:
      return `Coriolis deploys the transfer automatically: wait for deployment ${id}.`;
    case 'completed':
      return `Coriolis has deployed the transfer automatically: deployment ${id}.`;
    default:
      return `Coriolis deployed the transfer automatically, and the deployment ended as ${status}: diagnose deployment ${id}.`;
  }
}
