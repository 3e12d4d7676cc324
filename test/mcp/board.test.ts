import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawResult } from '../../mcp/apps/board/draw-result';
import { startUser } from './support/client';
import { bare } from './support/server';

/** The board for hosts that draw: what it draws, and how hosts come to it. test/e2e/board-app.test.ts has it in a browser. */

const NOW = '2026-11-29T01:00:00Z';

const RESULTS = {
  estate: {
    as_of: NOW,
    transfers_by_status: { COMPLETED: 3, ERROR: 1, RUNNING: 1 },
    deployments_by_status: {},
    running: [{ kind: 'transfer', name: 'db-01', status: 'RUNNING', percent: 40 }],
    attention: ['1 failed within 24 h: diagnose before the next run.'],
  },
  wave: {
    as_of: NOW,
    waves: ['Wave 1'],
    goal: 'cut_over',
    outcome: 'going_on',
    rows: [
      { machine: 'web-01', stage: 'syncing', percent: 30, eta_seconds: 90 },
      { machine: 'web-02', stage: 'copied', waits_for: 'gate' },
      { machine: 'web-03', stage: 'failed', why: 'quota exceeded' },
    ],
  },
  'runs that are waited for': {
    done: false,
    targets: [{ kind: 'execution', id: 'e1', status: 'RUNNING', percent: 10 }],
  },
  'an execution': { id: 'e1', transfer_id: 't1', number: 1, status: 'ERROR', outcome: 'failed' },
  'the age of copies': {
    as_of: NOW,
    rpo_target_seconds: 3600,
    rows: [
      { name: 'db-01', last_copy_age_seconds: 7200 },
      { name: 'db-02', no_copy_reason: 'never_synced' },
    ],
  },
} as const;

test.each([
  ['estate', true, 'summarize_estate', {}],
  ['wave', true, 'get_wave', { wave: 'Wave 1' }],
  ['runs that are waited for', true, 'wait_for', { timeout_seconds: 1 }],
  ['an execution', false, 'get_execution', { transfer_id: 't1', execution_id: 'e1' }],
  ['the age of copies', false, 'report_rpo', {}],
] as const)('draws %s', (name, isBusy, tool, given) => {
  const drawn = drawResult(RESULTS[name], {}, NOW);

  expect(drawn?.drawing.markup).toMatch(/^<svg /u);
  expect(drawn?.drawing.markup).not.toMatch(/undefined|NaN|\[object/u);
  expect(drawn).toMatchObject({ isBusy, refreshCall: { tool, arguments: given } });
});

test('a machine that is synced is done for a wave of syncs, and waits in one that goes on', () => {
  const wordOf = (row: object) => {
    const { rows: _rows, ...wave } = RESULTS.wave;
    const drawn = drawResult({ ...wave, rows: [{ machine: 'web-01', stage: 'synced', ...row }] }, {}, NOW);
    return /<title>web-01, (\w+)/u.exec(drawn?.drawing.markup ?? '')?.[1];
  };
  expect([wordOf({}), wordOf({ waits_for: 'gate' })]).toEqual(['done', 'waiting']);
});

test.each([{}, { id: 'x' }, { rows: [] }, { waves: null, targets: 'none' }])(
  'draws nothing of %j',
  (result) => {
    expect(drawResult(result, {}, NOW)).toBeUndefined();
  },
);

test('a wait that takes the next steps of migrations is not repeated by a view', () => {
  const drawn = drawResult(RESULTS['runs that are waited for'], { migrations: ['m1'] }, NOW);
  expect(drawn).toMatchObject({ isBusy: true, refreshCall: undefined });
});

test('tools name the board, and only tools that only read refresh it', async () => {
  const user = await startUser({ env: bare, args: ['--allow-destroy', '--toolsets', 'all'] });
  const tools = await user.tools();
  const refreshing = Object.values(RESULTS).map((result) => drawResult(result, {}, NOW)?.refreshCall?.tool);
  for (const name of refreshing) {
    expect(tools.find((tool) => tool.name === name)).toMatchObject({
      _meta: { ui: { resourceUri: 'ui://coriolis/board' } },
    });
  }
  for (const name of refreshing) {
    const { annotations } = tools.find((tool) => tool.name === name) ?? {};
    // A wait for migrations takes their next steps, so it is not repeated; without any it only reads.
    expect([name, name === 'wait_for' || annotations?.['readOnlyHint']]).toEqual([name, true]);
  }
  const [, chapter = ''] = readFileSync(join(__dirname, '../../docs/mcp.md'), 'utf8').split('## The board');
  const drawing = tools.filter((tool) => '_meta' in tool && tool._meta !== undefined).map(({ name }) => name);
  expect(drawing.length).toBeGreaterThan(5);
  expect(drawing.filter((name) => !chapter.includes(`\`${name}\``))).toEqual([]);
  expect(await user.library.read('ui://coriolis/board')).toMatch(/^<!doctype html>/u);
  await user.close();
});
