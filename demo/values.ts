/** A text of a JSON object; empty when it is none. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The texts of a list in a JSON object. */
export const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
