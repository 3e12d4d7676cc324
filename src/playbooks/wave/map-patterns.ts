import type { JsonObject } from '../../model/json';

/** Result of applying a map to the names that a machine uses. */
export interface MappedNames<Value> {
  /** Map entries for the names in use. The keys are these names, not patterns. */
  readonly entries: Readonly<Record<string, Value>>;
  /** Names in use for which the map has no entry. */
  readonly unmapped: readonly string[];
}

/** Applies a map whose keys may be patterns ("VLAN 2*"). The exact name wins, else the longest matching pattern. */
export function applyMapWithPatterns<Value>(
  map: Readonly<Record<string, Value>>,
  used: readonly string[],
): MappedNames<Value> {
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

const patternOf = (key: string): RegExp =>
  new RegExp(`^${key.split('*').map(escapeRegExp).join('.*')}$`, 'isu');

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * The map without its patterns, for machines whose networks or disks are unknown, so that no pattern can be applied.
 */
export const withoutPatterns = <Value>(
  map: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !key.includes('*')));

/** Merges two maps. Entries of `over` replace those of `under`. */
export const mergeMaps = <Value>(
  under: Readonly<Record<string, Value>> | JsonObject | undefined,
  over: Readonly<Record<string, Value>> | JsonObject | undefined,
): Readonly<Record<string, Value>> => ({ ...under, ...over }) as Readonly<Record<string, Value>>;

/** Merges two environments. Options of `over` replace those of `under`. Undefined when neither is given. */
export const mergeEnvironments = (
  under: JsonObject | undefined,
  over: JsonObject | undefined,
): JsonObject | undefined => (under === undefined && over === undefined ? undefined : { ...under, ...over });
