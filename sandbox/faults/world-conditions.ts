/** A fault that lies in the simulated world, not in single requests. It is active until it is removed. */
export type WorldCondition =
  /** Executions and deployments make no progress: the one with that id, those of the transfer with that id, or all. */
  | { readonly kind: 'stall'; readonly id?: string }
  /** A cancel without force never ends: running tasks stay CANCELLING. */
  | { readonly kind: 'stuck-cancel'; readonly id?: string }
  /** Executions and deployments stay RUNNING after all their tasks completed, until they are canceled. */
  | { readonly kind: 'stuck-running'; readonly id?: string }
  /** All machines of minion pools are in use by another action: of the pool with that id, or of all pools. */
  | { readonly kind: 'busy-pools'; readonly id?: string }
  /** The first disk of the machine with that name, or of all machines, is 20 GiB larger than before. */
  | { readonly kind: 'grown-disks'; readonly id?: string }
  /**
   * The licensing server nests its counts in `standard_licence_stats` and `sap_licence_stats`, as newer releases do.
   */
  | { readonly kind: 'nested-licences' }
  /** Schedules do not fire, and missed runs are not made up for. */
  | { readonly kind: 'silent-schedules' }
  /**
   * A new minion pool shows DEALLOCATED for a moment before its allocation begins, and can be deleted in that moment
   * (docs/reference/coriolis-api.md §17, trap 33).
   */
  | { readonly kind: 'late-pools' }
  /** Coriolis cannot reach Barbican. */
  | { readonly kind: 'barbican-down' }
  /** All clocks of the server differ from those of its clients, in seconds. */
  | { readonly kind: 'clock-skew'; readonly seconds: number }
  /** The clock of the API host, which writes the header `Date`, differs from the conductor's, which writes the timestamps; in seconds. */
  | { readonly kind: 'date-skew'; readonly seconds: number };

/** Active conditions. */
export class ActiveWorldConditions {
  private readonly active = new Set<WorldCondition>();

  /**
   * Adds a condition.
   * @returns a function that ends the condition
   */
  add(condition: WorldCondition): () => void {
    this.active.add(condition);
    return () => this.active.delete(condition);
  }

  has(kind: WorldCondition['kind']): boolean {
    return [...this.active].some((condition) => condition.kind === kind);
  }

  /** Whether a condition applies to one of these objects, or to all. @param ids of an object and of its parents */
  isActiveFor(
    kind: 'stall' | 'stuck-cancel' | 'stuck-running' | 'busy-pools' | 'grown-disks',
    ids: readonly (string | null)[],
  ): boolean {
    return [...this.active].some(
      (condition) => condition.kind === kind && (condition.id === undefined || ids.includes(condition.id)),
    );
  }

  /** Sum of the clock skews of a kind, in milliseconds. */
  sumSkewMs(kind: 'clock-skew' | 'date-skew'): number {
    let seconds = 0;
    for (const condition of this.active) if (condition.kind === kind) seconds += condition.seconds;
    return seconds * 1000;
  }
}
