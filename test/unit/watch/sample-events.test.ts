import { fetchSampleEvents } from '../../../src/watch/sample-events';
import { ModelServer } from './model-server';
import type { OwnTransfer } from './model-server';

const server = (): {
  readonly model: ModelServer;
  readonly run: (transfer: OwnTransfer, status: string) => void;
} => {
  const model = new ModelServer();
  return {
    model,
    run: (transfer, status) => {
      model.start(transfer);
      model.advance(2000);
      model.finish(transfer, status);
    },
  };
};

describe('an example event', () => {
  test('is the newest finished run', async () => {
    const { model, run } = server();
    const transfer = model.addTransfer();
    run(transfer, 'COMPLETED');
    run(transfer, 'ERROR');
    model.start(model.addTransfer());
    expect(await fetchSampleEvents(model.coriolis())).toMatchObject([
      {
        kind: 'execution',
        number: 2,
        outcome: 'failed',
        failure: { task_type: 'REPLICATE_DISKS' },
      },
    ]);
  });

  test('passes the filter', async () => {
    const { model, run } = server();
    const transfer = model.addTransfer();
    run(transfer, 'ERROR');
    run(model.addTransfer(), 'COMPLETED');
    const events = await fetchSampleEvents(model.coriolis(), { filter: { outcomes: ['failed'] } });
    expect(events).toMatchObject([{ transfer_id: transfer.id, outcome: 'failed' }]);
  });

  test('may be a deployment', async () => {
    const { model } = server();
    const deployment = model.addDeployment(model.addTransfer(), 'RUNNING');
    model.finishDeployment(deployment, 'ERROR');
    expect(await fetchSampleEvents(model.coriolis(), { kinds: ['deployment'] })).toMatchObject([
      {
        deployment_id: deployment.id,
        failure: { task_type: 'REPLICATE_DISKS' },
      },
    ]);
  });

  test('is none when nothing has finished', async () => {
    const { model } = server();
    model.start(model.addTransfer());
    expect(await fetchSampleEvents(model.coriolis())).toEqual([]);
  });
});
