import { randomUUID } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { GuardedProcess } from '../../tools/servers/guarded-process';
import { printLine } from '../../tools/install.mjs';
import { makeSandboxCredentialFields } from '../../tools/n8n/n8n-client';
import { connect, rows } from '../support/coriolis';
import { chain, coriolis, locator, nextPoll, node, runToTheEnd, told, trigger, N8N_PACE } from './lab';
import { until } from '../support/until';
import { startQueueMode, UNFINISHED, type QueueMode } from './queue-mode';

/**
 * n8n in queue mode, a main process and two workers with Redis and PostgreSQL, that loses a worker in the middle of its work.
 * n8n runs an execution at most once: what the dead worker held is marked as failed and not begun again, so nothing is
 * started twice in Coriolis.
 */

const EXECUTIONS = 200;
const CONCURRENCY = 5;

let sandbox: Sandbox;
let queue: QueueMode;

beforeAll(async () => {
  sandbox = await startSandbox({ speed: 2000 });
  queue = await startQueueMode(CONCURRENCY);
});

afterAll(async () => {
  await queue.stop();
  await sandbox.stop();
});

/** How many executions a worker has begun. */
const begun = (worker: GuardedProcess | undefined): number =>
  worker?.log().match(/Worker started execution/g)?.length ?? 0;

/** Makes an endpoint named as it is told, which a server does again when it is asked again. */
const write = coriolis('Make an endpoint', 'endpoint.create', {
  name: '={{ $json.body.name }}',
  type: 'vmware_vsphere',
  connection: {
    host: 'vcenter.example.com',
    port: 443,
    username: 'reader',
    password: 'secret',
    allow_untrusted: true,
  },
});

test('no event is lost or doubled, and nothing is started twice', async () => {
  const { n8n, workers } = queue;
  const credential = await n8n.addCredential('Sandbox', makeSandboxCredentialFields(sandbox.connection));
  const path = randomUUID();
  const hook = node('Webhook', 'n8n-nodes-base.webhook', { path, httpMethod: 'POST' }, 2);
  const work = await n8n.addWorkflow(chain('Work', hook, write), credential);
  const look = coriolis('Look', 'transfer.get', { transferId: locator('={{ $json.transfer_id }}') });
  const alert = await n8n.addWorkflow(chain('Alert', trigger, look), credential);
  await n8n.publish(work);
  await nextPoll(sandbox, () => n8n.publish(alert));
  const url = `${n8n.url}/webhook/${path}`;
  await until(
    'the webhook',
    () => post(url, 'first'),
    (ok) => ok,
    N8N_PACE,
  );

  // Each takes long enough that the worker is killed with some in its hands.
  sandbox.faults.plan('POST /endpoints latency=400 times=always');
  const names = Array.from({ length: EXECUTIONS - 1 }, (_, index) => `machine-${index}`);
  const accepted = postAll(url, names);
  const ended = Promise.all(
    ['web-01', 'web-02', 'web-03', 'db-01'].map((name) => runToTheEnd(sandbox, name)),
  );
  await until(
    'half of the work',
    () => workers.map(begun),
    (counts) => counts.every((count) => count > 40),
    N8N_PACE,
  );
  await workers[0]?.kill();
  const killed = Date.now();

  expect(await accepted).not.toContain(false);
  const keys = (await ended).sort();
  const settled = await until(
    'the end of all executions',
    () => n8n.fetchExecutions(work),
    (all) => all.length >= EXECUTIONS && !all.some(({ status }) => UNFINISHED.includes(status)),
    N8N_PACE,
  );
  const seconds = Math.round((Date.now() - killed) / 1000);
  const lost = settled.filter(({ status }) => status !== 'success');
  const reasons = await Promise.all(
    lost.map(async ({ id }) => (await n8n.fetchExecution(id)).error?.message),
  );
  printLine(
    `queue: ${workers.map(begun).join(' + ')} executions begun by the workers; ${lost.length} were in the hands of the killed one ` +
      `and ended as ${[...new Set(lost.map(({ status }) => status))].join(', ')} (${[...new Set(reasons)].join('; ')}); ` +
      `all were settled ${seconds} s after the kill`,
  );
  expect(settled).toHaveLength(EXECUTIONS);
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.length).toBeLessThanOrEqual(CONCURRENCY);
  expect(new Set(lost.map(({ status }) => status))).toEqual(new Set(['error']));

  const made = (await rows<{ name: string }>(connect(sandbox), 'endpoint.getAll', {}, { limit: 1000 })).map(
    ({ row }) => row.name,
  );
  const ours = made.filter((name) => name.startsWith('machine-'));
  expect(new Set(ours).size).toBe(ours.length);
  expect(ours.length).toBeGreaterThanOrEqual(names.length - lost.length);

  await until(
    'the events',
    () => told(n8n, alert, trigger.name),
    (found) => found.length >= keys.length,
    N8N_PACE,
  );
  await nextPoll(sandbox);
  expect(await told(n8n, alert, trigger.name)).toEqual(keys);
}, 1_800_000);

/** A few at a time, as senders do: n8n refuses what its two connections to the database cannot take in time. */
async function postAll(url: string, names: readonly string[]): Promise<boolean[]> {
  const waiting = names.values();
  const answers: boolean[] = [];
  const lane = async (): Promise<void> => {
    for (const name of waiting) answers.push(await post(url, name));
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return answers;
}

async function post(url: string, name: string): Promise<boolean> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  return answer.ok;
}
