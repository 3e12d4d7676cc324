import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { printLine } from '../../tools/install.mjs';
import { makeSandboxCredentialFields } from '../../tools/n8n/n8n-client';
import { installN8n } from '../../tools/n8n/install-n8n';
import { makeN8nHome, startN8nIn, type N8nHome, type N8nServer } from '../../tools/n8n/n8n-server';
import { until } from '../support/until';
import { chain, node, nextPoll, pollBegins, runToTheEnd, shared, told, trigger, N8N_PACE } from './lab';

/**
 * The published trigger under n8n's durable scheduler, which 2.41 has as an option and 2.45 as a rule. Each moment has two polls,
 * which n8n runs at once, each with a copy of the stored state; it stores what both find, in any order. n8n is killed and stopped
 * in the middle of polls, and repeats those that it did not finish.
 */

const DURABLE = {
  N8N_SCHEDULER_ENABLED: 'true',
  N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
  N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
  N8N_USE_WORKFLOW_PUBLICATION_SERVICE: 'true',
  // Polls that died with n8n are repeated soon.
  N8N_SCHEDULER_REAPER_INTERVAL: '5',
  N8N_SCHEDULER_LEASE_DURATION: '50',
  // The only place where n8n tells of polls that found nothing.
  N8N_LOG_LEVEL: 'debug',
};

let sandbox: Sandbox;
let home: N8nHome;
let n8n: N8nServer | undefined;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 2000 });
  home = await makeN8nHome({ packed: shared().packed });
});
afterAll(async () => {
  await n8n?.stop();
  home.remove();
  await sandbox.stop();
});

/** Polls of the durable scheduler that an n8n has finished. */
const finished = (server: N8nServer): number =>
  server.log().match(/Poll returned (?:no )?new data/gu)?.length ?? 0;

test('polls at once, publishing again, a kill and a stop in the middle of polls: each end is told once', async () => {
  const installed = await installN8n('current');
  const start = async (before?: N8nServer): Promise<N8nServer> => {
    const options = before === undefined ? {} : { session: before.session() };
    return (n8n = await startN8nIn(home, installed, { env: DURABLE, ...options }));
  };
  const first = await start();
  const credential = await first.addCredential('Sandbox', makeSandboxCredentialFields(sandbox.connection));
  const { pollTimes } = trigger.parameters as { pollTimes: { item: readonly object[] } };
  const doubled = {
    ...trigger,
    parameters: {
      ...trigger.parameters,
      pollTimes: { item: pollTimes.item.flatMap((each) => [each, each]) },
    },
  };
  const end = node('Tell somebody', 'n8n-nodes-base.noOp');
  const workflow = await first.addWorkflow(chain('Alert', doubled, end), credential);
  const ends: string[] = [];
  const run = async (...instances: readonly string[]): Promise<void> => {
    ends.push(...(await Promise.all(instances.map((instance) => runToTheEnd(sandbox, instance)))));
  };
  const tellsAll = (server: N8nServer): Promise<string[]> =>
    until(
      'the events',
      () => told(server, workflow, trigger.name),
      (keys) => ends.every((key) => keys.includes(key)),
      N8N_PACE,
    );
  await first.publish(workflow);
  // The poll of the activation is not stored: what ends after the first poll of the scheduler is told.
  await until(
    'the first polls',
    () => finished(first),
    (count) => count >= 2,
    N8N_PACE,
  );
  await run('web-01', 'web-02');
  await tellsAll(first);

  await first.unpublish(workflow);
  await first.publish(workflow);
  await nextPoll(sandbox);
  await nextPoll(sandbox);
  await run('app-01');
  await tellsAll(first);

  // Polls now last seconds, so that they are at work when n8n ends.
  sandbox.faults.plan('GET /deployments latency=4000 times=always');
  await run('web-03');
  await tellsAll(first);
  await pollBegins(sandbox);
  await first.kill();
  await run('db-01');
  const second = await start(first);
  await tellsAll(second);

  await pollBegins(sandbox);
  await second.stop();
  await run('db-02');
  const third = await start(second);
  await tellsAll(third);
  await nextPoll(sandbox);
  await nextPoll(sandbox);

  expect(await told(third, workflow, trigger.name)).toEqual(ends.sort());
  printLine(
    `durable: ${[first, second, third].map(finished).join(' + ')} polls; ${ends.length} events, each told once`,
  );
});
