import { normaliseId } from './database-values';

/** Sorts by time of creation and id, newest first. */
export function sortNewestFirst<T extends { readonly id: string; readonly createdAt: number }>(
  items: readonly T[],
): T[] {
  return [...items].sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1));
}

/** Objects of one kind, by id and in order of creation. */
export class ObjectCollection<
  T extends { readonly id: string; readonly projectId: string; readonly createdAt: number },
> {
  private readonly byId = new Map<string, T>();
  private readonly byProject = new Map<string, T[]>();
  private readonly sorted = new Map<string, T[]>();

  add(item: T): T {
    this.byId.set(normaliseId(item.id), item);
    const items = this.byProject.get(item.projectId);
    if (items) items.push(item);
    else this.byProject.set(item.projectId, [item]);
    return item;
  }

  /** Iterates over the objects of all projects, deleted ones included. */
  [Symbol.iterator](): Iterator<T> {
    return this.byId.values();
  }

  /** Finds an object by id in any case, deleted or not. */
  get(id: string): T | undefined {
    return this.byId.get(normaliseId(id));
  }

  /** Objects of a project in order of creation, deleted ones included. */
  ofProject(projectId: string): readonly T[] {
    return this.byProject.get(projectId) ?? [];
  }

  /**
   * Objects of a project by creation time and id, newest first, deleted ones included. The sorted list is kept until an
   * object is added.
   */
  newestFirst(projectId: string): readonly T[] {
    const items = this.ofProject(projectId);
    const known = this.sorted.get(projectId);
    if (known?.length === items.length) return known;
    const sorted = sortNewestFirst(items);
    this.sorted.set(projectId, sorted);
    return sorted;
  }
}
