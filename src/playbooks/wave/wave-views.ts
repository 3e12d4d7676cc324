import type { JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import { TABLE_FORMAT_TITLES } from '../../model/table/table-formats';
import { truncate } from '../../model/untrusted-text';
import type { WaveBoardRow, WaveAction, WaveBoard } from './board';
import { groupBy } from '../group-by';
import { preflightCheckKeys } from '../preflight/preflight-check';
import type { WavePlan } from './plan';
import type { PlannedRow } from './planned-row';
import { key, view } from '../../vocabulary/result-keys';

/** Result views of plans and boards of waves. */

const sum = (values: ReadonlyArray<number | null>): number =>
  Math.round(values.reduce<number>((total, value) => total + (value ?? 0), 0) * 10) / 10;

const isReady = ({ problem }: PlannedRow): boolean => problem === null;

const statusOf = ({ problem, warnings }: PlannedRow): string =>
  problem !== null ? 'blocked' : warnings.length > 0 ? 'ready_with_warnings' : 'ready';

/** Verdict of a plan: whether all, some or none of its machines can be moved. */
export function planVerdictOf({ rows, checks }: Pick<WavePlan, 'rows' | 'checks'>): string {
  const isBlocked = checks.some(({ status }) => status === 'blocking') || !rows.some(isReady);
  if (isBlocked) return 'blocked';
  if (!rows.every(isReady)) return 'partly_blocked';
  const isClean =
    rows.every(({ warnings }) => warnings.length === 0) && checks.every(({ status }) => status === 'ok');
  return isClean ? 'ready' : 'ready_with_warnings';
}

/** One wave of a plan, with its rows. */
export interface PlannedWave {
  readonly wave: string;
  readonly rows: readonly PlannedRow[];
}

const wavesOf = ({ rows }: WavePlan): readonly PlannedWave[] =>
  [...groupBy(rows, ({ wave }) => wave)].map(([wave, own]) => ({ wave, rows: own }));

/** Result keys with the figures of a plan, or of one wave of it. */
const figures = {
  machines: key.number('Rows', ({ rows }: Pick<WavePlan, 'rows'>) => rows.length),
  blocked: key.number(
    'Rows that cannot be moved',
    ({ rows }: Pick<WavePlan, 'rows'>) => rows.filter((row) => !isReady(row)).length,
  ),
  disks_gb: key.number('GiB of disks, as far as known', ({ rows }: Pick<WavePlan, 'rows'>) =>
    sum(rows.map(({ gib }) => gib)),
  ),
};

const waveKeys = {
  wave: key.text('Name', { untrusted: true }),
  machines: figures.machines,
  blocked: figures.blocked,
  shut_down: key.number(
    'Machines whose source is shut down',
    ({ rows }: PlannedWave) => rows.filter((row) => isReady(row) && row.shutdown).length,
  ),
  disks_gb: figures.disks_gb,
};

/** Steps that are planned for a machine, in words. */
const stepsOf = ({ existingTransfer, passes, shutdown, problem }: PlannedRow): readonly string[] =>
  problem !== null
    ? []
    : [
        ...(existingTransfer.kind === 'none' ? ['create'] : []),
        passes === 1 ? 'sync' : `sync x ${passes}`,
        shutdown ? 'final sync (source off)' : 'final sync',
        'deploy',
      ];

/** Networks and storage that no map covers, each with the machines that use it. */
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

const messagesOf = ({ problem, warnings }: PlannedRow): readonly string[] =>
  problem === null ? warnings : [problem];

const plannedRowKeys = {
  machine: key.text('Name in the table', ({ name }: PlannedRow) => name, { untrusted: true }),
  instance: key.text('Identifier on the source', { nullable: true, untrusted: true }),
  wave: key.text('Wave', { untrusted: true }),
  status: key.text('ready, ready_with_warnings or blocked', statusOf),
  messages: key.texts('Reason why the machine is blocked, or warnings', messagesOf, { untrusted: true }),
  existing: key.text(
    'Existing transfer: none, own (of this wave) or taken_in (adopted)',
    ({ existingTransfer: { kind } }: PlannedRow) =>
      kind === 'problem' ? 'none' : kind === 'adopted' ? 'taken_in' : kind,
  ),
  transfer_id: key.text(
    'Transfer',
    ({ existingTransfer }: PlannedRow) =>
      'transfer' in existingTransfer ? existingTransfer.transfer.id : null,
    { nullable: true },
  ),
  disks: key.number('Number of disks', { nullable: true }),
  disks_gb: key.number('Size of all disks in GiB', ({ gib }: PlannedRow) => gib, { nullable: true }),
  first_copy_low_seconds: key.number(
    'Shortest estimate of the first copy, in seconds',
    ({ firstCopySeconds }: PlannedRow) => firstCopySeconds?.low,
    { nullable: true },
  ),
  first_copy_high_seconds: key.number(
    'Longest estimate of the first copy, in seconds',
    ({ firstCopySeconds }: PlannedRow) => firstCopySeconds?.high,
    {
      nullable: true,
    },
  ),
  steps: key.texts('Steps that a run carries out', stepsOf),
  order: key.number('Place in the order of starts'),
  not_before: key.text('Time before which no step starts', ({ notBefore }: PlannedRow) => notBefore, {
    nullable: true,
  }),
  row_hash: key.text('Hash of the settings of this machine', ({ hash }: PlannedRow) => hash),
  settings: key.json(
    'Settings from which the hash is made',
    ({ settings }: PlannedRow) => redact(settings) as JsonObject,
  ),
  tags: key.json('Columns of the table that are no settings', ({ tags }: PlannedRow) => tags),
  overrides: key.json(
    'Setting columns of the row; with these keys, rows of a plan are valid as the table of another call',
  ),
};

/** Messages of the rows of a plan. Equal messages are merged and name their machines. */
function planExceptions({ rows }: WavePlan) {
  const all = rows.flatMap((row) =>
    messagesOf(row).map((message) => ({ status: statusOf(row), message, name: row.name })),
  );
  return [...groupBy(all, ({ status, message }) => `${status} ${message}`).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ status: first.status, message: first.message, machines: group.map(({ name }) => name) }];
  });
}

