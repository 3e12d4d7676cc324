/** `value` if it is a text, else an empty text. */
export const textOrEmpty = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The texts in `value` if it is a list, else none. */
export const textsOrNone = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
