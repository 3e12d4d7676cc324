import type { VmSpec } from './platforms/vm';
import type { ExternalKeystone } from './keystone';
import type { Clock } from './world/clock';
import type { Generation } from './world/generation';

/** Options of a sandbox. All have defaults. */
export interface SandboxOptions {
  /** Port; default 0, any free one. */
  readonly port?: number;
  /** The address to listen on; `127.0.0.1` when absent. */
  readonly host?: string;
  /** Speed of work relative to real time; default 1. Timestamps are always real time. */
  readonly speed?: number;
  /** Seed of the world; default 1. The same seed gives the same world, ids included. */
  readonly seed?: number;
  /**
   * Generation of the API: transfers and deployments or, as servers before 1.1.0, replicas and migrations. Default
   * `current`.
   */
  readonly generation?: Generation;
  /**
   * Release to behave as, such as `1.1.2`: later features do not exist or are ignored. The newest of the generation
   * when absent; together with a generation it must be one of that. `1.0.6` at least, or the start fails.
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
   * Your own Keystone, instead of the sandbox's. The sandbox's users do not exist then, and that Keystone's projects
   * are empty at first. It validates all tokens except those of listeners of the live log stream.
   */
  readonly keystone?: ExternalKeystone;
  /** Whether Coriolis checks licences before it creates, executes or deploys; default no. */
  readonly licensing?: boolean;
  /** Whether to have the quirks of real servers that affect watchers; default yes. */
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
  /** Clock; default that of the machine. */
  readonly clock?: Clock;
  /** Called with internal errors of the sandbox; default prints to standard error. */
  readonly onInternalError?: (error: unknown) => void;
}
