import { isObject, type JsonObject } from '../../src/model/json';
import { truncate, stripInvisible } from '../../src/model/untrusted-text';
import { estimateTokens } from './estimate-tokens';

/** Maximum sizes inside a value. */
interface Limits {
  readonly textLength: number;
  readonly items: number;
  readonly depth: number;
}

/** Limits from generous to strict. The first with which the value fits its budget are used. */
const limitSteps: readonly Limits[] = [
  { textLength: 2000, items: Infinity, depth: 40 },
  { textLength: 500, items: 50, depth: 12 },
  { textLength: 300, items: 20, depth: 8 },
  { textLength: 200, items: 10, depth: 6 },
  { textLength: 120, items: 5, depth: 4 },
  { textLength: 80, items: 2, depth: 3 },
  { textLength: 60, items: 1, depth: 2 },
];

/** A value that fits a token budget, and whether parts of it were left out. */
export interface FittedValue<Value> {
  readonly value: Value;
  readonly truncated: boolean;
}

export const estimateJsonTokens = (value: JsonObject): number => estimateTokens(JSON.stringify(value));

/**
 * Copies a value for a model, without invisible characters. Nulls are left out, because a missing key means the same.
 * Texts, lists and depth are cut as far as the token budget demands.
 *
 * @param tokens budget, as `estimateTokens` counts
 */
export function fitToTokenBudget(value: JsonObject, tokens: number): FittedValue<JsonObject> {
  let truncated = false;
  let fitted: JsonObject = {};
  for (const limits of limitSteps) {
    truncated = false;
    fitted = compactObject(value, limits, () => (truncated = true));
    if (estimateJsonTokens(fitted) <= tokens) return { value: fitted, truncated };
  }
  // The value has too many keys: keep those that still fit, beginning with the first, which matter most.
  const kept: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(fitted)) {
    if (estimateJsonTokens({ ...kept, [key]: entry }) <= tokens) kept[key] = entry;
  }
  return { value: kept, truncated: true };
}

function compactObject(value: JsonObject, limits: Limits, cutDown: () => void): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => {
      const compacted = compact(entry, { ...limits, depth: limits.depth - 1 }, cutDown);
      return compacted === undefined ? [] : [[stripInvisible(key), compacted]];
    }),
  );
}

function compact(value: unknown, limits: Limits, cutDown: () => void): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') {
    const seen = stripInvisible(value);
    if (seen.length > limits.textLength) cutDown();
    return truncate(seen, limits.textLength);
  }
  if (typeof value !== 'object') return value;
  if (limits.depth <= 0) {
    cutDown();
    return undefined;
  }
  if (Array.isArray(value)) {
    if (value.length > limits.items) cutDown();
    return value
      .slice(0, limits.items)
      .map((entry: unknown) => compact(entry, { ...limits, depth: limits.depth - 1 }, cutDown))
      .filter((entry) => entry !== undefined);
  }
  return isObject(value) ? compactObject(value, limits, cutDown) : undefined;
}
