import type { VmSpec } from './platforms/vm';
import type { OutsideKeystone } from './keystone';
import type { Clock } from './world/clock';
import type { Generation } from './world/generation';

/** How a sandbox is made. Everything has a default. */
export interface SandboxOptions {
  /** 0 (the default): any free port. */
  readonly port?: number;
  /** The address to listen on; `127.0.0.1` when absent. */
  readonly host?: string;
  /** How much faster than life work goes; 1 when absent. Timestamps are real time whatever the speed. */
  readonly speed?: number;
  /** The same seed makes the same world, ids included; 1 when absent. */
  readonly seed?: number;
  /** Whether it speaks of transfers and deployments or, as servers before 1.1.0, of replicas and migrations; `current` when absent. */
  readonly generation?: Generation;
  /**
   * The release to be as, such as `1.1.2`: what came later does not exist or is ignored. The newest of the generation when absent;
   * together with a generation it must be one of that. `1.0.6` at least, or the start fails.
   */
  readonly release?: string;
  /** Whether a 204 of Coriolis carries a body; as servers before 1.2.2 do when absent. */
  readonly bodyOn204?: boolean;
  /** How many transfers the estate has beside the first few; none when absent. */
  readonly transfers?: number;
  /** Whether the world begins with a few endpoints and transfers; `true` when absent. */
  readonly populated?: boolean;
  /** Machines of the vCenter beside its own; none when absent. */
  readonly machines?: readonly VmSpec[];
  /** The names of the platforms there are; all that the sandbox knows when absent. */
  readonly platforms?: readonly string[];
  /** How long a token lives, in milliseconds; four hours when absent. */
  readonly tokenLifetimeMs?: number;
  /**
   * A Keystone of your own that says who may come in; the sandbox's own when absent. The people of the sandbox are strangers then, and the
   * projects of that Keystone are empty at first. It is asked about everything but listeners of the live log stream.
   */
  readonly keystone?: OutsideKeystone;
  /** Whether Coriolis asks a licensing server before it creates, executes or deploys; not when absent. */
  readonly licensing?: boolean;
  /** Whether it has what watchers of executions and deployments trip over; as real servers do when absent. */
  readonly watcherQuirks?: boolean;
  /** What goes wrong from the start, in the words of `--fault`; nothing when absent. An unknown word makes the start fail. */
  readonly faults?: readonly string[];
  /** How often listeners of the live log stream are pinged, in milliseconds; 54 s when absent. */
  readonly logStreamPingMs?: number;
  /** Whether the process may end although it listens; not when absent. */
  readonly background?: boolean;
  /** Where the time comes from; the machine's clock when absent. */
  readonly clock?: Clock;
  /** Told about errors that are the sandbox's own fault; they go to standard error when absent. */
  readonly onInternalError?: (error: unknown) => void;
}
