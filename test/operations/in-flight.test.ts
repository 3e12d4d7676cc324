import type { JsonObject } from '../../src/model/json';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { one, prepareOne } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

/** What a refused start says of the run in its way: the same run, or one that is being canceled and will not do. */

const lab = useClockedSandbox();

const inFlight = async (operation: string, given: JsonObject): Promise<JsonObject | undefined> =>
  await (await prepareOne(lab.coriolis, operation, given)).findRunning();

it('an execution that runs is the one that was asked for, until it is canceled', async () => {
  const transferId = await createTransfer(lab.coriolis, 'stubborn-vm');
  const { id } = await one(lab.coriolis, 'execution.start', { transferId });
  lab.clock.advance(600);
  expect(await inFlight('execution.start', { transferId })).toMatchObject({ id });

  await one(lab.coriolis, 'execution.cancel', { transferId });
  expect(await one(lab.coriolis, 'execution.get', { transferId })).toMatchObject({ status: 'CANCELLING' });
  expect(await inFlight('execution.start', { transferId })).toBeUndefined();
  await expect(one(lab.coriolis, 'execution.start', { transferId })).rejects.toMatchObject({
    kind: 'conflict',
    advice: expect.stringMatching(/wait until .* has ended/u) as string,
  });
});
