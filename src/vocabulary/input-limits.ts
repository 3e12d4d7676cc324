/**
 * Maximum sizes of input. They are far above normal use, and low enough to be checked quickly. Schemas of tools do not
 * state them; `readInput` refuses larger values before any other check.
 */
export const INPUT_LIMITS = {
  /** Characters of a text of one line. */
  text: 65_536,
  /** Characters of a text of several lines, such as a table. */
  longText: 4 * 1024 * 1024,
  /** Characters of an id or a name. */
  reference: 1_024,
  /** Entries of a list, and pairs of a map. */
  entries: 1_000,
  /** Rows of a table. */
  rows: 20_000,
  /** Values in an object, at all its levels. */
  values: 20_000,
  /** Values in all rows of a table. */
  rowValues: 1_000_000,
  /** Levels of nesting in an object. Deeper recursion could exhaust the stack. */
  levels: 100,
} as const;

/**
 * Describes the limit that a value exceeds; undefined when it exceeds none. Stops at the first excess, so the time is
 * limited however large the value is.
 * @param values maximum number of values in it, at all levels
 * @param characters maximum number of characters in all its texts and keys
 */
export function describeExcess(value: unknown, values: number, characters: number): string | undefined {
  let left = values;
  let room = characters;
  const visit = (part: unknown, levels: number): string | undefined => {
    left -= 1;
    if (typeof part === 'string') room -= part.length;
    if (left < 0) return `has more than ${values} values, and no more are accepted`;
    if (room < 0) return `has more than ${characters} characters, and no more are accepted`;
    if (typeof part !== 'object' || part === null) return undefined;
    if (levels === 0) return `is nested deeper than ${INPUT_LIMITS.levels} levels`;
    for (const key in part) {
      room -= key.length;
      const excess = visit((part as Readonly<Record<string, unknown>>)[key], levels - 1);
      if (excess !== undefined) return excess;
    }
    return undefined;
  };
  return visit(value, INPUT_LIMITS.levels);
}
