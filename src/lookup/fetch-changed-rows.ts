import type { Coriolis } from '../api/operation-context';
import { READ_OVERLAP_MS, parseServerTime } from '../model/timestamps';
import type { TransferOrDeployment } from '../model/api-objects';
import { fetchAllByQuery, fetchPaged } from '../requests/object-requests';

/**
 * Newest `updated_at` and `created_at` among the rows that were read from a list, as the server writes them; empty when
 * none were read.
 */
export interface NewestTimestamps {
  readonly changed: string;
  readonly created: string;
}

/** Rows of a list that are new or have changed since it was read. */
export interface ChangedRows {
  readonly rows: readonly TransferOrDeployment[];
  /** Whether these are all rows of the list, because the server sent everything. */
  readonly isWholeList: boolean;
}

/** Kinds whose lists the server pages. */
export type PagedObjectKind = 'transfer' | 'deployment';

const FIRST_PAGE = 20;
const PAGE = 100;
/** Maximum number of changed rows. With more, it is better to read the whole list. */
const MAX_CHANGES = 500;

/**
 * Reads the rows of a list that were created or changed since the list was read. When there are none, this takes two
 * small requests. Deletions are not found in this way. Undefined when there are so many rows that the caller should
 * read the whole list.
 */
export async function fetchChangedRows(
  coriolis: Coriolis,
  kind: PagedObjectKind,
  marks: NewestTimestamps,
): Promise<ChangedRows | undefined> {
  const [changed, created] = await Promise.all([
    readChanged(coriolis, kind, before(marks.changed)),
    readCreated(coriolis, kind, before(marks.created)),
  ]);
  if (changed?.isWholeList === true) return changed;
  return changed && created && { rows: [...created, ...changed.rows], isWholeList: false };
}

const before = (time: string): number => (parseServerTime(time) ?? 0) - READ_OVERLAP_MS;

/**
 * Reads rows by their last change, newest first, back to the time `from`. Rows that were never changed come last; they
 * are left out, because the server's paging is broken among them.
 */
async function readChanged(
  coriolis: Coriolis,
  kind: PagedObjectKind,
  from: number,
): Promise<ChangedRows | undefined> {
  const rows: TransferOrDeployment[] = [];
  let limit = FIRST_PAGE;
  while (rows.length < MAX_CHANGES) {
    const query = {
      show_deleted: true,
      sort_key: 'updated_at',
      sort_dir: 'desc',
      limit,
      marker: rows.at(-1)?.id,
    };
    const page: readonly TransferOrDeployment[] = await fetchAllByQuery(coriolis, kind, [], query);
    // Servers before 1.2.2 ignore order and limit and send everything.
    if (page.length > limit) return { rows: page, isWholeList: true };
    for (const row of page) {
      const changed = parseServerTime(row.updated_at);
      if (changed === null || changed < from) return { rows, isWholeList: false };
      rows.push(row);
    }
    if (page.length < limit) return { rows, isWholeList: false };
    limit = PAGE;
  }
  return undefined;
}

async function readCreated(
  coriolis: Coriolis,
  kind: PagedObjectKind,
  from: number,
): Promise<readonly TransferOrDeployment[] | undefined> {
  const rows: TransferOrDeployment[] = [];
  for await (const row of fetchPaged(coriolis, kind, [], { pageSize: FIRST_PAGE })) {
    if ((parseServerTime(row.created_at) ?? 0) < from) break;
    rows.push(row);
    if (rows.length >= MAX_CHANGES) return undefined;
  }
  return rows;
}