/** Result view of a plan. */
export const wavePlanView = view<WavePlan>()({
  plan_hash: key.text('Hash of the plan, for its approval and its run', ({ hash }: WavePlan) => hash),
  verdict: key.text('ready, ready_with_warnings, partly_blocked or blocked', planVerdictOf),
  format: key.text('Format of the table', ({ format }: WavePlan) => TABLE_FORMAT_TITLES[format]),
  ...figures,
  waves: key.rows('Waves', waveKeys, wavesOf),
  checks: key.rows('Connections and pools', preflightCheckKeys),
  unmapped: key.rows(
    'Networks and storage without a destination',
    {
      kind: key.text('network or storage'),
      name: key.text('Name', { untrusted: true }),
      machines: key.texts('Machines that use the network or storage', { untrusted: true }),
    },
    ({ rows }: WavePlan) => unmappedIn(rows),
  ),
  left_out: key.rows(
    'Rows of the table that are no machines to move',
    {
      line: key.number('Row of the table'),
      name: key.text('Name', { untrusted: true }),
      reason: key.text('Reason why the row is no machine to move'),
    },
    ({ leftOut }: WavePlan) => leftOut,
  ),
  unknown_columns: key.texts('Columns kept as tags', ({ unknownColumns }: WavePlan) => unknownColumns, {
    untrusted: true,
  }),
  exceptions: key.rows(
    'Messages of the rows; equal messages are listed once, with their machines',
    {
      status: key.text('blocked or ready_with_warnings'),
      message: key.text('Message', { untrusted: true }),
      machines: key.texts('Machines', { untrusted: true }),
    },
    planExceptions,
  ),
  rows: key.rows('Machines', plannedRowKeys),
});

