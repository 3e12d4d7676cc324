import { planWave } from '../../src/playbooks/wave/plan';
import { runWave } from '../../src/playbooks/wave/run-wave';
import type { WaveRunOptions } from '../../src/playbooks/wave/wave-run-options';
import type { JsonObject } from '../../src/model/json';
import type { Generation } from '../../sandbox/world/releases';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, one, sleepingOn } from '../support/coriolis';
import { machine, runOptions, waveOf } from './estate';
import { spansOf, truthOf, type Span } from './truth';

/** Windows that are long enough for a final sync, and too short for the deployment that must follow it. */

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
});

/** Factor from a measured duration to the upper estimate, and a second for its rounding. */
const upper = (seconds: number): number => seconds * 1.2 + 1;

describe.each(['current', 'legacy'] satisfies Generation[])('a window on a %s server', (generation) => {
  /** A machine that is synced twice and waits for its cutover, from a vCenter that nothing was deployed from. */
  async function synced() {
    const clock = new ManualClock();
    sandbox = await startSandbox({
      clock,
      generation,
      speed: 10,
      machines: [machine('m-1'), machine('m-2')],
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
    const wave = async (name: string, row: JsonObject) => {
      const input = waveOf([row], {
        wave: name,
        originEndpointId: 'vcenter-2',
        passes: 2,
        scenario: 'replica',
      });
      const { hash } = await planWave(coriolis, input);
      return {
        run: (more: Partial<WaveRunOptions> = {}) => runWave(coriolis, input, runOptions(hash, more)),
        spans: async (kind: Span['kind']) =>
          spansOf(await truthOf(coriolis.client, name)).filter((span) => span.kind === kind),
      };
    };
    const own = await wave('Wave 1', { machine: 'm-1' });
    await own.run({ until: 'synced' });
    await coriolis.sleep(60_000);
    const later = (await own.spans('sync'))[1];
    /** A window that has been open for some seconds and closes after others. */
    const windowOf = (open: number, left: number): WaveRunOptions['window'] => ({
      kind: 'once',
      from: clock.now() - open * 1000,
      to: clock.now() + left * 1000,
    });
    return { ...own, wave, windowOf, syncSeconds: secondsOf(later), clock };
  }

  it('leaves the source on when the deployment would end after it, by earlier deployments', async () => {
    const { run, spans, wave, windowOf, syncSeconds, clock } = await synced();
    const before = await wave('Before', { machine: 'm-2' });
    expect(await before.run()).toMatchObject({ done: 1 });
    const deploySeconds = secondsOf((await before.spans('deployment'))[0]);

    const short = windowOf(0, upper(syncSeconds) + deploySeconds / 2);
    const waiting = await run({ window: short, timeoutSeconds: 5 });
    expect(waiting.rows).toMatchObject([
      { stage: 'synced', committed: false, waitsFor: 'window', why: expect.stringMatching(/^it may take /u) },
    ]);
    expect(await spans('sync')).toHaveLength(2);

    const to = clock.now() + (upper(syncSeconds) + upper(deploySeconds) + 10) * 1000;
    expect(await run({ window: { kind: 'once', from: clock.now(), to } })).toMatchObject({ done: 1 });
    const [deployment] = await spans('deployment');
    expect(deployment?.to).toBeLessThanOrEqual(to);
  });

  it('counts a deployment that was never measured as long as the sync, and lets the first machine begin', async () => {
    const { run, spans, windowOf, syncSeconds } = await synced();
    const left = upper(syncSeconds) * 1.6;
    const waiting = await run({ window: windowOf(left * 10, left), timeoutSeconds: 5 });
    expect(waiting.rows).toMatchObject([
      { stage: 'synced', waitsFor: 'window', why: expect.stringContaining('not all of it was measured yet') },
    ]);
    expect(await spans('sync')).toHaveLength(2);
    // The whole window is too short for twice the sync; at its opening the machine begins nevertheless.
    expect(await run({ window: windowOf(0, left) })).toMatchObject({ done: 1 });
  });
});

const secondsOf = (span: Span | undefined): number => {
  if (span === undefined) throw new Error('it did not run');
  return (span.to - span.from) / 1000;
};
