import type { SandboxOptions } from '../../sandbox/sandbox-options';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { ManualClock } from '../../sandbox/world/clock';
import { connect, sleepingOn } from './coriolis';

/** A sandbox whose time passes only when somebody sleeps or advances its clock. */
export interface ClockedSandbox {
  readonly clock: ManualClock;
  readonly sandbox: Sandbox;
  /** The core, logged in. */
  readonly coriolis: ReturnType<typeof connect>;
}

/** Starts a sandbox before the tests of a file and stops it after them; until then its parts are not there. */
export function useClockedSandbox(
  options: Omit<SandboxOptions, 'clock'> = {},
  user: 'admin' | 'demo' = 'admin',
): ClockedSandbox {
  const clock = new ManualClock();
  const lab = { clock } as { clock: ManualClock; sandbox: Sandbox; coriolis: ReturnType<typeof connect> };
  beforeAll(async () => {
    lab.sandbox = await startSandbox({ ...options, clock });
    const { connection } = lab.sandbox;
    lab.coriolis = connect(lab.sandbox, user === 'admin' ? connection.admin : connection, sleepingOn(clock));
  });
  afterAll(() => lab.sandbox.stop());
  return lab;
}
