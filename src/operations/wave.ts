import { formatCount } from '../model/display-texts';
import { shortenHash } from '../model/wave-note';
import { abandonWave, abandonedWaveView, previewAbandonActions } from '../playbooks/wave/abandon-wave';
import { fetchWaveBoard } from '../playbooks/wave/fetch-wave';
import { planWave } from '../playbooks/wave/plan';
import { joinInLines, previewWaveRun } from '../playbooks/wave/preview-wave-run';
import { makeWaveReport } from '../playbooks/wave/wave-report';
import { verifyWaveReport } from '../playbooks/wave/verify-wave-report';
import { renderWaveReport, waveReportView, type WaveReportResult } from '../playbooks/wave/wave-report-page';
import { runWave } from '../playbooks/wave/run-wave';
import { parseWindowInput } from '../playbooks/wave/wave-run-options';
import { defineOperation } from '../operation';
import type { InputOf } from '../vocabulary/field';
import { choice, duration, flag, json, list, map, number, text } from '../vocabulary/field-constructors';
import type { Preview } from '../vocabulary/preview';
import {
  wavePlanFields,
  waveRunFields,
  adoptedTransfersField,
  waveNameField,
  toWaveInput,
  waveReportFields,
} from '../playbooks/wave/wave-fields';
import { waveBoardView, wavePlanView } from '../playbooks/wave/wave-views';

const plan = defineOperation({
  resource: 'wave',
  name: 'plan',
  title: 'Plan',
  tool: 'plan_wave',
  summary: 'Plan a wave of machines from a table',
  description: 'Approve the plan_hash, then run the wave.',
  effect: 'read',
  form: { table: { instead: ['table'], input: 'rows', output: 'rows' } },
  input: wavePlanFields,
  output: wavePlanView,
  result: {
    whole: true,
    summarizedKeys: ['rows'],
    headline: ({ verdict, machines, blocked, plan_hash: hash }) =>
      `${verdict.replaceAll('_', ' ')}: ${formatCount(machines, 'machine')}${blocked === 0 ? '' : `, ${blocked} blocked`}, plan ${shortenHash(hash)}`,
    next: () => [],
  },
  run: (coriolis, input) => planWave(coriolis, toWaveInput(input)),
});

const runInput = {
  planHash: text('Plan Hash', 'Hash of the approved plan.'),
  until: choice(
    'Until',
    'Stage at which the run ends.',
    [
      { value: 'prepared', title: 'Prepared', description: 'Transfers are created and synced once' },
      { value: 'synced', title: 'Synced', description: 'All syncs before the cutover are done' },
      { value: 'cut_over', title: 'Cut over', description: 'Final syncs and deployments are done' },
      { value: 'protected', title: 'Protected', description: 'Replicas are synced once and have schedules' },
    ],
    { default: 'synced' },
  ),
  ...waveRunFields,
  only: list('Only', 'Only these machines or waves of the table.', {
    optional: true,
    advanced: true,
  }),
  rowHashes: map(
    'Row Hashes',
    'Machine to row_hash of the approved plan: unchanged rows of a changed plan can then run.',
    {
      optional: true,
      advanced: true,
      keyTitle: 'Machine',
      valueTitle: 'Row Hash',
    },
  ),
  maxParallel: number('Max Parallel', 'Maximum machines at work at a time.', {
    default: 10,
    minimum: 1,
    maximum: 1000,
    advanced: true,
  }),
  maxParallelPerEndpoint: number(
    'Max Parallel per Endpoint',
    'Maximum runs at an endpoint, including runs of others.',
    {
      optional: true,
      minimum: 1,
      advanced: true,
    },
  ),
  window: text(
    'Window',
    'When steps may begin: "Sat,Sun 22:00-06:00 Europe/Berlin", or two ISO times separated by /.',
    {
      optional: true,
      advanced: true,
    },
  ),
  stopAfter: number('Stop After', 'Number of failed machines after which nothing new begins.', {
    optional: true,
    minimum: 1,
    advanced: true,
  }),
  retries: number('Retries', 'Repetitions of a step after a temporary error.', {
    default: 1,
    maximum: 10,
    advanced: true,
  }),
  retryFailed: flag(
    'Retry Failed',
    'Whether to retry once the steps that failed or were canceled before this call.',
    {
      advanced: true,
    },
  ),
  scheduleHour: number('Schedule Hour', 'UTC hour of the first daily sync of protected replicas.', {
    default: 1,
    maximum: 23,
    advanced: true,
  }),
  scheduleStaggerMinutes: number(
    'Schedule Stagger (Minutes)',
    'Minutes between the schedules of two replicas.',
    {
      default: 5,
      maximum: 720,
      advanced: true,
    },
  ),
  timeoutSeconds: duration('Timeout', 'Seconds after which the board is returned.', {
    default: 3600,
    minimum: 0,
    maximum: 604_800,
  }),
};

type RunInput = InputOf<typeof runInput>;

