import { InvalidInputError } from '../../../src/api/errors';
import type { EnvironmentVariables } from '../../../src/api/login-settings';

/**
 * Reads the assignments of an openrc file, a shell script, without running it. Other commands (`if`, `for`, `echo`,
 * `read`) are skipped.
 */

/** An assignment of bash (`export A=b`), cmd (`set A=b`) or PowerShell (`$env:A = "b"`). */
const assignment = /^\s*(?:(?:export|declare\s+-x|set)\s+|\$env:)?([A-Za-z_]\w*)\s?=\s?/u;
const removal = /^\s*unset\s+([\w\s]+)/u;

/** Whether a text is an openrc file and not a `clouds.yaml`. */
export const isOpenrc = (text: string): boolean =>
  /(?:^|[\s;:])(?:OS|CORIOLIS)_[A-Z_]+\s?=/u.test(text) && !/^\s*clouds\s*:/mu.test(text);

/**
 * Reads the variables that an openrc file sets. A variable that the script would ask for at a prompt is
 * not set; Horizon's openrc asks so for the password.
 * @throws {InvalidInputError} the text has lost its line ends, or a value uses a variable that the text does not set
 */
export function readOpenrc(text: string): EnvironmentVariables {
  if (/^\s*#[^\r\n]*\s(?:export\s+)?OS_\w+=[^\r\n]*$/u.test(text)) {
    throw new InvalidInputError(
      'The pasted text has lost its line ends, so a comment hides what follows it',
      {
        advice: 'Paste it without its comments, or fill in the fields.',
      },
    );
  }
  const variables: Record<string, string> = {};
  for (const line of text.split(/\r?\n/u)) {
    const removed = removal.exec(line)?.[1];
    if (removed !== undefined) for (const name of removed.trim().split(/\s+/u)) delete variables[name];
    readLine(line, variables);
  }
  return variables;
}

/**
 * Reads the assignments of a line into `variables`. A line may have several, with blanks or semicolons between them.
 */
function readLine(line: string, variables: Record<string, string>): void {
  let rest = line;
  for (let found = assignment.exec(rest); found !== null; found = assignment.exec(rest)) {
    const [head, name = ''] = found;
    const word = readWord(rest.slice(head.length), name, variables);
    if (word.value === undefined) delete variables[name];
    else variables[name] = word.value;
    rest = rest.slice(head.length + word.length).replace(/^[\s;]+/u, '');
  }
}

interface Word {
  /** Value of the word; undefined when it consists of a variable that the text does not set. */
  readonly value: string | undefined;
  /** Length of the word in the text, in characters. */
  readonly length: number;
}

/** A part of a word: `'…'`, `"…"`, an escaped character, a variable, or other characters. */
const part = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|\$\{?(\w+)\}?|([^\s;'"\\$]+|\$))/su;

function readWord(text: string, name: string, variables: EnvironmentVariables): Word {
  let value = '';
  let length = 0;
  let unset: string | undefined;
  const valueOf = (variable: string): string => {
    if (variables[variable] === undefined) unset = variable;
    return variables[variable] ?? '';
  };
  for (let found = part.exec(text); found !== null; found = part.exec(text.slice(length))) {
    const [whole, single, double, escaped, variable, plain] = found;
    length += whole.length;
    value += single ?? escaped ?? plain ?? (variable === undefined ? '' : valueOf(variable));
    if (double !== undefined) value += quoted(double, valueOf);
  }
  if (unset === undefined) return { value, length };
  if (value === '') return { value: undefined, length };
  throw new InvalidInputError(`${name} in the pasted text uses $${unset}, which the text does not set`, {
    advice: `Write the value into the text in the place of $${unset}.`,
  });
}

/** Text in double quotes, with its escapes and variables replaced. */
const quoted = (text: string, valueOf: (variable: string) => string): string =>
  text.replace(
    /\\([$`"\\])|\$\{?(\w+)\}?/gu,
    (_, escaped: string | undefined, variable: string | undefined) => escaped ?? valueOf(variable ?? ''),
  );
