/** Converts a field name for MCP arguments and results: `transferId` becomes `transfer_id`. */
export const toSnakeCase = (name: string): string =>
  name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);

/** Converts the keys of an input to snake case. */
export const toSnakeCaseKeys = (
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [toSnakeCase(name), value]));