const run = defineOperation({
  resource: 'wave',
  name: 'run',
  title: 'Run',
  tool: 'run_wave',
  form: {
    caution:
      'Only the approved plan is carried out. Several callers may run the same wave; call again to continue.',
    table: { instead: ['table'], input: 'rows', output: 'rows' },
  },
  summary: 'Run a wave as its approved plan says',
  description: 'Call again to continue.',
  effect: 'write',
  wait: { timeoutInput: 'timeoutSeconds' },
  related: { sameInputsAs: 'wave.plan' },
  input: runInput,
  output: waveBoardView,
  result: {
    whole: true,
    summarizedKeys: ['rows', 'actions'],
    headline: ({ done, machines, running, failed }) =>
      `${done} of ${machines} done, ${running} at work, ${failed} failed or blocked`,
    next: ({ waves, outcome }) =>
      waves.slice(0, 1).map((name) => ({
        operation: outcome === 'completed' ? 'wave.report' : 'wave.get',
        input: { wave: name },
      })),
  },
  preview: (coriolis, given) => previewWaveRun(coriolis, toWaveInput(given), given),
  run: (coriolis, given: RunInput) =>
    runWave(coriolis, toWaveInput(given), { ...given, window: parseWindowInput(given.window) }),
});

const get = defineOperation({
  resource: 'wave',
  name: 'get',
  title: 'Get',
  tool: 'get_wave',
  summary: 'Get the board of a wave',
  description: 'Shows the stage of each machine and what it waits for.',
  effect: 'read',
  input: { wave: waveNameField, transferIds: adoptedTransfersField },
  output: waveBoardView,
  result: {
    whole: true,
    summarizedKeys: ['rows'],
    headline: ({ done, machines, running, failed }) =>
      `${done} of ${machines} done, ${running} at work, ${failed} failed`,
    next: () => [],
  },
  run: (coriolis, { wave: name, transferIds }) => fetchWaveBoard(coriolis, name, transferIds),
});

const report = defineOperation({
  resource: 'wave',
  name: 'report',
  title: 'Report',
  form: { action: 'Get the evidence of a wave' },
  tool: 'report_wave',
  summary: 'Report what happened in a wave, or verify such a report',
  description: 'Gives RPO and downtime, with hashes.',
  effect: 'read',
  input: {
    ...waveReportFields,
    verify: json(
      'Verify',
      'Report to compare with its manifest and the server: the report, { report, html } or { html }.',
      {
        optional: true,
        advanced: true,
      },
    ),
    html: flag('HTML', 'Whether to add the report as an HTML page.', { advanced: true }),
  },
  output: waveReportView,
  result: {
    whole: true,
    headline: ({ report: made, agrees }) =>
      made === null
        ? agrees === true
          ? 'report, manifest and server agree'
          : 'report, manifest and server differ'
        : 'report',
    next: () => [],
  },
  async run(coriolis, given): Promise<WaveReportResult> {
    if (given.verify !== undefined) {
      return { report: null, html: null, ...(await verifyWaveReport(coriolis, given.verify)) };
    }
    const made = await makeWaveReport(coriolis, given);
    return { report: made, agrees: null, differences: [], html: given.html ? renderWaveReport(made) : null };
  },
});

const abandon = defineOperation({
  resource: 'wave',
  name: 'abandon',
  title: 'Abandon',
  tool: 'abandon_wave',
  summary: 'Delete the transfers that a wave created and did not deploy',
  description: 'Keeps deployed and running ones, and those whose source is off.',
  effect: 'destroy',
  input: {
    wave: waveNameField,
    deleteDisks: flag('Delete Disks', 'Whether to delete copied disks first.'),
  },
  output: abandonedWaveView,
  result: {
    whole: true,
    headline: ({ deleted, kept }) => `${formatCount(deleted, 'transfer')} deleted, ${kept} kept`,
    next: () => [],
  },
  async preview(coriolis, { wave: name, deleteDisks }): Promise<Preview> {
    const rows = await previewAbandonActions(coriolis, name, deleteDisks);
    const machinesOf = (wanted: string) =>
      rows.filter(({ action }) => action === wanted).map(({ machine }) => machine);
    const [deleted, first] = [machinesOf('deleted'), machinesOf('disks_deletion')];
    return {
      subject: {
        id: name,
        name,
        status: formatCount(rows.length, 'transfer'),
        changed: rows.map(({ transferId, action }) => `${transferId} ${action}`).join(', '),
      },
      consequences: [
        ...(deleted.length === 0
          ? []
          : [
              `Deleted: ${formatCount(deleted.length, 'transfer')}${deleteDisks ? '' : '; copied disks stay on the destination'}:`,
              ...joinInLines(deleted),
              'Their steps cannot be reported afterwards: keep a report of the wave first.',
              'The server keeps nothing of them: a run of the approved plan would create them anew, so withdraw its approval.',
            ]),
        ...(first.length === 0
          ? []
          : [
              `Copied disks removed from the destination: those of ${formatCount(first.length, 'transfer')}, which a second call deletes:`,
              ...joinInLines(first),
            ]),
        ...rows
          .filter(({ action }) => action === 'kept')
          .slice(0, 20)
          .map(({ machine, why }) => `Kept: ${machine}, ${why ?? ''}.`),
      ],
      ...(deleted.length + first.length === 0 ? { refusal: 'none of its transfers can be deleted' } : {}),
    };
  },
  run: async (coriolis, { wave: name, deleteDisks }) => ({
    wave: name,
    rows: await abandonWave(coriolis, name, deleteDisks),
  }),
});

export const waveOperations = [plan, run, get, report, abandon] as const;
