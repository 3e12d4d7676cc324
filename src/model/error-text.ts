import { maskSecrets, truncate, quoteText, TERMINAL_SEQUENCE } from './untrusted-text';

/**
 * The error text of a failed task or an event, in the forms that the diagnosis needs (docs/reference/known-errors.md
 * §1.3).
 */
export interface ErrorText {
  /** Text for matching: the original error in one line, with class names. Never shown to anybody. */
  readonly textToMatch: string;
  /** Text for people: the original error without class names, secrets masked, at most 300 characters. Untrusted. */
  readonly textToShow: string;
  /** Id of the task whose failure ended a clustered execution, when the text only reports that failure; else null. */
  readonly peerTaskId: string | null;
  /** Texts that Coriolis put around the original error, outermost first; empty when there were none. */
  readonly wrappers: readonly ErrorTextWrapper[];
}

/**
 * Kind of text that Coriolis puts around an original error. `debugging`: OS morphing failed and its resources are kept
 * for inspection. `peer`: another task of the cluster failed. `cleanup`: a clean-up task failed. `canceled` and
 * `force_canceled`: the task was canceled. `late`: the worker answered too late. `other`: a validation, a minion pool
 * or the message queue reported the error.
 */
export type ErrorTextWrapper =
  'debugging' | 'peer' | 'cleanup' | 'canceled' | 'force_canceled' | 'late' | 'other';

const SHOWN_LENGTH = 300;
/** Length of the server's database column for error texts. Longer input is cut off. */
const MAX_LENGTH = 65_535;
const MAX_WRAPPERS = 8;

/** Pattern for the beginning of each wrapper, and pattern for the words directly before the original error in it. */
const WRAPPERS: ReadonlyArray<{
  readonly wrapper: ErrorTextWrapper;
  readonly begins: RegExp;
  readonly before: RegExp;
}> = [
  {
    wrapper: 'debugging',
    begins: /^An error has occurr?ed during OSMorphing/,
    before: /Original error was: /,
  },
  { wrapper: 'peer', begins: /^Aborted: peer task '/, before: /Original error: / },
  { wrapper: 'cleanup', begins: /^This is a cleanup task so/, before: /encountered an error: / },
  {
    wrapper: 'force_canceled',
    begins: /^This task was force-cancelled but ended up/,
    before: /error details were: /,
  },
  {
    wrapper: 'late',
    begins: /^The worker service for this task \(/,
    before: /error details were: |following details: /,
  },
  { wrapper: 'late', begins: /^Error confirmation came in for this task/, before: /confirmation was: / },
  { wrapper: 'canceled', begins: /^This task was user-cancelled\./, before: /worker service: / },
  {
    wrapper: 'force_canceled',
    begins: /^This task was force-cancelled\. Confirmation/,
    before: /on the cancellation: /,
  },
  {
    wrapper: 'force_canceled',
    begins: /^This task was force-canceled at user request\./,
    before: /cancellation were: /,
  },
  { wrapper: 'other', begins: /^An unexpected connection validation exception/, before: /: / },
  {
    wrapper: 'other',
    begins: /^Failure occurred for one or more operations on minion pool/,
    before: /Error message for task '[^'\n]{0,300}': /,
  },
  { wrapper: 'other', begins: /^Remote error: /, before: /^Remote error: \S+ / },
];

const TYPOGRAPHIC_SINGLE = /[\u2018\u2019\u201a\u201b]/g;
const TYPOGRAPHIC_DOUBLE = /[\u201c\u201d\u201e\u201f]/g;
const CLASS_PREFIX = /^(?:[A-Za-z_]\w{0,80}\.){0,8}(?:[A-Z]\w{0,80}): /;

function unquoted(text: string): string {
  const [first, last] = [text.at(0), text.at(-1)];
  return text.length > 1 && first === last && (first === "'" || first === '"') ? text.slice(1, -1) : text;
}

/** Message of a remote error without the stack trace that follows it as a printed Python list. */
const withoutTrace = (text: string): string => text.replace(/\s*\[u?'Traceback[\s\S]*$/, '');

function lastLineOfTrace(text: string): string {
  if (!text.includes('Traceback (most recent call last)')) return text;
  return text.split('\n').findLast((line) => /^\S/.test(line)) ?? text;
}

/**
 * Finds the original error in an error text: removes what Coriolis and its message queue put around it. Null when there
 * is no text.
 */
export function readErrorText(raw: string | null | undefined): ErrorText | null {
  let text = (raw ?? '')
    .slice(0, MAX_LENGTH)
    .replace(/\r\n?/g, '\n')
    .replace(TERMINAL_SEQUENCE, '')
    .replace(TYPOGRAPHIC_SINGLE, "'")
    .replace(TYPOGRAPHIC_DOUBLE, '"')
    .trim();
  if (text === '') return null;

  const wrappers: ErrorTextWrapper[] = [];
  let peerTaskId: string | null = null;
  for (let round = 0; round < MAX_WRAPPERS; round++) {
    const wrapper = WRAPPERS.find(({ begins }) => begins.test(text));
    const before = wrapper?.before.exec(text);
    if (wrapper === undefined || before === null || before === undefined) break;
    wrappers.push(wrapper.wrapper);
    if (wrapper.wrapper === 'peer')
      peerTaskId = /^Aborted: peer task '([\w-]{1,64})'/.exec(text)?.[1] ?? null;
    text = unquoted(withoutTrace(text.slice(before.index + before[0].length)).trim());
  }
  const words = lastLineOfTrace(text);
  // Secrets are masked before the lines are joined, because a multi-line secret is recognised by its line breaks.
  return {
    textToMatch: oneLine(words),
    textToShow: shownText(oneLine(maskSecrets(words))),
    peerTaskId,
    wrappers,
  };
}

const oneLine = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\b([A-Za-z]\w{0,80})_Remote\b/g, '$1');

function shownText(line: string): string {
  let text = line;
  for (let round = 0; round < MAX_WRAPPERS && CLASS_PREFIX.test(text); round++) {
    text = text.replace(CLASS_PREFIX, '');
  }
  text = text.replace(/^(?:Invalid input received: )+/, '');
  return quoteText(text === '' ? truncate(line, SHOWN_LENGTH) : text, SHOWN_LENGTH);
}

/**
 * Beginnings of texts that report the consequence of another failure, not a cause (docs/reference/known-errors.md §1.1,
 * rule 6).
 */
const CONSEQUENCES =
  /^(?:Unscheduled due to|This task was unscheduled|This task was already pending|This is a cleanup task so it|Task will be marked as cancelled|Unable to find process)/;

/** Whether a text only reports that another task failed or that a user canceled. */
export function isConsequence(text: ErrorText): boolean {
  return CONSEQUENCES.test(text.textToMatch);
}
