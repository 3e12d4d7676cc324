import type { EstateSummary } from '../../src/playbooks/estate-summary';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { one } from '../support/coriolis';
import { createTransfer } from '../support/transfers';
import { machine } from '../waves/estate';

/** An estate with more runs that stand still than one summary checks. */

const names = Array.from({ length: 23 }, (_one, index) => `stuck-${index + 1}`);
const lab = useClockedSandbox({
  speed: 10,
  machines: names.map((name) => machine(name, { behaviour: { stuckAtPercent: 40 } })),
});

it('says how many long runs were not checked for a stall', async () => {
  for (const name of names) {
    const transferId = await createTransfer(lab.coriolis, name);
    await one(lab.coriolis, 'execution.start', { transferId });
  }
  lab.clock.advance(6 * 3600);

  const {
    attention,
    running_count: running,
    stalled_count: stalled,
  } = await one<EstateSummary>(lab.coriolis, 'estate.summarize', {});

  expect([running, stalled]).toEqual([23, 20]);
  expect(attention).toContain(
    '3 more running without a recent change: only the 20 unchanged for longest were checked for a stall, so more may be stalled.',
  );
});
