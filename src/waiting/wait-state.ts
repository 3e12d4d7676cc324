import { fingerprint } from '../model/fingerprint';
import { outcomeOf } from '../model/status';
import { describeStall, ENDLESS_CHOICES, STALL_CHOICES } from '../model/stall';
import { describeSeconds, formatIso } from '../model/timestamps';
import type { Deployment } from '../model/types';
import { key } from '../vocabulary/result-keys';
import type { OutputOf } from '../vocabulary/result-keys';
import { FINAL_STATUS_AGE_MS, NO_PROGRESS } from './wait-target';
import type { Snapshot, WaitTarget, WaitFailure, WaitOutcome } from './wait-target';

export const waitResultShape = {
  kind: key.text('execution, deployment or minion_pool'),
  id: key.text('Its id'),
  transfer_id: key.text('Transfer id; null when it has none', { nullable: true }),
  status: key.text('Last status seen'),
  outcome: key.text('completed, failed, canceled, stalled, timed_out or deleted; null while it goes on', {
    nullable: true,
  }),
  percent: key.number('0 to 100; null while unknown', { nullable: true }),
  eta_seconds: key.number('Estimated seconds left; null while unknown and when it is over', {
    nullable: true,
  }),
  stalled_since: key.time('Last change, when it stands still', { nullable: true }),
  duration_seconds: key.number('From its start to its end or the last look', { nullable: true }),
  failure: key.object(
    'What failed; null unless something did',
    {
      instance: key.text('Machine', { nullable: true, untrusted: true }),
      task_type: key.text('Task', { nullable: true }),
      message: key.text('Its error, in the provider’s words', { untrusted: true }),
    },
    { nullable: true },
  ),
  deployment_id: key.text('Deployment that Coriolis made of the execution by itself', { nullable: true }),
  deployment_status: key.text('Its status', { nullable: true }),
  next: key.text('What to do next', { nullable: true }),
};

/** Result of one target of a wait. */
export type WaitResult = OutputOf<typeof waitResultShape>;

/**
 * Extra time before the last poll: the `Date` header and the timestamp of the status, which are compared,
 * have whole seconds.
 */
const SETTLE_MS = 1000;

/** State of one target during a wait. */
export class WaitState {
  outcome: WaitOutcome | null = null;
  /** Auto-deployment of the execution. */
  autoDeployment: Deployment | undefined;
  /** Milliseconds until a final status can be trusted; 0 when none is in doubt. */
  settlesInMs = 0;
  private last: Snapshot | undefined;
  private changes = -1;
  /** Time of the last change, on the caller's clock. */
  private changedAt: number | undefined;
  private missed: Error | undefined;

  constructor(
    readonly target: WaitTarget,
    private readonly stallSeconds: number,
    /** `mark` that an earlier wait returned; a different one means changed. */
    private readonly since?: string,
  ) {}

  /** Fingerprint of the target's state; it differs when anything has changed. */
  get mark(): string {
    return this.last === undefined ? '' : fingerprint(this.last.signature);
  }

  /** Milliseconds until the next poll; infinite for the usual interval. */
  get nextPollInMs(): number {
    return this.outcome === null ? (this.last?.nextPollInMs ?? Infinity) : Infinity;
  }

  /** Whether the server has returned the target at least once. */
  get wasFound(): boolean {
    return this.last !== undefined;
  }

  /** Whether the target has changed since the first poll, or since the earlier result. */
  get hasChanged(): boolean {
    return this.changes > 0 || (this.since !== undefined && this.since !== this.mark);
  }

  /** Whether the target is still running, as far as is known. */
  private get isAtWork(): boolean {
    return this.outcome === null || this.outcome === 'timed_out';
  }

  /** `created_at` of the run, once polled. */
  get createdAt(): string | undefined {
    return this.last?.createdAt;
  }

  /** Progress of the target. */
  get progress(): Snapshot['progress'] {
    return this.last?.progress ?? NO_PROGRESS;
  }

  /** One line for people: "execution 569a63b7… is running". */
  get headline(): string {
    const { kind, id } = this.target;
    return `${kind.replace('_', ' ')} ${id} ${this.outcome ?? `is ${this.last?.label ?? 'not reachable yet'}`}`;
  }

