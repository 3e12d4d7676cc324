/**
 * Plan of a migration in one go (docs/reference/coriolis-domain.md §10.2). Legacy servers have such migrations; on
 * current servers the migration is a transfer, whose notes end in the plan, so that any caller can continue it: "Move
 * db-01 [migration passes=2 shutdown key=order-17]".
 */
export interface MigrationPlan {
  /** Syncs before the deployment. */
  readonly passes: number;
  /** Whether the last sync shuts the source machines down. */
  readonly shutdown: boolean;
  readonly skipOsMorphing: boolean;
  /** Key of the migration: creating a migration with the same key finds this one. */
  readonly runKey: string | undefined;
  /** Whether the migration was canceled: no further step is taken. */
  readonly canceled?: boolean;
}

/** Format of a run key. Excludes characters that would end or split the plan in the notes. */
export const RUN_KEY_FORMAT = /^[\w.:@/+-]{1,100}$/;

const PLAN =
  /(?:^|\s)\[migration passes=(\d{1,2})( shutdown)?( skip-os-morphing)?(?: key=([\w.:@/+-]{1,100}))?( canceled)?\]\s*$/;

/** Appends a plan to notes. */
export function appendPlan(notes: string | undefined, plan: MigrationPlan): string {
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

/** Splits notes into text and plan; undefined when they have no plan. */
export function parsePlan(
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
