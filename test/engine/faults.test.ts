import { expectMet, meetFaults, MEETINGS } from '../support/faults';
import type { Meeting, Met, Told } from '../support/faults';
import { locator, startLab } from './lab';
import type { Lab } from './lab';

/** What a node says when something goes wrong on the way. */
describe('the node', () => {
  let lab: Lab;
  let met: ReadonlyMap<Meeting, Met>;
  const told = async (operation: string, transfer: string): Promise<Told> => {
    const run = await lab.run(operation, { transferId: locator(transfer) });
    return run.status === 'error'
      ? { failed: true, text: `${run.error?.message ?? ''} ${run.error?.description ?? ''}` }
      : { failed: false, text: JSON.stringify(run.rows('Coriolis')) };
  };
  beforeAll(async () => {
    lab = await startLab({ transfers: 40, speed: 1 });
    met = await meetFaults(lab.sandbox, {
      read: (transfer) => told('transfer.get', transfer),
      start: (transfer) => told('execution.start', transfer),
    });
  });
  afterAll(() => lab.stop());

  it.each(MEETINGS)('meets $fault', (meeting) => {
    expectMet(meeting, met.get(meeting));
  });
});
