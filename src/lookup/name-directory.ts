import type { ApiClient } from '../api/api-client';
import type { Coriolis } from '../api/operation-context';
import type { Timestamps } from '../model/api-objects';
import { fetchAll, fetchOptional, fetchPaged, type ObjectTypes } from '../requests/object-requests';
import { fetchChangedRows, type PagedObjectKind, type NewestTimestamps } from './fetch-changed-rows';
import { NameIndex } from './name-index';
import { fetchAllAndRemember } from '../requests/recently-read-lists';
import { nameLookupLists, type ListedObjectKind, type NamedResource } from './name-lookup-lists';
import { CallCoalescer } from './call-coalescer';

/** Rows per request. 1,000 rows are about 1.5 MB. */
const PAGE = 1000;
/** Milliseconds for which a read list or object counts as current. */
const TRUSTED_MS = 5_000;
/** Milliseconds for which a remembered name is used. After that, the name is looked up in the list again. */
const REMEMBERED_MS = 3_600_000;
const MAX_CONFIRMED = 1000;
/** Milliseconds by which the clocks of several API hosts may differ. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;
const NO_MARKS: NewestTimestamps = { changed: '', created: '' };

/** Counter that numbers reads and batches in the order in which they begin. */
let sequence = 0;

/**
 * Names that are resolved together: those of one call, or of all items of an n8n node. One read of the list serves them
 * all.
 */
export class NameBatch {
  readonly sequenceNumber = ++sequence;
}

/**
 * A finished read from the server: its number in the sequence, and the time of its end in milliseconds on the local
 * clock.
 */
interface Reading {
  readonly begun: number;
  readonly endedAt: number;
}

/**
 * Index of the objects of one resource by name, for one client. The list is read as a whole once, and later only its
 * newest changes. Before the id of an object is returned, the object itself is read again, so that deleted and renamed
 * objects are not found. For a name that an earlier client resolved (`setResolvedNameCache`), only the object is read.
 */
class NameDirectory {
  private index = new NameIndex();
  private marks = NO_MARKS;
  /** The server's time of the last read, in milliseconds since 1970. */
  private date = 0;
  /** Last read of changes or of the whole list. */
  private renewed: Reading | undefined;
  /** Last read of the whole list. */
  private whole: Reading | undefined;
  /** Last read of each single object, by its id. */
  private readonly confirmed = new Map<string, Reading>();
  private readonly renewals = new CallCoalescer((coriolis) => this.renew(coriolis));
  private readonly wholeReadings = new CallCoalescer((coriolis) => this.readAll(coriolis));

  constructor(private readonly resource: NamedResource) {}

  /**
   * Finds the ids of the objects that a text may mean. There are several when the name is not unique, and none when no
   * object has it.
   */
  async find(coriolis: Coriolis, given: string, batch: NameBatch): Promise<readonly string[]> {
    const memory = memories.get(coriolis.client.withoutDefaults);
    const key = `${this.resource} ${given}`;
    const recalled = await this.recall(coriolis, given, memory?.get(key));
    if (recalled !== undefined) return recalled;
    const ids = await this.search(coriolis, given, batch);
    const [only] = ids;
    if (only === undefined || ids.length > 1) memory?.delete(key);
    else memory?.set(key, { id: only, at: coriolis.clock() });
    return ids;
  }

  /**
   * Reads the object that had the name in an earlier call. Returns its id when it still has the name; undefined when
   * the list must be searched.
   */
  private async recall(
    coriolis: Coriolis,
    given: string,
    remembered: RememberedName | undefined,
  ): Promise<readonly string[] | undefined> {
    if (remembered === undefined || this.whole !== undefined) return undefined;
    if (coriolis.clock() - remembered.at >= REMEMBERED_MS) return undefined;
    await this.recheck(coriolis, remembered.id);
    const ids = this.index.find(given);
    return ids.length === 1 ? ids : undefined;
  }

  private async search(coriolis: Coriolis, given: string, batch: NameBatch): Promise<readonly string[]> {
    if (!serves(this.renewed, batch, coriolis)) await this.renewals.runAfterThisCall(coriolis);
    for (;;) {
      const [id, ...others] = this.index.find(given);
      if (id === undefined || others.length > 0) break;
      if (serves(this.confirmed.get(id) ?? this.whole, batch, coriolis)) return [id];
      await this.recheck(coriolis, id);
    }
    // A name counts as missing or ambiguous only after the whole list was read for this batch.
    if (!serves(this.whole, batch, coriolis)) await this.wholeReadings.runAfterThisCall(coriolis);
    return this.index.find(given);
  }

  /** Ids of objects whose names contain the text, at most `limit`. */
  similar(given: string, limit: number): readonly string[] {
    return this.index.similar(given, limit);
  }

