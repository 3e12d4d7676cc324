import { readFileSync } from 'node:fs';
import { formatDemoResult } from '../../demo/format-demo-result';
import { writeEstatePage } from '../../demo/estate-page';
import { startSandbox } from '../../sandbox/sandbox';
import { connect } from '../support/coriolis';

test('the demo ends with the path of a page with pictures', async () => {
  const sandbox = await startSandbox();
  const page = await writeEstatePage(connect(sandbox)).finally(() => sandbox.stop());

  expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[^]*<svg /u);
  const shown = formatDemoResult({ mode: 'sandbox', ok: true, problems: [], seconds: 1, page });
  const [last, before] = shown
    .split('\n')
    .filter((line) => line !== '')
    .reverse();
  expect(last).toContain('Everything worked');
  expect(before).toContain(page);
});
