import { createLog, logFormats } from '../../mcp/observability/log';

/** Lines of the log, whatever the texts in them are: clients choose what some errors quote. */

const HOSTILE = `first\nsecond \u001B[31m\u202E${'x'.repeat(5000)}`;

/** The lines that a log writes about a hostile text, as its message and as a fact. */
function linesIn(format: (typeof logFormats)[number]): readonly string[] {
  const lines: string[] = [];
  const log = createLog('info', format, (line) => lines.push(line));
  log.warn(HOSTILE, { error: HOSTILE, ms: 3, tool: undefined });
  log.debug('below the level');
  return lines;
}

it.each(logFormats)('are one line each, cut and without invisible characters: %s', (format) => {
  const [line = '', ...others] = linesIn(format);
  expect(others).toEqual([]);
  expect(line).toContain('first second');
  expect(line).not.toMatch(/[\n\p{Cf}\p{Cc}]/u);
  expect(line.match(/x+…/gu)?.map((text) => text.length)).toEqual([1987, 1987]);
  expect(line.length).toBeLessThan(4200);
});

it('keep the secrets of what they quote to themselves', () => {
  const lines: string[] = [];
  createLog('info', 'json', (line) => lines.push(line)).info('call failed', {
    error: 'password=hunter2secret',
  });
  expect(lines.join('')).not.toContain('hunter2secret');
});

it('name numbers as numbers, and leave out what is undefined', () => {
  expect(JSON.parse(linesIn('json')[0] ?? '')).toMatchObject({ level: 'warn', ms: 3 });
  expect(linesIn('text')[0]).toMatch(/ ms=3$/u);
  expect(linesIn('json')[0]).not.toContain('tool');
});
