/**
 * Maximum input sizes: far above normal use, low enough to check quickly. Schemas of tools leave them out;
 * `readInput` refuses larger values before it checks anything else.
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
  /** Levels of an object. Recursion on more could exhaust the stack. */
  levels: 100,
} as const;

/**
 * Describes the maximum that a value exceeds; undefined when it exceeds none. Stops after `values` values, however
 * large the whole value is.
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
