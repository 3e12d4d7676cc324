import type { Schedule } from '../../../src/model/api-objects';
import {
  failedTask,
  runningTask,
  timestamp,
  uuid,
  type Begun,
  type Ended,
  type Mutable,
  type OwnDeployment,
  type OwnExecution,
  type OwnPool,
  type OwnTransfer,
} from './model-objects';

const ACTIVE = ['RUNNING', 'CANCELLING', 'AWAITING_MINION_ALLOCATIONS'];

/** Objects of a server in memory, and what happens to them while its clock moves. */
export class ModelEstate {
  now = Date.UTC(2026, 10, 22, 15, 0, 0);
  /** How far its clock is off: what it writes and its Date header, not what really happens. Milliseconds. */
  skewMs = 0;
  readonly transfers: OwnTransfer[] = [];
  readonly deployments: OwnDeployment[] = [];
  readonly pools: OwnPool[] = [];
  readonly schedules: Array<Mutable<Schedule>> = [];
  /** Whether schedules do not fire. */
  isSilent = false;
  readonly begun: Begun[] = [];
  readonly ended: Ended[] = [];
  /** When a run last got on, by its id. */
  readonly progressed = new Map<string, number[]>();
  /** When each pool went into ERROR. */
  readonly poolErrors: Array<{ readonly id: string; readonly at: number }> = [];
  private due: Array<{ at: number; happen: () => void }> = [];
  private counter = 0;

