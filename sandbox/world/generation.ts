/** The two generations of the API (coriolis-api.md, table at the top). */
export const GENERATIONS = ['current', 'legacy'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** What a server of a generation can do, where the two differ in more than words. */
export interface Features {
  /** Lists can be paged, sorted and filtered. Without, they are complete and in the order of the ids, whatever is asked (coriolis-api.md §1.6). */
  readonly paging: boolean;
  /** `include_task_info` is understood. */
  readonly taskInfo: boolean;
  /** Flags of the query string may be written in many ways; without, only as JSON (coriolis-api.md §1.4). */
  readonly lenientFlags: boolean;
  /** A transfer that is shown alone shows its executions. */
  readonly executionsInTransfers: boolean;
  /** A transfer can be updated, and deployed by force, before it was ever executed. */
  readonly changesBeforeExecution: boolean;
  /** Migrations that sync and deploy in one go, without a transfer. */
  readonly directMigrations: boolean;
  /** The instances of one transfer wait for each other. */
  readonly clusters: boolean;
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

export const FEATURES: Readonly<Record<Generation, Features>> = {
  current: {
    paging: true,
    taskInfo: true,
    lenientFlags: true,
    executionsInTransfers: false,
    changesBeforeExecution: true,
    directMigrations: false,
    clusters: true,
    csv: true,
    bodyOn204: false,
    watcherQuirks: true,
  },
  legacy: {
    paging: false,
    taskInfo: false,
    lenientFlags: false,
    executionsInTransfers: true,
    changesBeforeExecution: false,
    directMigrations: true,
    clusters: false,
    csv: false,
    bodyOn204: true,
    watcherQuirks: true,
  },
};
