import { omitUndefined } from '../json-object';
import { growDisks } from '../platforms/grown-disks';
import type { Platform } from '../platforms/platform';
import { EventQueue } from './time/event-queue';
import type { Clock } from './clock';
import { ActiveWorldConditions } from '../faults/world-conditions';
import { ObjectCollection } from './object-collection';
import { ExecutionEngine } from './runs/execution-engine';
import { featuresOf } from './releases';
import type { ReleaseFeatures } from './releases';
import { LicensingServer } from './stores/licensing-server';
import { formatLogLine } from './stores/log-messages';
import type { LogMessage } from './stores/log-messages';
import { LogStore } from './stores/log-store';
import { MetalHub } from './stores/metal-hub';
import type { MinionPool } from './pool-model';
import { WORKER_HOST } from './model';
import type {
  Deployment,
  Endpoint,
  Execution,
  ExecutionStatus,
  ExecutionType,
  Region,
  Schedule,
  Service,
  Transfer,
} from './model';
import { Random } from './random';
import { SecretStore } from './stores/secret-store';

export interface WorldOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly speed: number;
  /** Release of Coriolis that is simulated, such as `1.2.7`. */
  readonly release: string;
  /** Whether quirks that affect watchers are simulated; default yes. */
  readonly watcherQuirks?: boolean;
  /** Faults of the world that are active now; default none. */
  readonly conditions?: ActiveWorldConditions;
  readonly platforms: readonly Platform[];
  /** Roles of a user in a project; default none. */
  readonly rolesOf?: (userId: string, projectId: string) => readonly string[];
}

/** A finished execution or deployment with its actual outcome, with which tests compare answers. */
export interface FinishedRun {
  readonly kind: 'execution' | 'deployment';
  /** The id of the execution, or of the deployment. */
  readonly id: string;
  readonly type: ExecutionType;
  /** `null` for a direct migration. */
  readonly transferId: string | null;
  readonly projectId: string;
  /** The execution's number within its transfer; `null` for deployments. */
  readonly number: number | null;
  readonly status: ExecutionStatus;
  /** Creation in whole seconds since the epoch, shown as `created_at`. */
  readonly createdAt: number;
  /** End in whole seconds since the epoch, shown as `updated_at`. */
  readonly finishedAt: number;
}

/**
 * Everything that a sandbox holds in memory, with its simulated time. There are no timers: each request first calls
 * {@link advance}, which carries out the planned events that are due, in order.
 */
export class World {
  readonly eventQueue = new EventQueue();
  readonly conditions: ActiveWorldConditions;
  readonly random: Random;
  readonly speed: number;
  readonly features: ReleaseFeatures;
  readonly endpoints = new ObjectCollection<Endpoint>();
  readonly transfers = new ObjectCollection<Transfer>();
  readonly deployments = new ObjectCollection<Deployment>();
  readonly schedules = new ObjectCollection<Schedule>();
  readonly minionPools = new ObjectCollection<MinionPool>();
  /** By id, deleted ones included; they belong to no project. */
  readonly regions = new Map<string, Region>();
  readonly services = new Map<string, Service>();
  readonly finishedRuns: FinishedRun[] = [];
  /** Logs of coriolis-logger. */
  readonly logStore = new LogStore();
  /** Secrets of Barbican. */
  readonly secretStore = new SecretStore();
  readonly licensing: LicensingServer;
  readonly metalHub = new MetalHub();
  readonly rolesOf: (userId: string, projectId: string) => readonly string[];
  readonly engine: ExecutionEngine;
  private readonly clock: Clock;
  private readonly platforms: ReadonlyMap<string, Platform>;
  /** Simulated moment in milliseconds. It never goes back, whatever the server's clocks do. */
  private moment: number;
  /** Time of the last log line, in microseconds since the epoch. */
  private lastLine = 0;

