import type { JsonObject } from '../../model/json';

/** What a map makes of the names that a machine uses. */
export interface Mapped<Value> {
  /** Only names in use. */
  readonly entries: Readonly<Record<string, Value>>;
  readonly unmapped: readonly string[];
}

/**
 * Applies a map whose keys may be patterns ("VLAN 2*"): the very name counts first, then the pattern with the most letters
 * that matches.
 */
export function applyMap<Value>(
  map: Readonly<Record<string, Value>>,
  used: readonly string[],
): Mapped<Value> {
  const patterns = Object.keys(map)
    .filter((key) => key.includes('*'))
    .sort((one, other) => other.length - one.length || (one < other ? -1 : 1))
    .map((key) => [key, patternOf(key)] as const);
  const entries = new Map<string, Value>();
  const unmapped: string[] = [];
  for (const name of [...new Set(used)].sort()) {
    const key = Object.hasOwn(map, name) ? name : patterns.find(([, pattern]) => pattern.test(name))?.[0];
    if (key === undefined) unmapped.push(name);
    else entries.set(name, map[key] as Value);
  }
  return { entries: Object.fromEntries(entries), unmapped };
}

const patternOf = (key: string): RegExp => new RegExp(`^${key.split('*').map(literally).join('.*')}$`, 'isu');

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** The map without its patterns, for machines of which nobody knows what they use. */
export const exactKeys = <Value>(map: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !key.includes('*')));

/** Both maps in one; the entries of `over` count. */
export const merged = <Value>(
  under: Readonly<Record<string, Value>> | JsonObject | undefined,
  over: Readonly<Record<string, Value>> | JsonObject | undefined,
): Readonly<Record<string, Value>> => ({ ...under, ...over }) as Readonly<Record<string, Value>>;
