import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import type { SingleOperation } from '../../src/operation';
import { prepareCall } from '../../src/prepared-call';
import { connect, one, operationOf, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

/** What a refused start says of the run in its way: the same run, or one that is being canceled and will not do. */

const clock = new ManualClock();
let sandbox: Sandbox;
let coriolis: Coriolis;
beforeAll(async () => {
  sandbox = await startSandbox({ clock });
  coriolis = connect(sandbox, sandbox.connection.admin, sleepingOn(clock));
});
afterAll(() => sandbox.stop());

const inFlight = async (operation: string, given: JsonObject): Promise<JsonObject | undefined> =>
  await (await prepareCall(operationOf(operation) as SingleOperation, coriolis, given)).findInFlight();

it('an execution that runs is the one that was asked for, until it is canceled', async () => {
  const transferId = await createTransfer(coriolis, 'stubborn-vm');
  const { id } = await one(coriolis, 'execution.start', { transferId });
  clock.advance(600);
  expect(await inFlight('execution.start', { transferId })).toMatchObject({ id });

  await one(coriolis, 'execution.cancel', { transferId });
  expect(await one(coriolis, 'execution.get', { transferId })).toMatchObject({ status: 'CANCELLING' });
  expect(await inFlight('execution.start', { transferId })).toBeUndefined();
  await expect(one(coriolis, 'execution.start', { transferId })).rejects.toMatchObject({
    kind: 'conflict',
    advice: expect.stringMatching(/wait until .* has ended/u) as string,
  });
});
