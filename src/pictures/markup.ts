import { quoteText, toSingleLine, truncate } from '../model/untrusted-text';

/** Escaped SVG or HTML, which is safe to insert. Only the functions of this file make it. */
export interface Markup {
  readonly markup: string;
}

/** Content of an element: markup is inserted unchanged, texts and numbers are escaped, null and undefined are omitted. */
export type ElementContent = Markup | string | number | null | undefined | readonly ElementContent[];

/** Attributes of an element; those that are null or undefined are omitted. */
export type ElementAttributes = Readonly<Record<string, string | number | null | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  ']': '&#93;',
};

/**
 * Escapes text for the content of elements and for attributes. It also breaks links and pictures of Markdown, because
 * models read pages as text. Secrets are masked and invisible characters removed before, because masking would not
 * recognise escaped names and quotes. A blank at either end is kept, because it may separate a word from the next
 * element.
 */
function escapeText(text: string): string {
  const shown = quoteText(text, Infinity).replace(
    /[&<>"']|\](?=\()/g,
    (character) => ENTITIES[character] ?? '',
  );
  if (shown === '') return shown;
  return `${/^\s/u.test(text) ? ' ' : ''}${shown}${/\s$/u.test(text) ? ' ' : ''}`;
}

const join = (content: ElementContent): string => {
  if (content === null || content === undefined) return '';
  if (Array.isArray(content)) return (content as readonly ElementContent[]).map(join).join('');
  if (typeof content === 'object') return (content as Markup).markup;
  return escapeText(String(content));
};

/** Joins content into one markup. */
export const joinMarkup = (...content: readonly ElementContent[]): Markup => ({ markup: join(content) });

/** HTML elements that have no end tag. */
const VOID_ELEMENTS = new Set(['meta', 'br', 'hr', 'col']);

/** Makes an element. Names of elements and attributes are not escaped: they must be constants. */
export function makeElement(
  name: string,
  attributes: ElementAttributes = {},
  ...content: readonly ElementContent[]
): Markup {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) =>
      value === null || value === undefined ? [] : [` ${key}="${escapeText(String(value))}"`],
    )
    .join('');
  return {
    markup: VOID_ELEMENTS.has(name) ? `<${name}${written}>` : `<${name}${written}>${join(content)}</${name}>`,
  };
}

/** Rounds a coordinate to two decimals, so that equal data gives equal bytes everywhere. */
export const roundCoordinate = (value: number): number => Math.round(value * 100) / 100;

/** Estimated width of a character as a fraction of the font size. */
const characterWidth = (character: string): number => {
  if (
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
  )
    return 1;
  if ((character.codePointAt(0) ?? 0) > 0xffff) return 1.2;
  if (/[iljt.,:;|!'()[\] ]/u.test(character)) return 0.34;
  if (/[A-ZmwMW@%]/u.test(character)) return 0.76;
  return 0.58;
};

/** Estimated width of a text in pixels. */
export const estimateTextWidth = (text: string, fontSize: number): number =>
  [...text].reduce((sum, character) => sum + characterWidth(character), 0) * fontSize;

/** Cleans a text and truncates it to a width in pixels, with an ellipsis. */
export function fitText(text: string, width: number, fontSize: number): string {
  const whole = toSingleLine(text);
  if (estimateTextWidth(whole, fontSize) <= width) return whole;
  let length = whole.length;
  while (length > 1 && estimateTextWidth(truncate(whole, length), fontSize) > width) length -= 1;
  return truncate(whole, length);
}

/**
 * Cleans a text and breaks it between words into lines of at most a width in pixels. A word that is wider than a line
 * stands on a line of its own, cut with an ellipsis.
 */
export function wrapText(text: string, width: number, fontSize: number): readonly string[] {
  const lines: string[] = [];
  for (const word of toSingleLine(text).split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && estimateTextWidth(longer, fontSize) <= width) lines[lines.length - 1] = longer;
    else lines.push(fitText(word, width, fontSize));
  }
  return lines;
}
