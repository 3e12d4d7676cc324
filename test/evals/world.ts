import { setTimeout as delay } from 'node:timers/promises';
import { displayNameOf } from '../../src/model/display-texts';
import type { Runtime } from '../../src/api/core-runtime';
import type { Coriolis } from '../../src/api/operation-context';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox';
import type { Clock } from '../../sandbox/world/clock';
import type { InstanceBehaviour } from '../../sandbox/platforms/platform';
import type { VmSpec } from '../../sandbox/platforms/make-vms';
import type { Execution, Transfer } from '../../sandbox/world/model';
import { historyRecordsOf } from '../../sandbox/world/model';
import { connect, one } from '../support/coriolis';

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** The machine's clock with an offset that shrinks to nothing: what is built in it happened before now. */
class PastClock implements Clock {
  constructor(private behindSeconds: number) {}

  now(): number {
    return Date.now() - this.behindSeconds * 1000;
  }

  /** Moves the clock on, at most to the present. */
  advance(seconds: number): void {
    this.behindSeconds -= seconds;
    if (this.behindSeconds < 0) throw new RangeError('The world is not built in the future');
  }

  /** Moves the clock to so many seconds before the present. */
  moveTo(beforeNow: number): void {
    this.advance(this.behindSeconds - beforeNow);
  }
}

/** Behaviour of a machine that changes while its past is built. */
type Changing = { -readonly [Key in keyof InstanceBehaviour]: InstanceBehaviour[Key] };

/** A sandbox with a past. */
export interface World {
  readonly sandbox: Sandbox;
  /** The transfer with these notes. */
  transfer(name: string): Transfer;
  /** All transfers of the main project, in order of creation. */
  transfers(): readonly Transfer[];
  stop(): Promise<void>;
}

/** What builds the past of a world, step by step. */
export class Builder {
  private readonly changing = new Map<string, Changing>();
  private readonly ids = new Map<string, string>();

  private constructor(
    readonly sandbox: Sandbox,
    readonly coriolis: Coriolis,
    private readonly clock: PastClock,
    machines: readonly VmSpec[],
  ) {
    for (const { name, behaviour } of machines) {
      if (behaviour !== undefined) this.changing.set(name, behaviour);
    }
  }

  /** Starts an empty sandbox, so many seconds before the present. */
  static async start(seconds: number, options: SandboxOptions = {}): Promise<Builder> {
    const clock = new PastClock(seconds);
    const sandbox = await startSandbox({ populated: false, watcherQuirks: false, clock, ...options });
    const time: Runtime = {
      clock: () => clock.now(),
      random: () => 0.5,
      sleep: async (ms) => {
        clock.advance(ms / 1000);
        await delay(0);
      },
    };
    return new Builder(sandbox, connect(sandbox, undefined, time), clock, options.machines ?? []);
  }

  /** Moves to so many seconds before the present. */
  at(beforeNow: number): void {
    this.clock.moveTo(beforeNow);
    this.sandbox.world.advance();
  }

  behave(machine: string, behaviour: InstanceBehaviour): void {
    const changing = this.changing.get(machine);
    if (changing === undefined) throw new Error(`${machine} has no behaviour that changes`);
    for (const key of Object.keys(changing)) Reflect.deleteProperty(changing, key);
    Object.assign(changing, behaviour);
  }

  async endpoint(name: string, type: 'vmware_vsphere' | 'openstack'): Promise<string> {
    const connectionInfo =
      type === 'openstack'
        ? {
            auth_url: `https://${name}.example.com:5000/v3`,
            username: 'migration',
            password: 'sandbox-openstack',
            project_name: 'migration',
          }
        : {
            host: `${name}.example.com`,
            port: 443,
            username: 'administrator@vsphere.local',
            password: 'sandbox-vcenter',
            allow_untrusted: true,
          };
    const { id } = await one<{ id: string }>(this.coriolis, 'endpoint.create', {
      name,
      type,
      connection: connectionInfo,
    });
    return id;
  }

  /** Creates a transfer whose notes are its name. */
  async plan(
    name: string,
    originEndpointId: string,
    destinationEndpointId: string,
    instances: readonly string[],
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const { id } = await one<{ id: string }>(this.coriolis, 'transfer.create', {
      originEndpointId,
      destinationEndpointId,
      instances,
      notes: name,
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private', Backend: 'storage-net', DMZ: 'private' },
      ...more,
    });
    this.ids.set(name, id);
    return id;
  }

  idOf(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`There is no transfer ${name}`);
    return id;
  }

  /** Starts syncs. */
  async execute(...names: readonly string[]): Promise<void> {
    for (const name of names) await one(this.coriolis, 'execution.start', { transferId: this.idOf(name) });
  }

  async deploy(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await one(this.coriolis, 'deployment.create', { transferId: this.idOf(name), ...more });
  }

  /** Schedules a daily run that begins about twelve hours from now, so that it never begins during a test. */
  async schedule(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await one(this.coriolis, 'schedule.create', {
      transferId: this.idOf(name),
      minute: 0,
      hour: new Date(Date.now() + 12 * 3_600_000).getUTCHours(),
      ...more,
    });
  }

  async call(operation: string, input: Readonly<Record<string, unknown>>): Promise<void> {
    await one(this.coriolis, operation, input);
  }

  /** Ends the building: from here the world goes on in real time. */
  done(): World {
    this.at(0);
    return worldOf(this.sandbox);
  }
}

export function worldOf(sandbox: Sandbox): World {
  const transfers = () =>
    sandbox.world.transfers
      .ofProject(sandbox.users.migration.id)
      .filter(({ deletedAt }) => deletedAt === null);
  return {
    sandbox,
    transfers,
    transfer: (name) => {
      const found = transfers().find(({ notes }) => notes === name);
      if (found === undefined) throw new Error(`There is no transfer ${name}`);
      return found;
    },
    stop: () => sandbox.stop(),
  };
}

export const executionsOf = (transfer: Transfer): readonly Execution[] =>
  historyRecordsOf(transfer).executions.filter(({ deletedAt }) => deletedAt === null);

/** Notes of a transfer, else its machines. */
export const nameOf = ({ notes, instances }: Transfer): string =>
  displayNameOf({ notes: notes as string | null, instances: instances as string[] });

/** Start of the newest usable copy in unix seconds, by a plain reading of the records; null without one. */
export function lastCopyOf({ sandbox }: World, transfer: Transfer): number | null {
  const taken = [...sandbox.world.deployments].filter(
    (one) => one.transferId === transfer.id && !one.cloneDisks && one.execution?.status === 'COMPLETED',
  );
  let copy: number | null = null;
  for (const { type, status, createdAt, updatedAt } of executionsOf(transfer)) {
    if (status !== 'COMPLETED') continue;
    if (type === 'transfer_disks_delete') copy = null;
    if (type === 'transfer_execution') copy = createdAt;
    const isTaken = taken.some(({ execution }) => (execution?.updatedAt ?? 0) > (updatedAt ?? 0));
    if (isTaken && type === 'transfer_execution') copy = null;
  }
  return copy;
}
