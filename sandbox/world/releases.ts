/** The two generations of the API (docs/reference/coriolis-api.md, table at the top). */
export const GENERATIONS = ['current', 'legacy'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** Features in which the releases of Coriolis differ. */
export interface ReleaseFeatures {
  /**
   * Lists can be paged and sorted. If false, lists are complete and ordered by id (docs/reference/coriolis-api.md
   * §1.6).
   */
  readonly paging: boolean;
  /** Paged lists can be filtered by status. */
  readonly statusFilter: boolean;
  /** The query parameter `include_task_info` is understood; other servers ignore it. */
  readonly taskInfo: boolean;
  /**
   * Booleans of the query string have many spellings; if false, only those of JSON (docs/reference/coriolis-api.md
   * §1.4).
   */
  readonly lenientFlags: boolean;
  /** The answer to a request for one transfer contains its executions. */
  readonly executionsInTransfers: boolean;
  /** A transfer can be updated, and deployed by force, before it was ever executed. */
  readonly changesBeforeExecution: boolean;
  /** Transfers have a scenario, which an update cannot change. */
  readonly scenarios: boolean;
  /** There are migrations that sync and deploy in one go, without a transfer. */
  readonly directMigrations: boolean;
  /** Executions and schedules have `auto_deploy`, and transfers have settings for their deployments. */
  readonly autoDeploy: boolean;
  readonly userScripts: UserScriptRules;
  /** The instances of one transfer wait for each other at some tasks (docs/reference/coriolis-domain.md §1). */
  readonly clusters: boolean;
  /** The machines of an endpoint can be exported as a table. */
  readonly inventories: boolean;
  /** Answers can be asked for as CSV (docs/reference/coriolis-api.md §1.2). */
  readonly csv: boolean;
  /** 204 responses have a body (docs/reference/coriolis-api.md §1.8). */
  readonly bodyOn204: boolean;
  /**
   * The quirks that affect watchers are simulated (docs/reference/watching.md §§1, 2): paging repeats or loses rows
   * around nulls, a final status is replaced, a status goes back, refused executions stay as orphans, and a deleted
   * transfer takes its executions along. Real servers have all of these quirks.
   */
  readonly watcherQuirks: boolean;
}

/** Rules for user scripts; from `coriolis/api/v1/utils.py` and the conductor of the releases. */
export interface UserScriptRules {
  /** Scripts are checked and shown as lists with phases; if false, they are stored unchecked. */
  readonly phases: boolean;
  /** Blank scripts are refused. Only servers with phases do this. */
  readonly emptyRefused: boolean;
  /** `null` means no scripts. Other releases refuse it with a Python message. */
  readonly nullMeansNone: boolean;
  /** Time at which scripts for unknown instances are dropped. */
  readonly unknownInstancesDropped: 'request' | 'deployment' | 'never';
  /** Empty scripts of a deployment inherit those of the transfer, not only `null`. */
  readonly emptyInherits: boolean;
}

/** Default release of each generation: the newest. */
export const DEFAULT_RELEASES: Readonly<Record<Generation, string>> = { current: '1.2.7', legacy: '1.0.21' };
const FIRST_CURRENT_RELEASE = '1.1.0';
/** Oldest supported release. Earlier ones have no regions, services and minion pools, and other statuses. */
const OLDEST_RELEASE = '1.0.6';

const releaseOrder = new Intl.Collator('en', { numeric: true });

/**
 * Generation of a release.
 * @throws when it is no release, such as `1.1`, or older than the sandbox knows
 */
export function generationOf(release: string): Generation {
  if (!/^\d+\.\d+\.\d+$/.test(release) || releaseOrder.compare(release, OLDEST_RELEASE) < 0) {
    throw new RangeError(
      `"${release}" is no release that the sandbox knows: it must be like 1.2.1, and ${OLDEST_RELEASE} at least.`,
    );
  }
  return releaseOrder.compare(release, FIRST_CURRENT_RELEASE) < 0 ? 'legacy' : 'current';
}

/** Features of a release (docs/reference/coriolis-api.md §5). */
export function featuresOf(release: string): ReleaseFeatures {
  const since = (first: string): boolean => releaseOrder.compare(release, first) >= 0;
  return {
    paging: since('1.2.2'),
    statusFilter: since('1.2.3'),
    taskInfo: since('1.1.9'),
    lenientFlags: since(FIRST_CURRENT_RELEASE),
    executionsInTransfers: !since('1.2.4'),
    changesBeforeExecution: since('1.2.4'),
    scenarios: since(FIRST_CURRENT_RELEASE),
    directMigrations: !since(FIRST_CURRENT_RELEASE),
    autoDeploy: since('1.1.3'),
    userScripts: {
      phases: since('1.2.3'),
      emptyRefused: since('1.2.4'),
      nullMeansNone: since('1.0.11'),
      unknownInstancesDropped: since('1.1.8') ? 'deployment' : since('1.0.14') ? 'request' : 'never',
      emptyInherits: !since('1.1.3'),
    },
    clusters: since('1.2.7'),
    inventories: since('1.2.2'),
    csv: since('1.2.2'),
    bodyOn204: !since('1.2.2'),
    watcherQuirks: true,
  };
}
