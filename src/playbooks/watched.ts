import { failureOf } from '../model/failure';
import { progressOf } from '../model/progress';
import type { Progress } from '../model/progress';
import { isFinal, outcomeOf, statusLabel, statusOf } from '../model/status';
import { describeSeconds, parseTime } from '../model/timing';
import type { Deployment, Execution } from '../model/types';
import { out } from '../shape';
import type { OutputOf } from '../shape';
import type { Look, WaitTarget } from './look';

/**
 * How a wait for one target ended: its own outcome; `stalled`, nothing changed for too long; `timed_out`, the wait was
 * over first; `deleted`, its record vanished meanwhile.
 */
export type WaitOutcome = 'completed' | 'failed' | 'canceled' | 'stalled' | 'timed_out' | 'deleted';

export const waitResultShape = {
  kind: out.text('execution or deployment'),
  id: out.text('Execution or deployment id'),
  transfer_id: out.text('Transfer id; null for a direct migration', { nullable: true }),
  status: out.text('Last status seen'),
  outcome: out.text('completed, failed, canceled, stalled, timed_out or deleted; null while it goes on', {
    nullable: true,
  }),
  percent: out.number('0 to 100; null while unknown', { nullable: true }),
  eta_seconds: out.number('Estimated seconds left; null while unknown', { nullable: true }),
  duration_seconds: out.number('From its start to its end or the last look', { nullable: true }),
  failure: out.object(
    'What failed; null unless something did',
    {
      instance: out.text('Machine', { nullable: true, untrusted: true }),
      task_type: out.text('Task', { nullable: true }),
      message: out.text('Its error, in the provider’s words', { untrusted: true }),
    },
    { nullable: true },
  ),
  next: out.text('What to do next', { nullable: true }),
};

/** What became of one target of a wait. */
export type WaitResult = OutputOf<typeof waitResultShape>;

/** A final status can be replaced within moments of its birth (watching.md §1): younger ones are not believed. */
export const BELIEVED_AFTER_MS = 2000;
/** Both clocks of that comparison are cut to whole seconds: one more look after this. */
const SETTLE_MS = 1000;
/** An execution that has not started by then never will (coriolis-api.md, trap 32). */
export const ORPHAN_AFTER_MS = 60_000;

const NOTHING: Progress = {
  percent: null,
  rate_percent_per_minute: null,
  eta_seconds: null,
  tasks_done: 0,
  tasks_total: 0,
  running: [],
};

const ADVICE: Readonly<Record<WaitOutcome, string | null>> = {
  completed: null,
  failed: 'Diagnose it: that names the cause, the remedy and whether a retry is safe.',
  canceled: 'Nothing failed by itself. Start it again when wanted.',
  stalled:
    'It still counts as running: look at the tasks at work and their platform, then wait again or cancel it.',
  timed_out: 'It goes on without this wait: wait again with the same id, or look at it later.',
  deleted: 'Its record is gone, so its outcome is unknown: look at the transfer.',
};

/** Everything of a run that moves while work goes on. */
function signatureOf(run: Execution | Deployment): string {
  const tasks = (run.tasks ?? []).map(({ status, progress_updates: updates, events }) => {
    const steps = updates.map(({ current_step, updated_at }) => `${current_step}@${updated_at ?? ''}`);
    return `${status} ${events.length} ${steps.join(',')}`;
  });
  return [statusOf(run), run.updated_at ?? '', ...tasks].join('|');
}

/** One target of a wait: what was seen of it, and what that means. */
export class Watched {
  outcome: WaitOutcome | null = null;
  /** Milliseconds until a final status can be believed; 0 when none is in doubt. */
  settlesInMs = 0;
  progress: Progress = NOTHING;
  private last: Look | undefined;
  private reason: string | null = null;
  private signature = '';
  private changes = -1;
  /** By the caller's clock. */
  private changedAt: number | undefined;
  private missed: Error | undefined;

  constructor(
    readonly target: WaitTarget,
    private readonly stallSeconds: number,
  ) {}

  /** Whether the server has shown it at least once. */
  get wasSeen(): boolean {
    return this.last !== undefined;
  }

  /** Whether anything about it changed since the first look. */
  get hasChanged(): boolean {
    return this.changes > 0;
  }

  /** "execution 569a63b7… is running". */
  get headline(): string {
    const status = this.last === undefined ? 'not reachable yet' : statusLabel(statusOf(this.last.run));
    return `${this.target.kind} ${this.id} ${this.outcome ?? `is ${status}`}`;
  }

