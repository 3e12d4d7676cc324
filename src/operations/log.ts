import { InvalidInputError, NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { choice, duration, number, reference, text } from '../vocabulary/field-constructors';
import { splitLines, SeverityTracker, SEVERITIES, type LogLine } from '../model/log-line';
import { parseMomentInput } from '../fields/moment-input';
import { defineList, defineOperation } from '../operation';
import { downloadLog, listLogs, tailLogs, type Tail } from '../resources/log';
import { key, view } from '../vocabulary/result-keys';

const list = defineList({
  resource: 'log',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_logs',
  summary: 'List the logs of Coriolis components',
  description: 'Their names are what downloads and tails take.',
  effect: 'read',
  input: {},
  output: view<{ readonly name: string }>()({ name: key.text('Log name', { untrusted: true }) }),
  result: { whole: true },
  position: ({ name }) => name,
  async *run(coriolis, _input, { after }) {
    const { names } = await listLogs(coriolis);
    for (const name of names) if (after === undefined || name > after) yield { name };
  },
});

/** A line of a log with its paging position: the requested period (unix seconds) and the line number in it. */
interface NumberedLine extends LogLine {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

const download = defineList({
  resource: 'log',
  name: 'download',
  title: 'Download',
  tool: 'download_log',
  summary: 'Download the lines of a log, oldest first',
  description: 'Needs an admin role.',
  effect: 'read',
  input: {
    log: reference('log', 'Log', 'Name of the log.', { placeholder: 'coriolis-worker' }),
    start: text(
      'Start',
      'Unix seconds, ISO time (UTC without a zone) or a period back from now: 10s, 5m, 2h, 1d, 1w; default 1h.',
      { optional: true, placeholder: '2h' },
    ),
    end: text('End', 'As Start; now by default.', { optional: true }),
    search: text('Search', 'Only lines with this text, in either case.', { optional: true }),
  },
  output: view<NumberedLine>()({
    number: key.number('Line number in the period'),
    severity: key.text('Its level word, or that of the line it follows', { nullable: true }),
    line: key.text('The line', { untrusted: true }),
  }),
  result: { whole: true },
  position: ({ from, to, number: at }) => `${from}-${to}-${at}`,
  async *run(coriolis, { log, start, end, search }, { after }) {
    const { names, now } = await listLogs(coriolis);
    const begun = after === undefined ? undefined : parsePosition(after);
    const from = begun?.from ?? parseMomentInput('start', start ?? '1h', now);
    // The `Date` header has whole seconds, so this second may not be over.
    const to =
      begun?.to ?? (end === undefined ? Math.floor(now / 1000) + 1 : parseMomentInput('end', end, now));
    if (from > to) {
      throw new InvalidInputError('The period ends before it starts.', {
        field: 'end',
        advice: 'Give an end after the start, or none for now.',
      });
    }
    const { text: whole } = await downloadLog(coriolis, log, from, to);
    // The service returns an empty log for an unknown name (recordings/logger).
    if (whole === '' && !names.includes(log)) throw unknownLog(log, names);
    const needle = search?.toLowerCase();
    const reader = new SeverityTracker();
    let at = 0;
    for (const text_ of splitLines(whole)) {
      const line = reader.read(text_);
      at += 1;
      if (begun !== undefined && at <= begun.number) continue;
      if (needle !== undefined && !text_.toLowerCase().includes(needle)) continue;
      yield { ...line, number: at, from, to };
    }
  },
});

function parsePosition(position: string): {
  readonly from: number;
  readonly to: number;
  readonly number: number;
} {
  const [, from, to, at] = /^(\d+)-(\d+)-(\d+)$/.exec(position) ?? [];
  if (from === undefined) {
    throw new InvalidInputError(`"${position}" is no position in a log.`, {
      advice: 'Pass on the position of the earlier page unchanged.',
    });
  }
  return { from: Number(from), to: Number(to), number: Number(at) };
}

const unknownLog = (log: string, names: readonly string[]): NotFoundError =>
  new NotFoundError(`There is no log "${log}".`, {
    advice: `There are ${names.length === 0 ? 'none yet' : names.slice(0, 20).join(', ')}.`,
  });

const tail = defineOperation({
  resource: 'log',
  name: 'tail',
  title: 'Tail',
  form: { action: 'Follow a log' },
  tool: 'tail_log',
  summary: 'Watch new lines of one log or all logs for a while',
  description: 'Ends after so many seconds or lines. Needs an admin role.',
  effect: 'read',
  wait: { timeoutInput: 'seconds' },
  input: {
    log: reference('log', 'Log', 'Name of the log; all logs when left out.', { optional: true }),
    severity: choice(
      'Severity',
      'Only lines at least as grave.',
      SEVERITIES.map((value) => ({ value, title: value.charAt(0) + value.slice(1).toLowerCase() })),
      { default: 'INFO' },
    ),
    seconds: duration('Duration', 'How long to watch.', { default: 30, minimum: 1, maximum: 3600 }),
    lines: number('Lines', 'Stop after so many lines.', { default: 100, minimum: 1, maximum: 10_000 }),
  },
  output: view<Tail>()({
    lines: key.rows('New lines', {
      log: key.text('Log name', { untrusted: true }),
      severity: key.text('Level word', { nullable: true }),
      line: key.text('The line', { untrusted: true }),
    }),
    ended_by: key.text('lines or seconds', ({ endedBy }: Tail) => endedBy),
  }),
  async run(coriolis: Coriolis, { log, severity: least, seconds, lines }) {
    const { names, now } = await listLogs(coriolis);
    if (log !== undefined && !names.includes(log)) throw unknownLog(log, names);
    return await tailLogs(coriolis, log === undefined ? names : [log], { least, seconds, lines, now });
  },
});

export const logOperations = [list, download, tail] as const;
