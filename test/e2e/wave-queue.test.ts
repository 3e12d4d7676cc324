import { randomUUID } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { printLine } from '../../tools/install.mjs';
import { makeSandboxCredentialFields, type WorkflowNode } from '../../tools/n8n/n8n-client';
import { makeExcelFile } from '../../tools/n8n/excel-file';
import type { WaveReport } from '../../src/playbooks/wave/wave-report';
import { connect, one } from '../support/coriolis';
import { until } from '../support/until';
import { machines } from '../waves/estate';
import { faultsOf, isMoved, truthOf } from '../waves/truth';
import { chain, coriolis, locator, nextPoll, node, told, trigger, N8N_PACE } from './lab';
import { startQueueMode, UNFINISHED, type QueueMode } from './queue-mode';

/**
 * A wave of an RVTools workbook, run whole by n8n in queue mode. Two executions run it at the same time on two workers. One
 * worker is killed in the middle, and the workflow is called once more, as a schedule does. The figures are printed for
 * docs/waves.md, where `WAVE_MACHINES=200` makes the wave larger.
 */

const MACHINES = Number(process.env['WAVE_MACHINES'] ?? 40);
const WAVE = 'Workbook';
/** Executions that a worker has at a time. */
const CONCURRENCY = 2;
const PARALLEL = 20;
/** Runs of a machine: a sync, the final sync and the deployment. */
const RUNS = 3;

let sandbox: Sandbox;
let queue: QueueMode;

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 100, machines: machines(MACHINES) });
  queue = await startQueueMode(CONCURRENCY);
});

afterAll(async () => {
  await queue.stop();
  await sandbox.stop();
});

/** The sheet vInfo of an estate, with a template and a placeholder that no wave moves. */
function workbook(): Buffer {
  const row = (name: string, template = 'False', placeholder = 'False') => [
    name,
    'poweredOn',
    template,
    placeholder,
    2,
    10_240,
    'DC1',
  ];
  return makeExcelFile(queue.installed, 'vInfo', [
    ['VM', 'Powerstate', 'Template', 'SRM Placeholder', 'CPUs', 'Provisioned MiB', 'Datacenter'],
    ...machines(MACHINES).map(({ name }) => row(name)),
    row('ubuntu-golden', 'True'),
    row('dr-01', 'False', 'True'),
  ]);
}

const settings = {
  originEndpointId: locator('vcenter'),
  destinationEndpointId: locator('openstack'),
  specifyDestinationEnvironment: 'json',
  destinationEnvironment: '{"migr_network": "private"}',
  networkMap: '*=private',
  shutdownInstances: true,
};

/** Nodes after the webhook: read the table, plan, run until all are cut over, report. */
const steps: readonly WorkflowNode[] = [
  node('Read the table', 'n8n-nodes-base.extractFromFile', { operation: 'xlsx', options: {} }),
  coriolis('Plan', 'wave.plan', { ...settings, options: { wave: WAVE } }),
  coriolis('Run', 'wave.run', {
    ...settings,
    planHash: "={{ $('Plan').first().json.plan_hash }}",
    until: 'cut_over',
    timeoutSeconds: 3600,
    options: {
      rows: "={{ $('Plan').all().slice(1).map((item) => item.json) }}",
      maxParallel: PARALLEL,
    },
  }),
  { ...coriolis('Report', 'wave.report', { wave: WAVE }), executeOnce: true } as WorkflowNode,
];

/** Executions and deployments that the sandbox has ended. */
const ended = (): number => sandbox.listFinishedRuns().length;

test('a wave of a workbook is run whole and once, although a worker is killed', async () => {
  const { n8n, workers } = queue;
  const credential = await n8n.addCredential('Sandbox', makeSandboxCredentialFields(sandbox.connection));
  const path = randomUUID();
  const hook = node(
    'Webhook',
    'n8n-nodes-base.webhook',
    { path, httpMethod: 'POST', options: { rawBody: false } },
    2,
  );
  const wave = await n8n.addWorkflow(chain('Wave', hook, ...steps), credential);
  const look = coriolis('Look', 'transfer.get', { transferId: locator('={{ $json.transfer_id }}') });
  const alert = await n8n.addWorkflow(chain('Alert', trigger, look), credential);
  await n8n.publish(wave);
  await nextPoll(sandbox, () => n8n.publish(alert));
  const table = workbook();
  const call = async (): Promise<boolean> => {
    const body = new FormData();
    body.set('data', new Blob([new Uint8Array(table)]), 'RVTools_export.xlsx');
    return (await fetch(`${n8n.url}/webhook/${path}`, { method: 'POST', body })).ok;
  };
  const executions = () => n8n.fetchExecutions(wave);

  const idle = workers.map((worker) => worker.memoryMib());
  const requests = sandbox.requests.total;
  const begun = Date.now();
  await until('the webhook', call, Boolean, N8N_PACE);
  await until('the second call', call, Boolean, N8N_PACE);
  let most = 0;
  const observe = (): number => {
    most = Math.max(most, ...workers.map((worker) => worker.memoryMib()));
    return ended();
  };
  await until('a third of the wave', observe, (count) => count >= (MACHINES * RUNS) / 3, N8N_PACE);
  await workers[0]?.kill();
  await until('the third call', call, Boolean, N8N_PACE);
  await until('the wave', observe, (count) => count >= MACHINES * RUNS, N8N_PACE);
  const settled = await until(
    'the end of all executions',
    executions,
    (all) => all.length === 3 && !all.some(({ status }) => UNFINISHED.includes(status)),
    N8N_PACE,
  );
  const minutes = (Date.now() - begun) / 60_000;
  const sent = sandbox.requests.total - requests;

  const core = connect(sandbox);
  const truths = await truthOf(core.client, WAVE);
  expect(truths).toHaveLength(MACHINES);
  expect(truths.flatMap((truth) => faultsOf(truth, { passes: 1, shutdown: true }))).toEqual([]);
  expect(truths.filter((truth) => !isMoved(truth))).toEqual([]);
  expect(truths.filter(({ syncs }) => syncs.length !== 2)).toEqual([]);

  const whole = settled.find(({ status }) => status === 'success');
  const report = (await n8n.fetchExecution(whole?.id ?? '')).rows('Report')[0]?.['report'] as WaveReport;
  expect(report.totals).toMatchObject({ machines: MACHINES, done: MACHINES, failed_steps: 0 });
  expect(await one(core, 'wave.report', { wave: WAVE, verify: report })).toMatchObject({
    agrees: true,
  });

  // The runs have ended, so the next poll brings the last events.
  await nextPoll(sandbox);
  const alerts = await until(
    'the end of all alerts',
    () => n8n.fetchExecutions(alert),
    (all) => !all.some(({ status }) => UNFINISHED.includes(status)),
    N8N_PACE,
  );
  const events = await told(n8n, alert, trigger.name);
  expect(new Set(events).size).toBe(events.length);
  // An execution that dies with its worker takes its events along: n8n does not start it again (docs/n8n.md, "Queue mode").
  const dead = alerts.filter(({ status }) => status === 'error').length;
  expect(dead).toBeLessThanOrEqual(CONCURRENCY);
  if (dead === 0) expect(events).toHaveLength(MACHINES * RUNS);
  printLine(
    `wave: ${MACHINES} machines in ${minutes.toFixed(1)} minutes, ${sent} requests with those of the trigger; ` +
      `${settled.map(({ status }) => status).join(', ')}; worker ${Math.round(Math.max(...idle))} MiB idle, ${Math.round(most)} MiB at most; ${events.length} events, ${dead} executions of the trigger died`,
  );
}, 3_600_000);
