/** Values of other types than the stored ones. */
export const JUNK: readonly unknown[] = [null, 'x', {}, [], -1, true, '1'];

/** A copy of stored state with junk of another type in one of its places. */
export function damageState(state: unknown, index: number, junk: unknown): unknown {
  const places: Array<readonly [Record<string, unknown>, string]> = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  const copy = structuredClone(state);
  visit(copy);
  const [object, key] = places[index % places.length] ?? [];
  if (object !== undefined && key !== undefined) {
    object[key] = typeof junk === typeof object[key] ? null : junk;
  }
  return copy;
}