  /** The time that its clock shows. */
  get time(): number {
    return this.now + this.skewMs;
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const next = this.due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.due = this.due.filter((entry) => entry !== next);
      this.now = Math.max(this.now, next.at);
      next.happen();
    }
    this.now = until;
  }

  addTransfer(): OwnTransfer {
    const transfer: OwnTransfer = {
      ...this.action(1),
      scenario: 'replica',
      runs: [],
      nextNumber: 1,
    };
    this.transfers.push(transfer);
    return transfer;
  }

  isActive(transfer: OwnTransfer): boolean {
    return transfer.runs.some((run) => ACTIVE.includes(run.status) || run.settling === true);
  }

  /** Starts a run; undefined when one is going on. */
  start(transfer: OwnTransfer, type = 'transfer_execution'): OwnExecution | undefined {
    if (transfer.deleted_at !== null || this.isActive(transfer)) return undefined;
    const run = this.record(transfer, type);
    run.tasks = [runningTask(run)];
    this.setStatus(transfer, run, 'RUNNING');
    this.begun.push({ id: run.id, transferId: transfer.id, type, at: this.now, time: this.time });
    this.progressed.set(run.id, [this.now]);
    return run;
  }

  /** The task at work gets on: nothing but its progress changes. */
  progress(transfer: OwnTransfer): void {
    const run = transfer.runs.find((candidate) => ACTIVE.includes(candidate.status));
    if (run?.tasks === undefined) return;
    run.tasks = run.tasks.map((task) => ({
      ...task,
      progress_updates: task.progress_updates.map((update) => ({
        ...update,
        updated_at: timestamp(this.time),
      })),
    }));
    this.progressed.get(run.id)?.push(this.now);
  }

  /** A schedule for every hour; it fires within a minute of its time, and a run takes two seconds. */
  addSchedule(transfer: OwnTransfer, minute: number): void {
    const schedule: Mutable<Schedule> = {
      ...this.times(),
      id: uuid(4, (this.counter += 1)),
      transfer_id: transfer.id,
      schedule: { minute },
      enabled: true,
      expiration_date: null,
      shutdown_instance: false,
    };
    this.schedules.push(schedule);
    const planNext = (): void => {
      const hour = 3_600_000;
      const last = Math.floor((this.now - minute * 60_000) / hour) * hour + minute * 60_000;
      this.due.push({
        at: last + hour + 1000 * ((7 * this.schedules.length) % 50),
        happen: () => {
          planNext();
          if (this.isSilent || !schedule.enabled) return;
          const run = this.start(transfer);
          if (run === undefined) return;
          this.due.push({ at: this.now + 2000, happen: () => this.finishRun(transfer, run, 'COMPLETED') });
        },
      });
    };
    planNext();
  }

  addPool(): OwnPool {
    const pool: OwnPool = {
      ...this.times(),
      id: uuid(5, (this.counter += 1)),
      name: `pool-${this.pools.length + 1}`,
      notes: null,
      endpoint_id: 'destination',
      platform: 'destination',
      os_type: 'linux',
      environment_options: {},
      status: 'DEALLOCATED',
      minimum_minions: 1,
      maximum_minions: 1,
      minion_max_idle_time: 3600,
      minion_retention_strategy: 'delete',
      events: [],
    };
    this.pools.push(pool);
    return pool;
  }

  setPool(pool: OwnPool, status: string): void {
    if (pool.deleted_at !== null || pool.status === status) return;
    if (status === 'ERROR') {
      this.tellPool(pool, 'ERROR', 'No valid host was found. There are not enough hosts available.');
      this.poolErrors.push({ id: pool.id, at: this.now });
    }
    this.tellPool(pool, 'INFO', `Pool status transitioned from '${pool.status}' to '${status}'`);
    pool.status = status;
    pool.updated_at = timestamp(this.time);
  }

  private tellPool(pool: OwnPool, level: string, message: string): void {
    const id = uuid(6, (this.counter += 1));
    pool.events.push({ id, index: pool.events.length, level, message, created_at: timestamp(this.time) });
  }

  /** A start that the server refuses after it has made the record (trap 32). */
  startOrphan(transfer: OwnTransfer): void {
    if (transfer.deleted_at === null && !this.isActive(transfer)) {
      this.record(transfer, 'transfer_execution');
    }
  }

  /**
   * Ends the run that goes on.
   * @param late how far the time that is written lies in the past: a late commit, or a conductor whose clock is behind;
   *   negative when it is ahead
   */
  finish(transfer: OwnTransfer, status: string, late = 0): void {
    const run = transfer.runs.find((candidate) => ACTIVE.includes(candidate.status));
    if (run !== undefined) this.finishRun(transfer, run, status, late);
  }

  private finishRun(transfer: OwnTransfer, run: OwnExecution, status: string, late = 0): void {
    if (!ACTIVE.includes(run.status)) return;
    this.setStatus(transfer, run, status, late);
    this.ended.push({
      id: run.id,
      transferId: transfer.id,
      status,
      type: run.type,
      at: this.now,
      time: this.time,
    });
  }

  /**
   * A run without minions: reads CANCELED for some milliseconds, then what it really is (docs/reference/watching.md
   * §1).
   */
  starve(transfer: OwnTransfer, afterMs: number): void {
    const run = transfer.runs.find((candidate) => ACTIVE.includes(candidate.status));
    if (run === undefined) return;
    this.setStatus(transfer, run, 'CANCELED');
    run.settling = true;
    this.due.push({
      at: this.now + afterMs,
      happen: () => {
        delete run.settling;
        this.setStatus(transfer, run, 'ERROR_ALLOCATING_MINIONS');
        this.ended.push({
          id: run.id,
          transferId: transfer.id,
          status: 'ERROR_ALLOCATING_MINIONS',
          type: run.type,
          at: this.now,
          time: this.time,
        });
      },
    });
  }

  /** A task reports: the transfer changes, its run does not. */
  touch(transfer: OwnTransfer): void {
    const run = transfer.runs.find((candidate) => ACTIVE.includes(candidate.status));
    if (run === undefined) return;
    transfer.updated_at = timestamp(this.time);
    this.progressed.get(run.id)?.push(this.now);
  }

  deleteNewestRun(transfer: OwnTransfer): void {
    const run = transfer.runs.findLast((candidate) => !candidate.deleted);
    if (run !== undefined && !this.isActive(transfer)) run.deleted = true;
  }

  /** Deleted by somebody else a moment later, perhaps in the middle of a poll. */
  deleteTransferSoon(transfer: OwnTransfer, afterMs: number): void {
    this.due.push({ at: this.now + afterMs, happen: () => this.deleteTransfer(transfer) });
  }

  deleteTransfer(transfer: OwnTransfer): void {
    if (!this.isActive(transfer)) transfer.deleted_at = timestamp(this.time);
  }

  addDeployment(transfer: OwnTransfer, status: 'PENDING' | 'RUNNING'): OwnDeployment {
    const deployment: OwnDeployment = {
      ...this.action(2),
      transfer_id: transfer.id,
      transfer_scenario_type: 'replica',
      last_execution_status: status,
      updated_at: status === 'PENDING' ? null : timestamp(this.time),
    };
    this.deployments.push(deployment);
    return deployment;
  }

  /** A deployment without clones that takes the disks; false while the transfer is at work, or without copied disks. */
  consume(transfer: OwnTransfer): boolean {
    if (transfer.deleted_at !== null || this.isActive(transfer)) return false;
    const copy = this.ended.findLast(
      ({ transferId, type, status }) =>
        transferId === transfer.id && type === 'transfer_execution' && status === 'COMPLETED',
    );
    const isTaken = this.deployments.some(
      (one) =>
        one.clone_disks === false &&
        one.transfer_id === transfer.id &&
        Date.parse(`${one.updated_at ?? ''}Z`) >= Math.floor((copy?.at ?? 0) / 1000) * 1000,
    );
    if (copy === undefined || isTaken) return false;
    // It never ends within the second of the last sync.
    this.advance(2000);
    if (this.isActive(transfer)) return false;
    const deployment = this.addDeployment(transfer, 'RUNNING');
    deployment.clone_disks = false;
    this.finishDeployment(deployment, 'COMPLETED');
    transfer.updated_at = timestamp(this.time);
    return true;
  }

  finishDeployment(deployment: OwnDeployment, status: string): void {
    if (!['PENDING', 'RUNNING'].includes(deployment.last_execution_status)) return;
    if (deployment.deleted_at !== null) return;
    deployment.last_execution_status = status;
    deployment.updated_at = timestamp(this.time);
    this.ended.push({
      id: deployment.id,
      transferId: deployment.transfer_id ?? '',
      status,
      type: 'deployment',
      at: this.now,
      time: this.time,
    });
  }

  deleteDeployment(deployment: OwnDeployment): void {
    if (deployment.last_execution_status !== 'RUNNING') deployment.deleted_at = timestamp(this.time);
  }

  private record(transfer: OwnTransfer, type: string): OwnExecution {
    const run: OwnExecution = {
      ...this.times(),
      id: uuid(3, (this.counter += 1)),
      action_id: transfer.id,
      type,
      status: 'UNEXECUTED',
      number: transfer.nextNumber,
      tasks: [],
      deleted: false,
    };
    transfer.nextNumber += 1;
    transfer.runs.push(run);
    return run;
  }

  private setStatus(transfer: OwnTransfer, run: OwnExecution, status: string, late = 0): void {
    run.status = status;
    run.updated_at = timestamp(this.time - late);
    if (status === 'ERROR') run.tasks = [failedTask(run)];
    transfer.last_execution_status = status;
    transfer.updated_at = run.updated_at;
  }

  private times() {
    return { created_at: timestamp(this.time), updated_at: null, deleted_at: null };
  }

  private action(kind: number) {
    return {
      ...this.times(),
      id: uuid(kind, (this.counter += 1)),
      instances: ['db-01'],
      origin_endpoint_id: 'origin',
      destination_endpoint_id: 'destination',
      source_environment: null,
      destination_environment: null,
      network_map: null,
      storage_mappings: null,
      notes: null,
      last_execution_status: 'UNEXECUTED',
    };
  }
}
