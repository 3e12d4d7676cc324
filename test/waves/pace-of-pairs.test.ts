import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { DurationRange } from '../../src/playbooks/wave/copy-pace';
import type { JsonObject } from '../../src/model/json';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';
import { truthOf } from './truth';

/** Estimates of first copies in a wave between several pairs of endpoints. */

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

it('estimates each row by earlier copies between its own endpoints, whatever the order of the rows', async () => {
  const clock = new ManualClock();
  sandbox = await startSandbox({
    clock,
    speed: 10,
    machines: [machine('m-1'), machine('m-2'), machine('m-3')],
  });
  const coriolis = connect(sandbox, sandbox.connection, sleepingOn(clock));
  await one(coriolis, 'endpoint.create', {
    name: 'vcenter-2',
    type: 'vmware_vsphere',
    connection: {
      host: 'vcenter-2.example.com',
      port: 443,
      username: 'reader',
      password: 'unused',
      allow_untrusted: true,
    },
  });
  const near: JsonObject = { machine: 'm-1' };
  const far: JsonObject = { machine: 'm-2', origin_endpoint_id: 'vcenter-2' };
  const estimates = async (rows: readonly JsonObject[]) => {
    const { rows: planned } = await planWave(coriolis, waveOf(rows));
    expect(planned.map(({ problem }) => problem)).toEqual([null, null]);
    const byName: Readonly<Record<string, DurationRange | null | undefined>> = Object.fromEntries(
      planned.map(({ name, firstCopySeconds }) => [name, firstCopySeconds]),
    );
    return byName;
  };

  // The sandbox begins with a copy between its first endpoints, and none from the second vCenter.
  const before = await estimates([near, far]);
  expect(before).toEqual({ 'm-1': { low: expect.any(Number), high: expect.any(Number) }, 'm-2': null });
  expect(await estimates([far, near])).toEqual(before);

  const input = waveOf([{ machine: 'm-3', origin_endpoint_id: 'vcenter-2' }], { wave: 'Before' });
  const { hash } = await planWave(coriolis, input);
  await runWave(coriolis, input, runOptions(hash, { until: 'prepared' }));
  const [copy] = (await truthOf(coriolis.client, 'Before'))[0]?.syncs ?? [];
  const seconds = (Date.parse(String(copy?.updated_at)) - Date.parse(String(copy?.created_at))) / 1000;
  // The machines are of one size.
  const after = { ...before, 'm-2': { low: seconds, high: seconds } };
  expect(await estimates([near, far])).toEqual(after);
  expect(await estimates([far, near])).toEqual(after);
});
