type JsonObject = Record<string, unknown>;

/**
 * Compares the keys and JSON types of a value with those of recorded examples of it.
 *
 * One example is exact: same keys, same types, all the way down. Where several examples exist (the elements of an array), a key may be missing only if
 * it is missing in one of them, and a value may have the type it has in any of them. An array is empty only if a recorded one is.
 * @param path where the value is, for the messages
 * @returns what differs, empty when nothing does
 */
export function shapeDifferences(examples: readonly unknown[], actual: unknown, path: string): string[] {
  const types = [...new Set(examples.map(typeName))];
  const type = typeName(actual);
  if (!types.includes(type))
    return [`${path}: recorded ${types.join(' or ')}, got ${type} ${excerpt(actual)}`];
  if (Array.isArray(actual)) return arrayDifferences(examples.filter(Array.isArray), actual, path);
  if (isObject(actual)) return objectDifferences(examples.filter(isObject), actual, path);
  return [];
}

function arrayDifferences(
  examples: readonly unknown[][],
  actual: readonly unknown[],
  path: string,
): string[] {
  const elements = examples.flat();
  if (actual.length === 0) {
    return examples.some((example) => example.length === 0) ? [] : [`${path}: recorded elements, got none`];
  }
  if (elements.length === 0) return [`${path}: recorded no elements, got ${excerpt(actual)}`];
  return [...new Set(actual.flatMap((element) => shapeDifferences(elements, element, `${path}[]`)))];
}

function objectDifferences(examples: readonly JsonObject[], actual: JsonObject, path: string): string[] {
  const known = new Set(examples.flatMap((example) => Object.keys(example)));
  const differences = Object.keys(actual)
    .filter((key) => !known.has(key))
    .map((key) => `${path}.${key}: not recorded, got ${excerpt(actual[key])}`);
  for (const key of known) {
    const having = examples.filter((example) => key in example);
    if (key in actual) {
      const recorded = having.map((example) => example[key]);
      differences.push(...shapeDifferences(recorded, actual[key], `${path}.${key}`));
    } else if (having.length === examples.length) {
      differences.push(`${path}.${key}: recorded, missing`);
    }
  }
  return differences;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function excerpt(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120);
}
