import type { IDataObject } from 'n8n-workflow';
import { locator } from '../engine/lab';
import { onStage, type Answer, type Stage } from './stage';

/** Parking: the run is put away by n8n until the trigger's run wakes it up, and then believes only Coriolis itself. */

let stage: Stage;
afterEach(() => stage.stop());

const TRIGGER = 'When an execution has ended';

/** A data table of n8n with rows that begin with an execution id. */
function dataTable(): { readonly rows: () => readonly IDataObject[]; readonly answer: Answer } {
  let rows: readonly IDataObject[] = [];
  const matching = (filters: unknown): string =>
    (filters as { conditions: Array<{ keyValue: string }> }).conditions[0]?.keyValue ?? '';
  return {
    rows: () => rows,
    answer: ({ parameters: { operation, columns, filters } }) => {
      if (operation === 'insert') rows = [...rows, (columns as { value: IDataObject }).value];
      if (operation === 'get') return rows.filter((row) => row['execution_id'] === matching(filters));
      if (operation === 'deleteRows') rows = rows.filter((row) => row['execution_id'] !== matching(filters));
      return undefined;
    },
  };
}

async function parked(instance: string) {
  const table = dataTable();
  const parameters: Record<string, { transferId: ReturnType<typeof locator> }> = {};
  stage = await onStage('park-and-resume', {
    parameters,
    thirdParties: {
      'n8n-nodes-base.dataTable': { each: table.answer },
      'n8n-nodes-base.httpRequest': { each: () => [{}] },
    },
  });
  parameters['Execute the transfer'] = { transferId: locator(await stage.replicaOf(instance, 'Long')) };
  const waiting = await stage.run('Every Friday at eight');
  expect(waiting.status).toBe('waiting');
  const [execution] = waiting.rows('Execute the transfer');
  return {
    waiting,
    table,
    transfer: String(execution?.['transfer_id']),
    execution: String(execution?.['id']),
  };
}

const ended = async (transfer: string, execution: string) => {
  const ids = { transferId: locator(transfer), executionId: locator(execution) };
  await stage.lab.rows('execution.wait', { ...ids, timeoutSeconds: 60 });
};

const calls = () =>
  stage.sent.filter(({ node }) => node === 'Wake it up').map(({ parameters: { url } }) => url);

test('the trigger wakes the run up, which goes on from what Coriolis says', async () => {
  const { waiting, table, transfer, execution } = await parked('web-02');
  const [row] = table.rows();
  expect(row).toEqual({ execution_id: execution, resume_url: expect.stringMatching(/^http/u) });
  await ended(transfer, execution);

  await stage.run(TRIGGER, [{ kind: 'execution', execution_id: execution, outcome: 'completed' }]);
  expect(calls()).toEqual([row?.['resume_url']]);
  expect(table.rows()).toEqual([]);

  const end = await stage.resume(waiting, {});
  expect(end.status).toBe('success');
  expect(end.rows('Go on here')).toEqual([expect.objectContaining({ id: execution, outcome: 'completed' })]);
});

test('executions that nobody waits for wake nobody up', async () => {
  const { table } = await parked('web-02');

  await stage.run(TRIGGER, [{ kind: 'execution', execution_id: 'another', outcome: 'completed' }]);

  expect(calls()).toEqual([]);
  expect(table.rows()).toHaveLength(1);
});

test('a run that is woken up too early is parked again', async () => {
  const { waiting } = await parked('stuck-vm');

  const again = await stage.resume(waiting, {});

  expect(again.status).toBe('waiting');
});

test('a run that nobody wakes up looks for itself when its time is over', async () => {
  const { waiting, transfer, execution } = await parked('web-02');
  await ended(transfer, execution);

  const end = await stage.resume(waiting);

  expect(end.rows('Go on here')).toEqual([expect.objectContaining({ id: execution })]);
});

test('one that failed ends with its diagnosis', async () => {
  const { waiting, transfer, execution } = await parked('fail-replication-vm');
  await ended(transfer, execution);

  const { error } = await stage.resume(waiting, {});

  expect(error?.message).toContain('ESXi host refuses TCP 902');
  expect(error?.message).toContain('Next: ');
});
