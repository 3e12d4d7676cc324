import { locator } from '../engine/lab';
import { onStage, type Stage } from './stage';

/** The nightly sync: everything that matches is synced, and one message tells what is not. */

const START = 'Every night at one';

let stage: Stage;
afterEach(() => stage.stop());

describe.each(['current', 'legacy'] as const)('on a server of the %s generation', (generation) => {
  test('two that fail and one that is refused make one message, after all others were synced', async () => {
    stage = await onStage('nightly-replica-sync', { sandbox: { generation }, settings: { at_once: 2 } });
    await stage.replicaOf('fail-replication-vm', 'ERP, nightly');
    await stage.replicaOf('fail-worker-vm', 'CRM, nightly');
    await stage.replicaOf('web-02', 'weekly');
    const busy = await stage.replicaOf('stuck-vm', 'Mail, nightly');
    await stage.lab.rows('execution.start', { transferId: locator(busy) });

    const result = await stage.run(START);

    expect(result.error).toBeUndefined();
    expect(stage.mails).toEqual([expect.objectContaining({ subject: 'Coriolis: 3 replicas not in sync' })]);
    const [{ text } = { text: '' }] = stage.mails;
    expect(text).toMatch(/^ERP, nightly\n.*ended as failed .*REPLICATE_DISKS of fail-replication-vm/mu);
    expect(text).toContain('The ESXi host performing the CBT export refused connection.');
    expect(text).toMatch(/^CRM, nightly\n.*ended as failed .*Likely cause: /mu);
    expect(text).toMatch(/^Mail, nightly\n.*in progress.*wait until it has ended/mu);
    const ended = stage.lab.sandbox.listFinishedRuns().map(({ status }) => status);
    expect(ended.toSorted()).toEqual(['COMPLETED', 'COMPLETED', 'ERROR', 'ERROR']);
  });
});

test('no message when everything is in sync', async () => {
  stage = await onStage('nightly-replica-sync');

  const result = await stage.run(START);

  expect(result.error).toBeUndefined();
  expect(stage.lab.sandbox.listFinishedRuns().map(({ status }) => status)).toEqual([
    'COMPLETED',
    'COMPLETED',
  ]);
  expect(stage.mails).toEqual([]);
});

test('a word that no replica has is told, and nothing is started', async () => {
  stage = await onStage('nightly-replica-sync', { settings: { search: 'nihgtly' } });

  await stage.run(START);

  expect(stage.mails).toEqual([
    {
      subject: 'Coriolis: 1 replica not in sync',
      text: 'Replicas with "nihgtly" in their notes or machines\nNone found: nothing was synced.',
      asks: false,
    },
  ]);
  expect(stage.lab.sandbox.requests.count('POST', /\/executions$/u)).toBe(0);
});

test('so is a Coriolis that does not answer', async () => {
  stage = await onStage('nightly-replica-sync');
  stage.lab.sandbox.faults.add({ path: /\/transfers/u, times: 100, fault: { kind: 'status', status: 500 } });

  await stage.run(START);

  expect(stage.mails).toEqual([
    expect.objectContaining({ text: expect.stringMatching(/nightly.*\n.*500/u) }),
  ]);
});
