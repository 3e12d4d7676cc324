import { CoriolisClient } from '../../src/api/client';
import { CanceledError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/coriolis';
import type { Runtime } from '../../src/api/runtime';
import { makeKeystoneSession } from '../../src/api/session';
import type { Transport } from '../../src/api/transport';
import type { Sandbox } from '../../sandbox/sandbox';
import type { ManualClock } from '../../sandbox/world/clock';
import { identityOf, realFetch } from '../support/coriolis';

/** Time of several callers: it passes when all of them sleep, to the moment at which the first wakes. */
export class SharedTime {
  private readonly sleepers: Array<{ readonly at: number; readonly wake: () => void }> = [];
  private callers = 0;

  constructor(private readonly clock: ManualClock) {}

  /** Runtime of a caller. */
  runtime(random: () => number): Runtime {
    return { clock: () => this.clock.now(), random, sleep: (ms) => this.sleep(ms) };
  }

  /** Runs a caller: while it is awake, no time passes. */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    this.callers += 1;
    try {
      return await call();
    } finally {
      this.callers -= 1;
      this.pass();
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ at: this.clock.now() + ms, wake });
      this.pass();
    });
  }

  private pass(): void {
    if (this.sleepers.length === 0 || this.sleepers.length < this.callers) return;
    this.sleepers.sort((one, other) => one.at - other.at);
    const next = this.sleepers.shift();
    if (next === undefined) return;
    this.clock.advance(Math.max(0, next.at - this.clock.now()) / 1000);
    next.wake();
  }
}

/** Death of a caller: no later request is sent, and no answer arrives. */
export class Killed extends CanceledError {}

/** A caller that dies at its n-th request, before it is sent or before its answer arrives. */
export function mortalCaller(sandbox: Sandbox, runtime: Runtime, requests: number): Coriolis {
  let left = requests;
  const transport: Transport = {
    send: async (request) => {
      left -= 1;
      if (left > 0) return await realFetch.send(request);
      if (left === 0 && runtime.random() < 0.5) await realFetch.send(request);
      throw new Killed('killed');
    },
  };
  const session = makeKeystoneSession({ transport, runtime, identity: identityOf(sandbox) });
  return { ...runtime, client: new CoriolisClient({ transport: session, runtime }) };
}
