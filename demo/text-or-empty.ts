/** The value if it is a string, else an empty string. */
export const textOrEmpty = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Texts of a list; empty for anything but a list. */
export const textsOrEmpty = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
