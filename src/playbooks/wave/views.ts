import type { JsonObject } from '../../model/json';
import { redact } from '../../model/redact';
import { FORMAT_TITLES } from '../../model/table/columns';
import { truncate } from '../../model/untrusted';
import type { BoardRow, WaveBoard } from './board';
import { groupBy } from '../group-by';
import type { WavePlan } from './plan';
import type { PlannedRow } from './planned-row';
import { key, view } from '../../vocabulary/result-keys';

/** Views of plans and boards of waves. */

const sum = (values: ReadonlyArray<number | null>): number =>
  Math.round(values.reduce<number>((total, value) => total + (value ?? 0), 0) * 10) / 10;

const isReady = ({ problem }: PlannedRow): boolean => problem === null;

const statusOf = ({ problem, warnings }: PlannedRow): string =>
  problem !== null ? 'blocked' : warnings.length > 0 ? 'ready_with_warnings' : 'ready';

export function planVerdict({ rows, checks }: Pick<WavePlan, 'rows' | 'checks'>): string {
  const isBlocked = checks.some(({ status }) => status === 'blocking') || !rows.some(isReady);
  if (isBlocked) return 'blocked';
  if (!rows.every(isReady)) return 'partly_blocked';
  const isClean =
    rows.every(({ warnings }) => warnings.length === 0) && checks.every(({ status }) => status === 'ok');
  return isClean ? 'ready' : 'ready_with_warnings';
}

const waveKeys = {
  wave: key.text('Name', { untrusted: true }),
  machines: key.number('Rows'),
  blocked: key.number('Rows that cannot be moved'),
  shut_down: key.number('Machines whose source is shut down'),
  disks_gb: key.number('GiB of disks, as far as known'),
};

const aboutWave = (wave: string, rows: readonly PlannedRow[]) => ({
  wave,
  machines: rows.length,
  blocked: rows.filter((row) => !isReady(row)).length,
  shut_down: rows.filter((row) => isReady(row) && row.shutdown).length,
  disks_gb: sum(rows.map(({ gib }) => gib)),
});

/** Steps of a machine in words. */
const stepsOf = ({ existing, passes, shutdown, problem }: PlannedRow): readonly string[] =>
  problem !== null
    ? []
    : [
        ...(existing.kind === 'none' ? ['create'] : []),
        passes === 1 ? 'sync' : `sync x ${passes}`,
        shutdown ? 'final sync (source off)' : 'final sync',
        'deploy',
      ];

const planRow = (row: PlannedRow) => ({
  machine: row.name,
  instance: row.instance,
  wave: row.wave,
  status: statusOf(row),
  messages: row.problem === null ? row.warnings : [row.problem],
  existing: row.existing.kind === 'problem' ? 'none' : row.existing.kind,
  transfer_id: 'transfer' in row.existing ? row.existing.transfer.id : null,
  disks: row.disks,
  disks_gb: row.gib,
  first_copy_low_seconds: row.firstCopy?.low ?? null,
  first_copy_high_seconds: row.firstCopy?.high ?? null,
  steps: stepsOf(row),
  order: row.order,
  not_before: row.notBefore,
  row_hash: row.hash,
  settings: redact(row.settings) as JsonObject,
  tags: row.tags as JsonObject,
  overrides: row.overrides,
});

/** Networks and storage without a destination, each with the machines that use it. */
function unmappedIn(rows: readonly PlannedRow[]) {
  const all = rows
    .filter(isReady)
    .flatMap(({ name, unmapped }) => [
      ...unmapped.networks.map((what) => ({ kind: 'network', what, name })),
      ...unmapped.storage.map((what) => ({ kind: 'storage', what, name })),
    ]);
  return [...groupBy(all, ({ kind, what }) => `${kind} ${what}`).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ kind: first.kind, name: first.what, machines: group.map(({ name }) => name) }];
  });
}