  /** Records a snapshot taken at `now` on the caller's clock. */
  update(snapshot: Snapshot, now: number): void {
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

  /** Records that the target no longer exists. */
  markDeleted(): void {
    this.end('deleted');
  }

  /**
   * Ends the wait for this target by timeout.
   * @throws what the last look failed with, when the server never showed it
   */
  timeOut(): void {
    if (this.outcome !== null) return;
    if (this.last === undefined && this.missed !== undefined) throw this.missed;
    this.end('timed_out');
  }

  result(): WaitResult {
    const { last, target } = this;
    return {
      kind: target.kind,
      id: target.id,
      transfer_id: last?.transferId ?? target.transferId,
      status: last?.status ?? 'unknown',
      outcome: this.outcome,
      percent: this.progress.percent,
      eta_seconds: this.isAtWork ? this.progress.eta_seconds : null,
      stalled_since: this.stalledSince,
      duration_seconds: last?.durationSeconds ?? null,
      failure: this.outcome === 'failed' ? this.failure() : null,
      deployment_id: this.autoDeployment?.id ?? null,
      deployment_status: this.autoDeployment?.last_execution_status ?? null,
      next: this.advice(),
    };
  }

  private end(outcome: WaitOutcome): void {
    this.outcome = outcome;
    this.settlesInMs = 0;
  }

  private evaluate({ verdict, date }: Snapshot, now: number): void {
    this.settlesInMs = 0;
    if (verdict !== undefined) {
      const age = typeof verdict.since === 'number' ? date - verdict.since : FINAL_STATUS_AGE_MS;
      // The server's clocks may disagree, so a status seen for long enough is trusted too.
      const seenFor = now - (this.changedAt ?? now);
      if (age < FINAL_STATUS_AGE_MS && seenFor <= FINAL_STATUS_AGE_MS) this.settlesInMs = SETTLE_MS;
      else this.end(verdict.outcome);
    } else if (now - (this.changedAt ?? now) >= this.stallSeconds * 1000) {
      this.end('stalled');
    }
  }

  /**
   * Last change of a stalled target: by the server's timestamps, else by this wait's own polls.
   */
  private get stalledSince(): string | null {
    const { last, outcome } = this;
    const stall = last?.stall;
    if (
      last === undefined ||
      (outcome !== 'stalled' && (!this.isAtWork || (stall?.stalled_seconds ?? null) === null))
    )
      return null;
    return stall?.last_progress_at ?? formatIso(last.date - this.stallSeconds * 1000);
  }

  private stallAdvice(): string {
    const stall = this.last?.stall;
    if (stall === undefined) {
      return `Nothing changed for ${describeSeconds(this.stallSeconds)}. ${this.target.advice.stalled ?? ''}`;
    }
    const seconds = stall.stalled_seconds ?? this.stallSeconds;
    const choices = stall.all_tasks_done ? ENDLESS_CHOICES : STALL_CHOICES;
    return [describeStall(stall, seconds, stall.usual_seconds), ...choices].join(' ');
  }

  private failure(): WaitFailure {
    const { last } = this;
    return (
      last?.failure ?? {
        instance: null,
        task_type: null,
        message:
          last?.verdict?.reason ??
          `No task failed; the status is ${last?.status ?? 'unknown'} (${last?.label ?? 'unknown'}).`,
      }
    );
  }

  private advice(): string | null {
    const { advice } = this.target;
    switch (this.outcome) {
      case null:
        return 'It goes on: wait again with the same id.';
      case 'stalled':
        return this.stallAdvice();
      case 'completed':
        return this.autoDeployment === undefined ? advice.completed : adviceOn(this.autoDeployment);
      case 'canceled':
        return this.last?.verdict?.reason ?? advice.canceled;
      default:
        return advice[this.outcome];
    }
  }
}

function adviceOn({ id, last_execution_status: status }: Deployment): string {
  switch (outcomeOf(status)) {
    case undefined:
      return `Coriolis deploys it by itself: wait for deployment ${id}.`;
    case 'completed':
      return `Coriolis has deployed it by itself: deployment ${id}.`;
    default:
      return `Coriolis deployed it by itself, and that ended as ${status}: diagnose deployment ${id}.`;
  }
}
