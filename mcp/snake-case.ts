/** How this face spells the name of a field: `transferId` is `transfer_id`. */
export const spell = (name: string): string =>
  name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);

/** Input under the names of this face. */
export const spelled = (input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [spell(name), value]));
