import { abandonWave, previewAbandonActions } from '../../src/playbooks/wave/abandon-wave';
import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { Transport } from '../../src/api/transport';
import { startSync } from '../../src/resources/execution';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, previewOf, realFetch, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';
import { machine, runOptions, waveOf } from './estate';
import { truthOf } from './truth';

/** Abandoning a wave while others run its transfers. */

let clock: ManualClock;
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, speed: 10, machines: [machine('m-1'), machine('m-2')] });
  coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  const input = waveOf([{ machine: 'm-1' }, { machine: 'm-2' }], { scenario: 'replica' });
  const { hash } = await planWave(coriolis, input);
  await runWave(coriolis, input, runOptions(hash, { until: 'synced' }));
});
afterEach(() => sandbox.stop());

/** Syncs a transfer to the end, with shutdown of its source. */
async function syncToTheEnd(transferId: string): Promise<void> {
  const { id: executionId } = await startSync(coriolis, transferId, {
    shutdownInstances: true,
    autoDeploy: false,
  });
  await one(coriolis, 'execution.wait', { transferId, executionId, timeoutSeconds: 24 * 3600 });
}

const transferOf = async (name: string) => {
  const truths = await truthOf(coriolis.client, 'Wave 1');
  const [transfer] = truths.find(({ machine: own }) => own === name)?.transfers ?? [];
  if (transfer === undefined) throw new Error(`${name} has no transfer`);
  return transfer;
};

/** Ids of the transfers of the wave that are left. */
const idsLeft = async (): Promise<readonly string[]> =>
  (await truthOf(coriolis.client, 'Wave 1')).flatMap(({ transfers }) => transfers.map(({ id }) => id));

/** A caller beside whom something happens when its first deletion is done. */
function beside(happens: () => Promise<void>): ReturnType<typeof connect> {
  let hasHappened = false;
  const transport: Transport = {
    send: async (request) => {
      const answer = await realFetch.send(request);
      if (!hasHappened && request.method === 'DELETE') {
        hasHappened = true;
        await happens();
      }
      return answer;
    },
  };
  return connect(sandbox, sandbox.connection, sleepingOn(clock), transport);
}

const BEGUN = 'it is a second one that has begun: look at its runs, then delete it by hand';

it('keeps a second transfer that has shut the source down, and the preview says it', async () => {
  const { notes } = await transferOf('m-1');
  const second = await createTransfer(coriolis, 'm-1', { notes: notes ?? '' });
  await syncToTheEnd(second);

  const said = await previewOf(coriolis, 'wave.abandon', { wave: 'Wave 1' });
  const actions = await abandonWave(coriolis, 'Wave 1', false);

  expect(said.consequences).toContain(`Kept: m-1, ${BEGUN}.`);
  expect(actions.find(({ transferId }) => transferId === second)).toMatchObject({
    action: 'kept',
    why: BEGUN,
  });
  expect(await idsLeft()).toEqual([second]);
});

it('deletes a second transfer that has not begun, unless it begins meanwhile', async () => {
  const { notes } = await transferOf('m-1');
  const second = await createTransfer(coriolis, 'm-1', { notes: notes ?? '' });
  const planned = await previewAbandonActions(coriolis, 'Wave 1', false);
  expect(planned.find(({ transferId }) => transferId === second)).toMatchObject({ action: 'deleted' });

  const actions = await abandonWave(
    beside(() => syncToTheEnd(second)),
    'Wave 1',
    false,
  );

  expect(actions.find(({ transferId }) => transferId === second)).toMatchObject({
    action: 'kept',
    why: BEGUN,
  });
  expect(await idsLeft()).toEqual([second]);
});

it('keeps a machine whose source is shut down while other transfers are deleted', async () => {
  const { id } = await transferOf('m-2');

  const actions = await abandonWave(
    beside(() => syncToTheEnd(id)),
    'Wave 1',
    false,
  );

  expect(actions.map(({ machine: name, action }) => [name, action])).toEqual([
    ['m-1', 'deleted'],
    ['m-2', 'kept'],
  ]);
  expect(actions.at(-1)?.why).toMatch(/^its source is off/u);
  expect(await idsLeft()).toEqual([id]);
});
