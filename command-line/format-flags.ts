import type { Flag, FlagGroup } from './flags';

const WIDTH = 80;
const COLUMN = 24;

/** Formats the flags for `--help`: a title, then each flag with its meaning. */
export const formatFlagsAsHelp = (groups: readonly FlagGroup[]): string =>
  groups
    .map(({ title, flags }) => {
      const rows = Object.entries(flags).map(
        ([name, flag]) => [usageOf(name, flag), meaningOf(flag)] as const,
      );
      return `${title}:\n${formatTwoColumns(rows)}`;
    })
    .join('\n\n');

/** Formats names and their meanings in two columns. */
export const formatTwoColumns = (rows: ReadonlyArray<readonly [name: string, meaning: string]>): string =>
  rows.map(([name, meaning]) => helpRow(name, meaning)).join('\n');

/** Formats the flags as a Markdown table. */
export function formatFlagsAsMarkdown(groups: readonly FlagGroup[]): string {
  const rows = groups.flatMap(({ flags }) =>
    Object.entries(flags).map(
      ([name, flag]) => `| \`${usageOf(name, flag)}\` | ${meaningOf(flag).replaceAll('|', '\\|')} |`,
    ),
  );
  return ['| Option | Meaning |', '| --- | --- |', ...rows].join('\n');
}

const usageOf = (name: string, { argument, short }: Flag): string =>
  `--${name}${short === undefined ? '' : `, -${short}`}${argument === undefined ? '' : ` <${argument}>`}`;

function meaningOf({ explanation, default: value, whenAbsent: otherwise = value, repeatable }: Flag): string {
  const more = repeatable === true ? '; may be repeated' : '';
  return `${explanation}${more}${otherwise === undefined ? '' : ` (default: ${otherwise})`}`;
}

function helpRow(name: string, meaning: string): string {
  const lines = wrap(meaning, WIDTH - COLUMN);
  const indent = ' '.repeat(COLUMN);
  const first = `  ${name}`;
  const fits = first.length < COLUMN - 1;
  const head = fits ? `${first.padEnd(COLUMN)}${lines.shift() ?? ''}` : first;
  return [head, ...lines.map((line) => `${indent}${line}`)].join('\n');
}

/** Wraps a text into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