  /** Reads an object again, because it may have been deleted or renamed. */
  private async recheck(coriolis: Coriolis, id: string): Promise<void> {
    const begun = ++sequence;
    const row = await fetchOptional(coriolis, await nameLookupLists[this.resource].kind(coriolis), [id]);
    if (row === undefined) this.index.remove(id);
    else this.put(this.index, row);
    if (this.confirmed.size >= MAX_CONFIRMED) this.confirmed.clear();
    this.confirmed.set(id, { begun, endedAt: coriolis.clock() });
  }

  private put(index: NameIndex, row: ObjectTypes[ListedObjectKind]): void {
    const object = row.deleted_at === null ? nameLookupLists[this.resource].candidate(row) : undefined;
    if (object === undefined) index.remove(row.id);
    else
      index.put({ id: object.value, name: object.name, fullName: object.fullName, aliases: object.aliases });
  }

  /** Updates the index: reads the new and changed rows, or the whole list when these cannot be determined. */
  private async renew(coriolis: Coriolis): Promise<void> {
    const begun = ++sequence;
    const kind = await nameLookupLists[this.resource].kind(coriolis);
    const isSetBack = coriolis.client.serverTime < this.date - MAX_CLOCK_DIFFERENCE_MS;
    const changes =
      this.whole === undefined || isSetBack || !isPaged(kind)
        ? undefined
        : await fetchChangedRows(coriolis, kind, this.marks);
    if (changes === undefined) {
      await this.readAll(coriolis);
      return;
    }
    if (changes.isWholeList) this.index = new NameIndex();
    for (const row of changes.rows) {
      this.put(this.index, row);
      this.marks = newerMarks(this.marks, row);
    }
    this.finish(coriolis, begun, changes.isWholeList);
  }

  private async readAll(coriolis: Coriolis): Promise<void> {
    const begun = ++sequence;
    const kind = await nameLookupLists[this.resource].kind(coriolis);
    const index = new NameIndex();
    let marks = NO_MARKS;
    const rows = isPaged(kind)
      ? fetchPaged(coriolis, kind, [], { pageSize: PAGE })
      : kind === 'region'
        ? await fetchAll(coriolis, kind)
        : await fetchAllAndRemember(coriolis, kind);
    for await (const row of rows) {
      this.put(index, row);
      marks = newerMarks(marks, row);
    }
    this.index = index;
    this.marks = marks;
    this.finish(coriolis, begun, true);
  }

  private finish(coriolis: Coriolis, begun: number, isWhole: boolean): void {
    this.date = coriolis.client.serverTime;
    this.renewed = { begun, endedAt: coriolis.clock() };
    if (isWhole) this.whole = this.renewed;
  }
}

const isPaged = (kind: ListedObjectKind): kind is PagedObjectKind =>
  kind === 'transfer' || kind === 'deployment';

/** Whether a read is recent enough for a batch: it began after the batch, and ended less than `TRUSTED_MS` ago. */
const serves = (reading: Reading | undefined, batch: NameBatch, { clock }: Coriolis): boolean =>
  reading !== undefined && reading.begun > batch.sequenceNumber && clock() - reading.endedAt < TRUSTED_MS;

const newerMarks = (
  marks: NewestTimestamps,
  { updated_at: changed, created_at: created }: Timestamps,
): NewestTimestamps =>
  (changed ?? '') <= marks.changed && created <= marks.created
    ? marks
    : {
        changed: (changed ?? '') > marks.changed ? (changed ?? '') : marks.changed,
        created: created > marks.created ? created : marks.created,
      };

/**
 * Object that a name meant when it was last looked up in the list. `at` is the time of that, in milliseconds on the
 * local clock.
 */
interface RememberedName {
  readonly id: string;
  readonly at: number;
}

/** Objects that names meant in earlier calls, by resource and name. Shared by the clients of one project. */
export type ResolvedNameCache = Map<string, RememberedName>;

const memories = new WeakMap<ApiClient, ResolvedNameCache>();

/**
 * Lets a client use the names that earlier clients resolved. Such a name costs one request for its object instead of a
 * reading of the list. A second object with the same name is found only when the list is read, which happens for each
 * name at most `REMEMBERED_MS` later.
 */
export function setResolvedNameCache({ client }: Coriolis, memory: ResolvedNameCache): void {
  memories.set(client.withoutDefaults, memory);
}

const directories = new WeakMap<ApiClient, Map<NamedResource, NameDirectory>>();

/** Returns the name directory of a resource, the same one for all contexts of a client. */
export function getNameDirectory({ client }: Coriolis, resource: NamedResource): NameDirectory {
  const known = directories.get(client.withoutDefaults) ?? new Map<NamedResource, NameDirectory>();
  directories.set(client.withoutDefaults, known);
  const directory = known.get(resource) ?? new NameDirectory(resource);
  known.set(resource, directory);
  return directory;
}
