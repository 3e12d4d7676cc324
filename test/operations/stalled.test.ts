import { callsAfterDiagnosis } from '../../src/playbooks/diagnosis/next-steps';
import type { Diagnosis } from '../../src/playbooks/diagnosis/diagnosed-run';
import { prepareBulkCall, type BulkOperation } from '../../src/bulk-call';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { one, operationOf, prepareOne } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

const lab = useClockedSandbox();

async function started(instance: string): Promise<string> {
  const transferId = await createTransfer(lab.coriolis, instance, { checkInstances: false });
  await one(lab.coriolis, 'execution.start', { transferId });
  return transferId;
}

/** Lets a time pass in which the world moves on step by step. */
async function pass(hours: number): Promise<void> {
  for (let minutes = 0; minutes < hours * 60; minutes += 5) {
    lab.clock.advance(300);
    await lab.coriolis.client.get('/transfers', { query: { limit: 1 } });
  }
}

it('a run that stands still for hours is stalled, has no estimate, and its diagnosis offers choices', async () => {
  const transferId = await started('stuck-vm');
  await pass(4);

  const run = await one(lab.coriolis, 'execution.get', { transferId });
  expect(run).toMatchObject({
    status: 'RUNNING',
    eta_seconds: null,
    usual_seconds: null,
    all_tasks_ended: null,
  });
  expect(Number(run['stalled_seconds'])).toBeGreaterThan(2 * 3600);
  expect(Date.parse(String(run['last_progress_at']))).toBeLessThan(lab.clock.now() - 2 * 3_600_000);
  expect((await one(lab.coriolis, 'transfer.get', { transferId }))['stalled_seconds']).toBe(
    run['stalled_seconds'],
  );
  const diagnosis = await one<Diagnosis>(lab.coriolis, 'execution.diagnose', { transferId });
  const { summary, next_steps: steps } = diagnosis;
  expect(summary).toContain(`since ${String(run['last_progress_at'])}`);
  expect(summary).not.toContain(' left');
  expect(diagnosis).toMatchObject({ name: 'stuck-vm', all_tasks_done: false });
  const input = { transferId, executionId: run['id'] };
  expect(callsAfterDiagnosis(diagnosis)).toEqual([
    { operation: 'execution.wait', input },
    { operation: 'execution.cancel', input },
  ]);
  expect(steps).toHaveLength(3);
  expect(steps.join(' ')).toMatch(/look.*wait.*cancel.*force/isu);

  const estate = await one(lab.coriolis, 'estate.summarize', {});
  expect(estate).toMatchObject({
    stalled_count: 1,
    stalled: [{ kind: 'transfer', id: transferId, execution_id: run['id'], since: run['last_progress_at'] }],
  });
  expect(String(estate['attention'])).toContain('1 running without any change');

  const waited = await one<{ done: boolean; targets: readonly Record<string, unknown>[] }>(
    lab.coriolis,
    'estate.wait',
    { executions: [transferId], timeoutSeconds: 3600, stallSeconds: 60 },
  );
  expect(waited).toMatchObject({ done: false, ended: 0, going_on: 0, stalled: 1 });
  expect(waited.targets[0]).toMatchObject({
    outcome: 'stalled',
    eta_seconds: null,
    stalled_since: run['last_progress_at'],
  });
});

it('a start while a run is stalled says so, since when, and the choices', async () => {
  const transferId = await started('stuck-vm');
  const call = await prepareOne(lab.coriolis, 'execution.start', { transferId });
  const early = await call.findRunning();
  expect(early).toMatchObject({ status: 'RUNNING' });
  expect(early).not.toHaveProperty('stalled_seconds');
  await expect(call.run()).rejects.toMatchObject({
    kind: 'conflict',
    advice: expect.not.stringContaining('stands still') as string,
  });
  await pass(4);

  const run = await one(lab.coriolis, 'execution.get', { transferId });
  const advice = expect.stringMatching(
    new RegExp(
      `Execution ${String(run['id'])} stands still.*since ${String(run['last_progress_at'])}.*Look at.*wait, at most.*cancel it`,
      'u',
    ),
  ) as string;
  await expect(call.run()).rejects.toMatchObject({ kind: 'conflict', advice });
  await expect(call.runToCompletion({ timeoutSeconds: 60, stallSeconds: 60 })).rejects.toMatchObject({
    advice,
  });
  expect(await call.findRunning()).toMatchObject({
    id: run['id'],
    last_progress_at: run['last_progress_at'],
    stalled_seconds: expect.any(Number) as number,
    choices: [
      expect.stringMatching(/^Look/u),
      expect.stringMatching(/wait/u),
      expect.stringMatching(/cancel/u),
    ],
  });
  const several = await prepareBulkCall(operationOf('execution.start') as BulkOperation, lab.coriolis, {
    transferIds: [transferId],
  });
  const { result, headline } = await several.run();
  expect(result.rows).toMatchObject([{ outcome: 'running', last_progress_at: run['last_progress_at'] }]);
  expect(headline).toBe('1 running; 1 of the running stalled: diagnose, wait or cancel');
});

it('a run whose tasks have all ended is told to be canceled, and the cancel frees it', async () => {
  const transferId = await started('endless-vm');
  await pass(1);

  const diagnosis = await one<Diagnosis>(lab.coriolis, 'execution.diagnose', { transferId });
  const { id: executionId, summary, next_steps: steps } = diagnosis;
  expect(diagnosis).toMatchObject({ all_tasks_done: true });
  expect(await one(lab.coriolis, 'execution.get', { transferId })).toMatchObject({ all_tasks_ended: true });
  expect(callsAfterDiagnosis(diagnosis)).toEqual([
    { operation: 'execution.cancel', input: { transferId, executionId } },
  ]);
  expect(summary).toContain('All tasks of the run have ended');
  expect(steps[0]).toMatch(/^Cancel the run without force/u);
  await one(lab.coriolis, 'execution.cancel', { transferId });
  await pass(0.1);
  expect(await one(lab.coriolis, 'execution.get', { transferId })).toMatchObject({ stalled_seconds: null });
});

it('a run that moves is not stalled, and is compared with earlier ones of its kind', async () => {
  const transferId = await started('web-02');
  for (let run = 0; run < 2; run += 1) {
    await one(lab.coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
    lab.clock.advance(10);
    await one(lab.coriolis, 'execution.start', { transferId });
  }
  lab.clock.advance(20);

  const run = await one(lab.coriolis, 'execution.get', { transferId });
  expect(run).toMatchObject({ status: 'RUNNING', stalled_seconds: null });
  expect(Number(run['usual_seconds'])).toBeGreaterThan(0);
});
