import { expectMet, meetFaults, MEETINGS } from '../support/faults';
import type { Meeting, Met, Told } from '../support/faults';
import { locator, startLab } from './lab';
import type { NodeFailure } from '../support/engine/engine';
import type { Lab } from './lab';

/** The error as n8n shows it: the sentence, the request among the folded details, the advice. */
function textOf(error: NodeFailure | undefined): string {
  const { request } = (error?.context['data'] ?? {}) as { readonly request?: string };
  const quoted = request === undefined ? '' : ` (${request})`;
  return `${error?.message ?? ''}${quoted} ${error?.description ?? ''}`;
}

/** What a node says when something goes wrong on the way. */
describe('the node', () => {
  let lab: Lab;
  let met: ReadonlyMap<Meeting, Met>;
  const told = async (operation: string, transfer: string): Promise<Told> => {
    const run = await lab.run(operation, { transferId: locator(transfer) });
    return run.status === 'error'
      ? { failed: true, text: textOf(run.error) }
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