export const planView = view<WavePlan>()(
  {
    plan_hash: key.text('Stands for exactly this plan: approve it, run it'),
    verdict: key.text('ready, ready_with_warnings, partly_blocked or blocked'),
    format: key.text('Format of the table'),
    machines: key.number('Rows'),
    blocked: key.number('Rows that cannot be moved'),
    disks_gb: key.number('GiB of disks, as far as known'),
    waves: key.rows('Waves', waveKeys),
    checks: key.rows('Connections and pools', {
      check: key.text('Subject'),
      status: key.text('blocking, warning or ok'),
      message: key.text('What was found', { untrusted: true }),
    }),
    unmapped: key.rows('Networks and storage without a destination', {
      kind: key.text('network or storage'),
      name: key.text('Name', { untrusted: true }),
      machines: key.texts('Machines that use it', { untrusted: true }),
    }),
    left_out: key.rows('Rows that are no machines to move', {
      line: key.number('Row'),
      name: key.text('Name', { untrusted: true }),
      reason: key.text('Why'),
    }),
    unknown_columns: key.texts('Columns kept as tags', { untrusted: true }),
    rows: key.rows('Machines', {
      machine: key.text('Name in the table', { untrusted: true }),
      instance: key.text('Identifier on the source', { nullable: true, untrusted: true }),
      wave: key.text('Wave', { untrusted: true }),
      status: key.text('ready, ready_with_warnings or blocked'),
      messages: key.texts('Why', { untrusted: true }),
      existing: key.text('none, own (of this wave) or taken_in'),
      transfer_id: key.text('Transfer', { nullable: true }),
      disks: key.number('Disks', { nullable: true }),
      disks_gb: key.number('GiB', { nullable: true }),
      first_copy_low_seconds: key.number('First copy at the earliest', { nullable: true }),
      first_copy_high_seconds: key.number('At the latest', { nullable: true }),
      steps: key.texts('What is done'),
      order: key.number('Turn'),
      not_before: key.text('No step before', { nullable: true }),
      row_hash: key.text('Hash of the row'),
      settings: key.json('What the hash stands for'),
      tags: key.json('Other columns'),
      overrides: key.json('Setting columns of the row: with them, rows of a plan are a table again'),
    }),
  },
  (plan) => ({
    plan_hash: plan.hash,
    verdict: planVerdict(plan),
    format: FORMAT_TITLES[plan.format],
    machines: plan.rows.length,
    blocked: plan.rows.filter((row) => !isReady(row)).length,
    disks_gb: sum(plan.rows.map(({ gib }) => gib)),
    waves: [...groupBy(plan.rows, ({ wave }) => wave)].map(([wave, rows]) => aboutWave(wave, rows)),
    checks: plan.checks,
    unmapped: unmappedIn(plan.rows),
    left_out: plan.leftOut,
    unknown_columns: plan.unknownColumns,
    rows: plan.rows.map(planRow),
  }),
);

const boardRow = (row: BoardRow) => ({
  machine: row.machine,
  wave: row.wave,
  stage: row.stage,
  percent: row.percent,
  eta_seconds: row.etaSeconds,
  since: row.since,
  waits_for: row.waitsFor,
  why: row.why === null ? null : truncate(row.why, 300),
  committed: row.committed,
  completed_passes: row.completedPasses,
  last_copy_at: row.lastCopyAt,
  transfer_id: row.transferId,
  execution_id: row.executionId,
  deployment_id: row.deploymentId,
});

export const boardView = view<WaveBoard>()(
  {
    as_of: key.time('Now, by the server’s clock'),
    waves: key.texts('Waves', { untrusted: true }),
    plan: key.text('Begin of the hash of the plan', { nullable: true }),
    goal: key.text('prepared, synced, protected or cut_over'),
    outcome: key.text('going_on, completed or failed'),
    machines: key.number('Rows'),
    done: key.number('Machines that are as far as was asked'),
    running: key.number('Machines at work'),
    waiting: key.number('Machines that wait'),
    failed: key.number('Machines that failed or are blocked or refused'),
    percent: key.number('0 to 100 of all steps', { nullable: true }),
    eta_low_seconds: key.number('Until all are through, likely', { nullable: true }),
    eta_high_seconds: key.number('When slow', { nullable: true }),
    bottleneck: key.text('What holds most machines up', { nullable: true, untrusted: true }),
    attention: key.texts('What people must look at', { untrusted: true }),
    rows: key.rows('Machines', {
      machine: key.text('Name', { untrusted: true }),
      wave: key.text('Wave', { untrusted: true }),
      stage: key.text('new, created, syncing, synced, final_sync, copied, deploying, done, failed, …'),
      percent: key.number('0 to 100 of the running step', { nullable: true }),
      eta_seconds: key.number('Left of it', { nullable: true }),
      since: key.time('Since when', { nullable: true }),
      waits_for: key.text('parallelism, window, gate, pool, licence, failure, …', { nullable: true }),
      why: key.text('Why it waits', { nullable: true, untrusted: true }),
      committed: key.flag('Whether its source is off and it is not deployed yet'),
      completed_passes: key.number('Syncs whose disks are there'),
      last_copy_at: key.time('Start of the newest of them', { nullable: true }),
      transfer_id: key.text('Transfer', { nullable: true }),
      execution_id: key.text('Latest execution', { nullable: true }),
      deployment_id: key.text('Latest deployment', { nullable: true }),
    }),
    actions: key.rows('What this call started or tried', {
      at: key.text('When'),
      machine: key.text('Machine', { untrusted: true }),
      step: key.text('create, sync, final_sync, deploy or schedule'),
      outcome: key.text('started, refused, failed or uncertain'),
      id: key.text('Transfer, execution or deployment', { nullable: true }),
      words: key.text('The server’s words', { nullable: true, untrusted: true }),
      request_id: key.text('Of the refusal', { nullable: true }),
    }),
  },
  (board) => ({
    as_of: board.asOf,
    waves: board.waves,
    plan: board.plan,
    goal: board.goal,
    outcome: board.outcome,
    machines: board.machines,
    done: board.done,
    running: board.running,
    waiting: board.waiting,
    failed: board.failed,
    percent: board.percent,
    eta_low_seconds: board.etaLowSeconds,
    eta_high_seconds: board.etaHighSeconds,
    bottleneck: board.bottleneck,
    attention: board.attention,
    rows: board.rows.map(boardRow),
    actions: board.actions.map(({ at, machine, step, outcome, id, words, requestId }) => ({
      at,
      machine,
      step,
      outcome,
      id,
      words,
      request_id: requestId,
    })),
  }),
);
