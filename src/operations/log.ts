import { choice, duration, number, reference, text } from '../vocabulary/field-constructors';
import { SEVERITIES } from '../model/log-line';
import { defineListOperation, defineOperation } from '../operation';
import {
  downloadLogLines,
  fetchLogNames,
  logLinePositionOf,
  logLineView,
  logTailView,
  logView,
  tailLogs,
} from '../resources/log';

const list = defineListOperation({
  resource: 'log',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_logs',
  summary: 'List the logs of Coriolis components',
  description: 'Download and tail take these names.',
  effect: 'read',
  input: {},
  output: logView,
  result: { whole: true },
  position: ({ name }) => name,
  async *run(coriolis, _input, { after }) {
    const { names } = await fetchLogNames(coriolis);
    for (const name of names) if (after === undefined || name > after) yield { name };
  },
});

const download = defineListOperation({
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
      'Start: unix seconds, ISO time (UTC without a zone) or a period back from now: 10s, 5m, 2h, 1d, 1w; default 1h.',
      { optional: true, placeholder: '2h' },
    ),
    end: text('End', 'End, in the formats of the start; now by default.', { optional: true }),
    search: text('Search', 'Only lines with this text, ignoring case.', { optional: true }),
  },
  output: logLineView,
  result: { whole: true },
  position: logLinePositionOf,
  run: (coriolis, { log, start, end, search }, { after }) =>
    downloadLogLines(coriolis, log, { start, end, search }, after),
});

const tail = defineOperation({
  resource: 'log',
  name: 'tail',
  title: 'Tail',
  form: { action: 'Follow a log' },
  tool: 'tail_log',
  summary: 'Watch new lines of one log or all logs for a while',
  description: 'Ends after the given seconds or lines. Needs an admin role.',
  effect: 'read',
  wait: { timeoutInput: 'seconds' },
  input: {
    log: reference('log', 'Log', 'Name of the log; all logs when left out.', { optional: true }),
    severity: choice(
      'Severity',
      'Only lines of at least this severity.',
      SEVERITIES.map((value) => ({ value, title: value.charAt(0) + value.slice(1).toLowerCase() })),
      { default: 'INFO' },
    ),
    seconds: duration('Duration', 'How long to watch.', { default: 30, minimum: 1, maximum: 3600 }),
    lines: number('Lines', 'Maximum number of lines.', { default: 100, minimum: 1, maximum: 10_000 }),
  },
  output: logTailView,
  run: (coriolis, { log, severity, seconds, lines }) =>
    tailLogs(coriolis, log, { least: severity, seconds, lines }),
});

export const logOperations = [list, download, tail] as const;