  constructor(options: WorldOptions) {
    this.clock = options.clock;
    this.speed = options.speed;
    this.features = {
      ...featuresOf(options.release),
      ...omitUndefined({ watcherQuirks: options.watcherQuirks }),
    };
    this.random = new Random(options.seed);
    this.platforms = new Map(options.platforms.map((findPlatform) => [findPlatform.name, findPlatform]));
    this.moment = this.clock.now();
    this.conditions = options.conditions ?? new ActiveWorldConditions();
    this.rolesOf = options.rolesOf ?? (() => []);
    this.licensing = new LicensingServer({
      newId: () => this.makeId(),
      serverSeconds: () => this.serverSeconds(),
    });
    this.engine = new ExecutionEngine({
      eventQueue: this.eventQueue,
      random: this.random,
      speed: this.speed,
      clusters: this.features.clusters,
      watcherQuirks: this.features.watcherQuirks,
      simulatedMs: () => this.moment,
      serverSeconds: () => this.serverSeconds(),
      newId: () => this.makeId(),
      isFaultActive: (kind, ids) => this.conditions.isActiveFor(kind, ids),
      log: (remark) => {
        this.addLogLine(remark);
      },
    });
  }

  /** Carries out the planned events that are due by now. */
  advance(): void {
    const now = this.clock.now();
    for (let due = this.eventQueue.takeDue(now); due; due = this.eventQueue.takeDue(now)) {
      this.moment = Math.max(this.moment, due.at);
      due.happen();
    }
    this.moment = Math.max(this.moment, now);
  }

  /** Current time of the server's clocks, in whole seconds since the epoch. */
  serverSeconds(): number {
    return Math.floor(this.clockMs() / 1000);
  }

  private clockMs(): number {
    return this.moment + this.conditions.sumSkewMs('clock-skew');
  }

  makeId(): string {
    return this.random.uuid();
  }

  /** Plans an event in a number of seconds from now, scaled by the speed. */
  scheduleAfter(seconds: number, happen: () => void): void {
    this.eventQueue.add(this.moment + (seconds * 1000) / this.speed, happen);
  }

  /** Plans an event for a time of the server's clocks, in seconds since the epoch. */
  scheduleAt(time: number, happen: () => void): void {
    this.eventQueue.add(time * 1000 - this.conditions.sumSkewMs('clock-skew'), () => {
      // The clocks may have been set back meanwhile.
      if (this.serverSeconds() < time) this.scheduleAt(time, happen);
      else happen();
    });
  }

  platform(name: string): Platform | undefined {
    const platform = this.platforms.get(name);
    return platform === undefined || !this.conditions.has('grown-disks')
      ? platform
      : growDisks(platform, (machine) => this.conditions.isActiveFor('grown-disks', [machine]));
  }

  get platformNames(): string[] {
    return [...this.platforms.keys()];
  }

  /**
   * Adds a line to a service's log.
   * @param time when, in microseconds since the epoch; now when absent
   */
  addLogLine(remark: LogMessage, time = this.nextLineTime()): void {
    this.logStore.receive({
      timeMicroseconds: time,
      severity: remark.severity,
      appName: remark.appName,
      message: formatLogLine(remark, time / 1000),
      hostname: WORKER_HOST,
    });
  }

  /** Time of the next log line, unique so that none replaces another. */
  private nextLineTime(): number {
    this.lastLine = Math.max(Math.floor(this.clockMs() * 1000), this.lastLine + 1);
    return this.lastLine;
  }

  /** Records the end of an execution or deployment. */
  recordFinishedRun(run: {
    execution: Execution;
    transferId: string | null;
    deployment?: Deployment;
    projectId: string;
  }): void {
    const { execution, deployment } = run;
    const paid = execution.type === 'transfer_execution' || execution.type === 'deployment';
    const licensed = run.transferId ?? deployment?.id;
    if (execution.status === 'COMPLETED' && paid && licensed !== undefined) {
      this.licensing.recordCompletion(licensed, deployment ? 'deployment' : 'execution');
    }
    this.finishedRuns.push({
      kind: deployment ? 'deployment' : 'execution',
      id: deployment?.id ?? execution.id,
      type: execution.type,
      transferId: run.transferId,
      projectId: run.projectId,
      number: deployment ? null : execution.number,
      status: execution.status,
      createdAt: (deployment ?? execution).createdAt,
      finishedAt: execution.updatedAt ?? this.serverSeconds(),
    });
  }
}
