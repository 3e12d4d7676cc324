import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { isCoriolisError, UnreachableError } from '../../src/api/errors';
import type { Generation } from '../../src/api/api-request';
import type { Transport } from '../../src/api/transport';
import { CHANGES } from '../damage/changes';
import { connect, prepareOne, realFetch, sleepingOn } from '../support/coriolis';

/** The connection ends right after a change was carried out: the caller is told what was made, in a result or in an error. */

/** Creations and starts, with further requests before or after them. */
const MADE = [
  'endpoint.create',
  'transfer.create',
  'region.create',
  'migration.create',
  'minionPool.create',
  'schedule.create',
  'execution.start',
  'deployment.create',
];

/** Answers nothing any more after the first change of Coriolis or a service beside it. */
function goneAfterChange(): Transport {
  let isGone = false;
  return {
    async send(request) {
      if (isGone) throw new UnreachableError('the network is down', { code: 'ECONNRESET' });
      const answer = await realFetch.send(request);
      const isLogin = request.url.includes('/auth/tokens');
      isGone = !isLogin && request.method !== 'GET' && answer.status < 300;
      return answer;
    },
  };
}

describe.each<Generation>(['current', 'legacy'])('%s', (generation) => {
  const clock = new ManualClock();
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ generation, clock });
  });
  afterAll(() => sandbox.stop());

  test.each(MADE.flatMap((id) => [[id, 'run'] as const, [id, 'runOnce'] as const]))(
    '%s by %s',
    async (id, method) => {
      const time = sleepingOn(clock);
      const prepared = await CHANGES[id]?.(connect(sandbox, sandbox.connection, time), `${id} by ${method}`);
      if (prepared === undefined) throw new Error(`there is no change ${id}`);
      const coriolis = connect(sandbox, sandbox.connection, time, goneAfterChange());
      const call = await prepareOne(coriolis, id, prepared.input);
      const told = await call[method]().then(JSON.stringify, (error: unknown) => {
        if (!isCoriolisError(error)) throw error;
        expect(error).toMatchObject({ kind: 'uncertain' });
        return `${error.message} ${error.advice ?? ''}`;
      });
      const [made, ...others] = await prepared.made();
      expect(others).toEqual([]);
      expect(told).toContain(made);
    },
  );
});
