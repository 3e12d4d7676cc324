import { startSandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { connect, one, prepareOne, previewOf, rows, sleepingOn } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

const lab = useClockedSandbox({}, 'demo');

const preview = (id: string, input: JsonObject, at: Coriolis = lab.coriolis) => previewOf(at, id, input);

/** What answers a call that was refused because it was made before. */
const findInFlight = async (id: string, input: JsonObject): Promise<JsonObject | undefined> =>
  await (await prepareOne(lab.coriolis, id, input)).findRunning();

const transferOf = (...instances: string[]) =>
  createTransfer(lab.coriolis, instances, {
    networkMap: { 'VM Network': 'private', Backend: 'private' },
    notes: `Moves ${instances.join(' and ')}`,
  });

const start = async (id: string, input: JsonObject) =>
  (await one<{ id: string }>(lab.coriolis, id, input)).id;

async function synced(...instances: string[]): Promise<string> {
  const transferId = await transferOf(...instances);
  await start('execution.start', { transferId });
  await one(lab.coriolis, 'execution.wait', { transferId, timeoutSeconds: 80_000 });
  return transferId;
}

describe('the preview of a deletion', () => {
  it('counts what is lost and names what stays', async () => {
    const transferId = await synced('web-01', 'web-02');
    await one(lab.coriolis, 'schedule.create', { transferId, hour: 3, minute: 0 });

    const { subject, consequences, refusal } = await preview('transfer.delete', { transferId });

    expect(subject).toMatchObject({ id: transferId, name: 'Moves web-01 and web-02', status: 'COMPLETED' });
    expect(consequences.join('\n')).toContain('It moves 2 machines: web-01, web-02.');
    expect(consequences.join('\n')).toContain(
      'Lost: its settings, 1 schedule and the history of 1 execution.',
    );
    expect(consequences.join('\n')).toMatch(/removed there: \d+ copied disks of the sync that ended 20/u);
    expect(refusal).toBeUndefined();
  });

  it.each(['current', 'legacy'] as const)(
    'knows that the disks are gone once they were deleted, and there again after the next sync: %s',
    async (generation) => {
      const time = new ManualClock();
      const other = await startSandbox({ clock: time, generation });
      try {
        const there = connect(other, undefined, sleepingOn(time));
        const [done] = await rows(there, 'transfer.getAll', { status: 'COMPLETED' }, { limit: 1 });
        const transferId = done?.row['id'];
        const finished = { transferId, timeoutSeconds: 80_000 };
        const told = async () =>
          (await preview('transfer.delete', { transferId }, there)).consequences.join('\n');
        expect(await told()).toContain('of the sync that ended');

        await one(there, 'transfer.deleteDisks', { transferId });
        await one(there, 'execution.wait', finished);
        expect(await told()).not.toContain('of the sync that ended');

        await one(there, 'execution.start', { transferId });
        await one(there, 'execution.wait', finished);
        expect(await told()).toContain('of the sync that ended');
      } finally {
        await other.stop();
      }
    },
  );

  it('refuses while an execution runs, and names it', async () => {
    const transferId = await transferOf('slow-vm');
    const execution = await start('execution.start', { transferId });

    expect((await preview('transfer.delete', { transferId })).refusal).toContain(execution);
    expect((await preview('transfer.deleteDisks', { transferId })).refusal).toContain(execution);
  });

  it('refuses while a deployment runs, which the transfer itself does not tell', async () => {
    const transferId = await synced('web-03');
    const deployment = await start('deployment.create', { transferId });

    const { subject, refusal } = await preview('transfer.delete', { transferId });

    expect(subject.status).toBe('COMPLETED');
    expect(refusal).toContain(deployment);
  });
});

describe('the preview of a cutover', () => {
  it('names the machines that are shut down', async () => {
    const transferId = await transferOf('app-01');

    const { consequences } = await preview('execution.start', { transferId, shutdownInstances: true });

    expect(consequences[0]).toBe('Shut down on the source: app-01.');
  });
});

describe('a call that was made before', () => {
  it('finds the deployment that it asks for at work', async () => {
    const transferId = await synced('db-01');
    const deployment = await start('deployment.create', { transferId });

    await expect(one(lab.coriolis, 'deployment.create', { transferId })).rejects.toMatchObject({
      kind: 'conflict',
    });
    expect(await findInFlight('deployment.create', { transferId })).toMatchObject({ id: deployment });
  });

  it('does not take one with other settings for its own', async () => {
    const transferId = await synced('db-01');
    await start('deployment.create', { transferId });

    const others: readonly JsonObject[] = [
      { cloneDisks: false },
      { skipOsMorphing: true },
      { userScripts: { global: { linux: 'echo late' } } },
    ];
    for (const setting of others) {
      expect(await findInFlight('deployment.create', { transferId, ...setting })).toBeUndefined();
    }
  });

  it('takes one with the settings asked for, whatever form the server keeps them in', async () => {
    const transferId = await synced('db-01');
    const settings = { cloneDisks: true, userScripts: { global: { linux: '#!/bin/sh\r\necho hi' } } };
    const deployment = await start('deployment.create', { transferId, ...settings });

    expect(await findInFlight('deployment.create', { transferId, ...settings })).toMatchObject({
      id: deployment,
    });
  });

  it('finds the deletion of disks at work', async () => {
    const transferId = await synced('web-01');
    const execution = await start('transfer.deleteDisks', { transferId });

    expect(await findInFlight('transfer.deleteDisks', { transferId })).toMatchObject({ id: execution });
  });

  it('finds nothing for a transfer at rest', async () => {
    const transferId = await synced('web-02');

    expect(await findInFlight('deployment.create', { transferId })).toBeUndefined();
    expect(await findInFlight('transfer.deleteDisks', { transferId })).toBeUndefined();
    expect(await findInFlight('execution.start', { transferId })).toBeUndefined();
  });
});
