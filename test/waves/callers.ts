import { CoriolisClient } from '../../src/api/coriolis-client';
import { CanceledError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import type { Runtime } from '../../src/api/core-runtime';
import { makeKeystoneSession } from '../../src/api/keystone-session';
import type { Transport } from '../../src/api/transport';
import type { Sandbox } from '../../sandbox/sandbox';
import type { ManualClock } from '../../sandbox/world/clock';
import { fetchTransport } from '../../src/api/fetch-transport';
import { withoutUndefined } from '../../src/model/json';
import { identityOf } from '../support/coriolis';

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

const NEVER = new AbortController().signal;

/**
 * Transport to a sandbox in this process: what only reads needs no connection, which halves the time of a wave. What
 * changes something goes over HTTP, where connections break and answers are lost.
 */
export const transportTo = (sandbox: Sandbox): Transport =>
  fetchTransport(
    (url, { method, headers, body, signal }) =>
      method === 'GET'
        ? sandbox.answerWithoutConnection(new Request(url, { method, headers }))
        : fetch(url, {
            method,
            headers,
            ...withoutUndefined({ body }),
            redirect: 'manual',
            signal,
          }),
    // Nothing takes long here, and a timer for each of a million requests does.
    { timeoutSignal: () => NEVER, anySignal: ([signal = NEVER]) => signal },
  );

/** Death of a caller: no later request is sent, and no answer arrives. */
export class Killed extends CanceledError {}

/** A caller that dies at its n-th request, before it is sent or before its answer arrives. */
export function mortalCaller(sandbox: Sandbox, runtime: Runtime, requests: number): Coriolis {
  let left = requests;
  const server = transportTo(sandbox);
  const transport: Transport = {
    send: async (request) => {
      left -= 1;
      if (left > 0) return await server.send(request);
      if (left === 0 && runtime.random() < 0.5) await server.send(request);
      throw new Killed('killed');
    },
  };
  const session = makeKeystoneSession({ transport, runtime, identity: identityOf(sandbox) });
  return { ...runtime, client: new CoriolisClient({ transport: session, runtime }) };
}