const boardRowKeys = {
  machine: key.text('Name', { untrusted: true }),
  wave: key.text('Wave', { untrusted: true }),
  stage: key.text('new, created, syncing, synced, final_sync, copied, deploying, done, failed, …'),
  percent: key.number('Progress of the running step, 0 to 100', { nullable: true }),
  eta_seconds: key.number(
    'Estimated seconds left of the running step',
    ({ etaSeconds }: WaveBoardRow) => etaSeconds,
    {
      nullable: true,
    },
  ),
  since: key.time('Time at which the stage began', { nullable: true }),
  waits_for: key.text(
    'Why the machine waits: parallelism, window, gate, pool, licence, failure, …',
    ({ waitsFor }: WaveBoardRow) => waitsFor,
    { nullable: true },
  ),
  why: key.text(
    'Reason to wait, in a sentence',
    ({ why }: WaveBoardRow) => (why === null ? null : truncate(why, 300)),
    {
      nullable: true,
      untrusted: true,
    },
  ),
  committed: key.flag('Whether the source is off and the machine is not deployed yet'),
  completed_passes: key.number(
    'Completed syncs whose disks still exist',
    ({ completedPasses }: WaveBoardRow) => completedPasses,
  ),
  last_copy_at: key.time(
    'Start of the newest completed sync whose disks still exist',
    ({ lastCopyAt }: WaveBoardRow) => lastCopyAt,
    {
      nullable: true,
    },
  ),
  transfer_id: key.text('Transfer', ({ transferId }: WaveBoardRow) => transferId, { nullable: true }),
  execution_id: key.text('Latest execution', ({ executionId }: WaveBoardRow) => executionId, {
    nullable: true,
  }),
  deployment_id: key.text('Latest deployment', ({ deploymentId }: WaveBoardRow) => deploymentId, {
    nullable: true,
  }),
};

/** Reasons why machines wait. Equal reasons are merged and name their machines. */
const boardExceptions = ({ rows }: WaveBoard) =>
  [
    ...groupBy(
      rows.filter(({ waitsFor }) => waitsFor !== null),
      ({ stage, waitsFor, why }) => `${stage} ${waitsFor ?? ''} ${why ?? ''}`,
    ).values(),
  ].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [
          {
            stage: first.stage,
            waits_for: first.waitsFor ?? '',
            why: first.why === null ? null : truncate(first.why, 300),
            machines: group.map(({ machine }) => machine),
          },
        ];
  });

/** Result view of a board. */
export const waveBoardView = view<WaveBoard>()({
  as_of: key.time('Time of this result, by the server’s clock', ({ asOf }: WaveBoard) => asOf),
  waves: key.texts('Waves', { untrusted: true }),
  plan: key.text('First characters of the hash of the plan', { nullable: true }),
  goal: key.text('prepared, synced, protected or cut_over'),
  outcome: key.text('going_on, completed or failed'),
  machines: key.number('Machines in all'),
  done: key.number('Machines that have reached the goal'),
  running: key.number('Machines at work'),
  waiting: key.number('Machines that wait'),
  failed: key.number('Machines that failed or are blocked or refused'),
  percent: key.number('Progress of all steps, 0 to 100', { nullable: true }),
  eta_low_seconds: key.number(
    'Shortest estimate of the seconds until all machines are done',
    ({ etaLowSeconds }: WaveBoard) => etaLowSeconds,
    { nullable: true },
  ),
  eta_high_seconds: key.number(
    'Longest estimate of the seconds until all machines are done',
    ({ etaHighSeconds }: WaveBoard) => etaHighSeconds,
    {
      nullable: true,
    },
  ),
  bottleneck: key.text('What most machines wait for', { nullable: true, untrusted: true }),
  attention: key.texts('What a person must check', { untrusted: true }),
  exceptions: key.rows(
    'Reasons to wait; equal reasons are listed once, with their machines',
    {
      stage: key.text('Stage of these machines'),
      waits_for: key.text('Kind of the reason: parallelism, window, gate, pool, licence, failure, …'),
      why: key.text('Reason to wait, in a sentence', { nullable: true, untrusted: true }),
      machines: key.texts('Machines', { untrusted: true }),
    },
    boardExceptions,
  ),
  rows: key.rows('Machines', boardRowKeys),
  actions: key.rows('What this call started or tried', {
    at: key.text('Time of the start'),
    machine: key.text('Machine', { untrusted: true }),
    step: key.text('create, sync, final_sync, deploy or schedule'),
    outcome: key.text('started, refused, failed or uncertain'),
    id: key.text('Id of the transfer, execution or deployment', { nullable: true }),
    words: key.text('Message of the server', { nullable: true, untrusted: true }),
    request_id: key.text('Id of the request, for support', ({ requestId }: WaveAction) => requestId, {
      nullable: true,
    }),
  }),
});
