/** The two generations of the API (coriolis-api.md, table at the top). */
export const GENERATIONS = ['current', 'legacy'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** What a server of a release can do, where releases differ in more than words. */
export interface Features {
  /** Lists can be paged and sorted. Without, they are complete and in the order of the ids, whatever is asked (coriolis-api.md §1.6). */
  readonly paging: boolean;
  /** Paged lists can be filtered by status. */
  readonly statusFilter: boolean;
  /** `include_task_info` is understood. */
  readonly taskInfo: boolean;
  /** Flags of the query string may be written in many ways; without, only as JSON (coriolis-api.md §1.4). */
  readonly lenientFlags: boolean;
  /** A transfer that is shown alone shows its executions. */
  readonly executionsInTransfers: boolean;
  /** A transfer can be updated, and deployed by force, before it was ever executed. */
  readonly changesBeforeExecution: boolean;
  /** Transfers have a scenario, which an update cannot change. */
  readonly scenarios: boolean;
  /** Migrations that sync and deploy in one go, without a transfer. */
  readonly directMigrations: boolean;
  /** Executions and schedules deploy by themselves, and transfers keep what their deployments go by. */
  readonly autoDeploy: boolean;
  readonly userScripts: ScriptRules;
  /** The instances of one transfer wait for each other. */
  readonly clusters: boolean;
  /** The machines of an endpoint can be exported as a table. */
  readonly inventories: boolean;
  /** Answers can be asked for as CSV (coriolis-api.md §1.2). */
  readonly csv: boolean;
  /** A 204 carries a body all the same (coriolis-api.md §1.8). */
  readonly bodyOn204: boolean;
  /**
   * What watchers trip over (watching.md §§1, 2): paging repeats or loses rows around nulls, a final status is replaced, a status goes back, refused
   * executions stay as orphans, a deleted transfer takes its executions along. Real servers have all of it.
   */
  readonly watcherQuirks: boolean;
}

/** How servers treat user scripts; from `coriolis/api/v1/utils.py` and the conductor of the releases. */
export interface ScriptRules {
  /** They are checked, and shown as lists of scripts with phases; without, whatever came is kept. */
  readonly phases: boolean;
  /** A script of blanks is refused; only servers with phases look at it. */
  readonly emptyRefused: boolean;
  /** `null` is as good as no scripts. The releases between refuse it as well, with a Python message instead of words. */
  readonly nullMeansNone: boolean;
  /** When scripts are dropped that are for instances which the transfer does not have. */
  readonly strangersDropped: 'request' | 'deployment' | 'never';
  /** A deployment inherits the scripts of its transfer when its own are empty, not only when they are `null`. */
  readonly emptyInherits: boolean;
}

/** The release that a sandbox is as, unless told otherwise: the newest of each generation. */
export const RELEASES: Readonly<Record<Generation, string>> = { current: '1.2.7', legacy: '1.0.21' };
const FIRST_CURRENT = '1.1.0';
/** Those before it differ in ways that the sandbox does not know: no regions, services and minion pools, other statuses. */
const OLDEST = '1.0.6';

const order = new Intl.Collator('en', { numeric: true });

/**
 * Which generation a release is of.
 * @throws when it is no release, such as `1.1`, or older than the sandbox knows
 */
export function generationOf(release: string): Generation {
  if (!/^\d+\.\d+\.\d+$/.test(release) || order.compare(release, OLDEST) < 0) {
    throw new RangeError(
      `"${release}" is no release that the sandbox knows: it must be like 1.2.1, and ${OLDEST} at least.`,
    );
  }
  return order.compare(release, FIRST_CURRENT) < 0 ? 'legacy' : 'current';
}

/** What a release can do (coriolis-api.md §5). */
export function featuresOf(release: string): Features {
  const since = (first: string): boolean => order.compare(release, first) >= 0;
  return {
    paging: since('1.2.2'),
    statusFilter: since('1.2.3'),
    taskInfo: since('1.1.9'),
    lenientFlags: since(FIRST_CURRENT),
    executionsInTransfers: !since('1.2.4'),
    changesBeforeExecution: since('1.2.4'),
    scenarios: since(FIRST_CURRENT),
    directMigrations: !since(FIRST_CURRENT),
    autoDeploy: since('1.1.3'),
    userScripts: {
      phases: since('1.2.3'),
      emptyRefused: since('1.2.4'),
      nullMeansNone: since('1.0.11'),
      strangersDropped: since('1.1.8') ? 'deployment' : since('1.0.14') ? 'request' : 'never',
      emptyInherits: !since('1.1.3'),
    },
    clusters: since('1.2.7'),
    inventories: since('1.2.2'),
    csv: since('1.2.2'),
    bodyOn204: !since('1.2.2'),
    watcherQuirks: true,
  };
}
