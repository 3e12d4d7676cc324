import type { VmSpec } from './platforms/make-vms';
import type { ExternalKeystone } from './keystone';
import type { Clock } from './world/clock';
import type { Generation } from './world/releases';

/** Options of a sandbox. All have defaults. */
export interface SandboxOptions {
  /** Port; default 0, any free one. */
  readonly port?: number;
  /** The address to listen on; `127.0.0.1` when absent. */
  readonly host?: string;
  /**
   * Factor by which executions and deployments are faster than in real time; default 1. Timestamps are always real
   * time.
   */
  readonly speed?: number;
  /** Seed of the world; default 1. The same seed gives the same world, ids included. */
  readonly seed?: number;
  /**
   * Generation of the API: transfers and deployments or, as servers before 1.1.0, replicas and migrations. Default
   * `current`.
   */
  readonly generation?: Generation;
  /**
   * Release of Coriolis that is simulated, such as `1.1.2`: features of later releases do not exist or are ignored.
   * Default: the newest release of the generation. The start fails for releases before `1.0.6`, and for a release that
   * does not belong to a given generation.
   */
  readonly release?: string;
  /** Whether 204 responses of Coriolis have a body; default as in the release. */
  readonly bodyOn204?: boolean;
  /** Number of additional transfers; default none. */
  readonly transfers?: number;
  /** Whether the sandbox starts with a few endpoints and transfers; default `true`. */
  readonly populated?: boolean;
  /** Additional machines of the vCenter; default none. */
  readonly machines?: readonly VmSpec[];
  /** Names of the platforms; default all. */
  readonly platforms?: readonly string[];
  /** Lifetime of tokens in milliseconds; default four hours. */
  readonly tokenLifetimeMs?: number;
  /**
   * Your own Keystone, instead of the sandbox's. The sandbox's users do not exist then, and the projects of your
   * Keystone are empty at first. Your Keystone validates all tokens except those of listeners of the live log stream.
   */
  readonly keystone?: ExternalKeystone;
  /** Whether Coriolis checks licences before it creates, executes or deploys; default no. */
  readonly licensing?: boolean;
  /** Whether the quirks of real servers that affect watchers are simulated; default yes. */
  readonly watcherQuirks?: boolean;
  /**
   * Faults that are active from the start, in the syntax of `--fault`; default none. An invalid one makes the start
   * fail.
   */
  readonly faults?: readonly string[];
  /** Ping interval of the live log stream in milliseconds; default 54 s. */
  readonly logStreamPingMs?: number;
  /** Whether the process may end while the sandbox listens; default no. */
  readonly background?: boolean;
  /** Source of the current time; default the clock of this computer. */
  readonly clock?: Clock;
  /** Called with internal errors of the sandbox; default prints to standard error. */
  readonly onInternalError?: (error: unknown) => void;
}
