/** What a figure must not exceed, or must at least reach. */
export interface Budget {
  readonly limit: number;
  readonly sense: 'at most' | 'at least';
}

/** One line of the result. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** With its unit: "logins", "× its speed", "MiB". */
  readonly unit: string;
  /** Against what it was measured, and how. */
  readonly against: string;
  /** Absent: a figure for information. */
  readonly budget?: Budget;
}

/** A measurement that yields one or a few figures. */
export interface Benchmark {
  readonly name: string;
  /** For the person who waits. */
  readonly title: string;
  readonly run: () => Promise<readonly Figure[]>;
}

export const atMost = (limit: number): Budget => ({ limit, sense: 'at most' });
export const atLeast = (limit: number): Budget => ({ limit, sense: 'at least' });

/** Three significant digits, counts in full. */
const written = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(3)));

function verdict(value: number, { limit, sense }: Budget): string {
  const holds = sense === 'at most' ? value <= limit : value >= limit;
  return `budget: ${sense} ${written(limit)}, ${holds ? 'holds' : 'MISSED'}`;
}

/** `name: value unit (against what); budget: at most 6, holds`. */
export function describeFigure({ name, value, unit, against, budget }: Figure): string {
  const line = `${name}: ${written(value)} ${unit} (${against})`;
  return budget === undefined ? line : `${line}; ${verdict(value, budget)}`;
}

/** The middle of some values; the mean of the two in the middle when they are even in number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}
