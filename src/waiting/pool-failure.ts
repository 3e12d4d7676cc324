import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { readErrorText } from '../model/error-text';
import type { ErrorText } from '../model/error-text';
import type { Action, Deployment, Execution, TaskEvent, Transfer } from '../model/types';
import { tolerate } from '../api/tolerate';

interface Pool {
  readonly events?: readonly TaskEvent[];
}

const MOST_POOLS = 3;

/** Ids of the minion pools that a transfer or deployment uses. */
export function poolIds(action: Action): readonly string[] {
  const morphing = Object.values(action.instance_osmorphing_minion_pool_mappings ?? {});
  const ids = [action.origin_minion_pool_id, action.destination_minion_pool_id, ...morphing];
  return [...new Set(ids.filter((id) => typeof id === 'string' && id !== ''))] as readonly string[];
}

/**
 * Reason why the minion pools of a run provided no machines: their newest ERROR event (known-errors.md §1.1, rule 4).
 * Null when there is none, or the user may not read the pools.
 */
export async function poolFailure(
  { client, signal }: Coriolis,
  run: Execution | Deployment,
): Promise<ErrorText | null> {
  const options = signal === undefined ? {} : { signal };
  const readIfAllowed = <Body>(where: string): Promise<Body | null> =>
    tolerate(client.get<Body>(where, options), ['not_found', 'forbidden'], null);

  const action =
    'transfer_id' in run
      ? run
      : (await readIfAllowed<{ readonly transfer: Transfer }>(path`/transfers/${run.action_id}`))?.transfer;
  const events: TaskEvent[] = [];
  for (const id of action === undefined ? [] : poolIds(action).slice(0, MOST_POOLS)) {
    const body = await readIfAllowed<{ readonly minion_pool: Pool }>(path`/minion_pools/${id}`);
    events.push(...(body?.minion_pool.events ?? []).filter(({ level }) => level === 'ERROR'));
  }
  const newest = events.toSorted(
    (a, b) => a.created_at.localeCompare(b.created_at) || (a.index ?? 0) - (b.index ?? 0),
  );
  return readErrorText(newest.at(-1)?.message);
}