  /** Takes in what a look showed at `now` on the caller's clock. */
  see(look: Look, now: number): void {
    const { run, date, deployer } = look;
    this.last = look;
    this.missed = undefined;
    this.progress = progressOf(run, date, this.progress);
    const signature = `${signatureOf(run)}#${deployer ? signatureOf(deployer) : ''}`;
    if (signature !== this.signature) {
      this.signature = signature;
      this.changes += 1;
      this.changedAt = now;
    }
    this.judge(look, now);
  }

  /** A look failed for a passing reason. */
  miss(error: Error, now: number): void {
    this.missed = error;
    this.changedAt ??= now;
    this.settlesInMs = 0;
  }

  /** It existed, and now it does not. */
  disappear(): void {
    this.end('deleted');
  }

  /**
   * Time is up.
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
      id: this.id,
      transfer_id: target.kind === 'execution' ? target.transferId : transferOf(last?.run),
      status: last === undefined ? 'unknown' : statusOf(last.run),
      outcome: this.outcome,
      percent: this.progress.percent,
      eta_seconds: this.outcome === 'stalled' ? null : this.progress.eta_seconds,
      duration_seconds: last === undefined ? null : durationOf(last),
      failure: this.outcome === 'failed' ? this.failure() : null,
      next: this.advice(),
    };
  }

  private get id(): string {
    return this.target.kind === 'execution' ? this.target.executionId : this.target.deploymentId;
  }

  private end(outcome: WaitOutcome, reason: string | null = null): void {
    this.outcome = outcome;
    this.reason = reason;
    this.settlesInMs = 0;
  }

  private judge({ run, date, deployer }: Look, now: number): void {
    const status = statusOf(run);
    const changed = parseTime(run.updated_at);
    this.settlesInMs = 0;
    if (isFinal(status)) {
      const age = changed === null ? BELIEVED_AFTER_MS : date - changed;
      // The server's clocks may disagree; a status that we saw stay for that long is as good.
      const seenFor = now - (this.changedAt ?? now);
      if (age < BELIEVED_AFTER_MS && seenFor <= BELIEVED_AFTER_MS) this.settlesInMs = SETTLE_MS;
      else this.end(outcomeOf(status) ?? 'failed');
      return;
    }
    const age = date - (parseTime(run.created_at) ?? date);
    if (status === 'UNEXECUTED' && age >= ORPHAN_AFTER_MS) {
      this.end(
        'failed',
        'It never started: the server refused it after it had made its record. Start a new one.',
      );
    } else if (status === 'PENDING' && deployer !== undefined && isHopeless(deployer, date)) {
      this.end(
        'failed',
        deployer === null
          ? 'The execution that it waits for was deleted, so it will not start. Delete it and deploy again.'
          : `The execution that it waits for ended as ${deployer.status}, so it will not start.`,
      );
    } else if (now - (this.changedAt ?? now) >= this.stallSeconds * 1000) {
      this.end('stalled');
    }
  }

  private failure(): NonNullable<WaitResult['failure']> {
    const look = this.last;
    const failed = look && (failureOf(look.run.tasks ?? []) ?? failureOf(look.deployer?.tasks ?? []));
    return failed ?? { instance: null, task_type: null, message: this.reason ?? this.unexplained(look) };
  }

  private unexplained(look: Look | undefined): string {
    if (look?.deployer) return `The execution that it waited for ended as ${look.deployer.status}.`;
    const status = look === undefined ? 'unknown' : statusOf(look.run);
    return `No task failed; the status is ${status} (${statusLabel(status)}).`;
  }

  private advice(): string | null {
    if (this.outcome === null) return 'It goes on: wait again with the same id.';
    if (this.outcome === 'stalled') {
      return `Nothing changed for ${describeSeconds(this.stallSeconds)}. ${ADVICE.stalled ?? ''}`;
    }
    return ADVICE[this.outcome];
  }
}

/** Whether a deployment that is still PENDING should have been told by now that its execution did not complete. */
function isHopeless(deployer: Execution | null, date: number): boolean {
  if (deployer === null) return true;
  const outcome = outcomeOf(deployer.status);
  if (outcome === undefined || outcome === 'completed') return false;
  return date - (parseTime(deployer.updated_at) ?? date) >= ORPHAN_AFTER_MS;
}

const transferOf = (run: Execution | Deployment | undefined): string | null =>
  run === undefined ? null : 'transfer_id' in run ? run.transfer_id : run.action_id;

function durationOf({ run, date }: Look): number | null {
  const started = parseTime(run.created_at);
  const ended = isFinal(statusOf(run)) ? parseTime(run.updated_at) : date;
  return started === null || ended === null ? null : Math.max(0, Math.round((ended - started) / 1000));
}
