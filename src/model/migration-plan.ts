/**
 * Plan of a migration: transfer, syncs and deployment in one go (docs/reference/coriolis-domain.md §10.2). Legacy
 * servers have such migrations themselves. On current servers the migration is a transfer whose notes end in the plan,
 * so that any caller can continue it: "Move db-01 [migration passes=2 shutdown key=order-17]".
 */
export interface MigrationPlan {
  /** Number of syncs before the deployment. */
  readonly passes: number;
  /** Whether the last sync shuts the source machines down. */
  readonly shutdown: boolean;
  readonly skipOsMorphing: boolean;
  /**
   * Run key of the migration. A second call with the same key continues this migration instead of creating another;
   * undefined without a key.
   */
  readonly runKey: string | undefined;
  /** Whether the migration was canceled. Then no further step is taken. */
  readonly canceled?: boolean;
}

/** Format of a run key. It excludes characters that would end or split the plan in the notes. */
export const RUN_KEY_FORMAT = /^[\w.:@/+-]{1,100}$/;

const PLAN =
  /(?:^|\s)\[migration passes=(\d{1,2})( shutdown)?( skip-os-morphing)?(?: key=([\w.:@/+-]{1,100}))?( canceled)?\]\s*$/;

/** Appends a plan to the notes of a transfer. */
export function appendMigrationPlan(notes: string | undefined, plan: MigrationPlan): string {
  const { passes, shutdown, skipOsMorphing, runKey, canceled = false } = plan;
  const words = [
    `passes=${passes}`,
    ...(shutdown ? ['shutdown'] : []),
    ...(skipOsMorphing ? ['skip-os-morphing'] : []),
    ...(runKey === undefined ? [] : [`key=${runKey}`]),
    ...(canceled ? ['canceled'] : []),
  ];
  const text = (notes ?? '').trim();
  return `${text === '' ? '' : `${text} `}[migration ${words.join(' ')}]`;
}

/** Splits the notes of a transfer into the user's text and the plan; undefined when they have no plan. */
export function parseMigrationPlan(
  notes: string | null,
): { readonly plan: MigrationPlan; readonly notes: string } | undefined {
  const found = PLAN.exec(notes ?? '');
  if (notes === null || found === null) return undefined;
  const [, passes, shutdown, skip, runKey, canceled] = found;
  return {
    notes: notes.slice(0, found.index).trim(),
    plan: {
      passes: Math.max(1, Number(passes)),
      shutdown: shutdown !== undefined,
      skipOsMorphing: skip !== undefined,
      runKey,
      ...(canceled === undefined ? {} : { canceled: true }),
    },
  };
}
