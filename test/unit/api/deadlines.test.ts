import { CoriolisClient } from '../../../src/api/coriolis-client';
import { contextForCaller } from '../../../src/api/operation-context';
import type { Coriolis } from '../../../src/api/operation-context';
import { isCoriolisError, TimeoutError, UnreachableError } from '../../../src/api/errors';
import { makeKeystoneSession } from '../../../src/api/keystone-session';
import type { Transport } from '../../../src/api/transport';
import { catalogue } from '../../../src/catalogue';
import { timeoutInputOf, type Operation } from '../../../src/operation';
import { fetchCallRows, checkCall, isSingleCall, resolveNames } from '../../../src/prepared-call';
import type { AnyField } from '../../../src/vocabulary/field';
import { BEGIN, demo, fakeRuntime } from './support';

/**
 * Every operation of the catalogue against a server that does not answer, and every one that is canceled: in time that
 * passes only in requests and pauses.
 */

const uuid = '11111111-1111-4111-8111-111111111111';

/** A value that a field accepts; undefined for optional ones. */
function valueOf(field: AnyField): unknown {
  if (!field.required) return undefined;
  switch (field.kind) {
    case 'reference':
      return uuid;
    case 'list':
      return [uuid];
    case 'number':
      return field.minimum;
    case 'choice':
      return field.choices[0]?.value;
    case 'flag':
      return false;
    case 'records':
      return [{ machine: 'x' }];
    case 'text':
      return 'x';
    default:
      return { a: 'b' };
  }
}

const inputOf = ({ input }: Operation) =>
  Object.fromEntries(Object.entries(input).map(([name, field]) => [name, valueOf(field)]));

/** Runs an operation to its end; its error, if it is one of ours. */
async function perform(operation: Operation, coriolis: Coriolis): Promise<unknown> {
  try {
    const checked = checkCall(operation, inputOf(operation));
    if (isSingleCall(checked)) return await (await resolveNames(checked, coriolis)).run();
    for await (const row of fetchCallRows(checked, coriolis, { limit: 20 })) return row;
    return undefined;
  } catch (error) {
    if (!isCoriolisError(error)) throw error;
    return error;
  }
}

const ids = catalogue.map((operation) => [operation.tool, operation] as const);

describe('with a server that does not answer', () => {
  const times = new Map<string, { readonly took: number; readonly longest: number }>();
  it.each(ids)('%s ends in time', async (_tool, operation) => {
    const runtime = fakeRuntime();
    // Clocks have fractions of milliseconds; timers do not take them.
    runtime.pass(0.371);
    let longest = 0;
    const fractions: number[] = [];
    const transport: Transport = {
      send: async ({ timeoutMs }) => {
        if (!Number.isInteger(timeoutMs)) fractions.push(timeoutMs);
        longest = Math.max(longest, timeoutMs);
        runtime.pass(timeoutMs);
        throw new TimeoutError('No answer');
      },
    };
    const client = new CoriolisClient({ transport, runtime });
    const timeoutInput = timeoutInputOf(operation);
    const bound = timeoutInput === undefined ? undefined : operation.input[timeoutInput];
    const wait = bound !== undefined && 'default' in bound ? Number(bound.default) : 0;
    const seconds = timeoutInput !== undefined ? wait + 10 : operation.effect === 'read' ? 45 : 90;
    const coriolis = contextForCaller({ ...runtime, client }, { deadline: BEGIN + seconds * 1000 });

    await perform(operation, coriolis);

    expect(fractions).toEqual([]);
    const took = (runtime.clock() - BEGIN) / 1000;
    times.set(operation.tool, { took, longest: longest / 1000 });
    const asksPlatform = longest > 30_000;
    // A request to a platform takes up to 150 s, and is reported.
    const allowed = asksPlatform ? 240 : operation.effect === 'read' ? seconds + 6 : 120;
    expect([operation.tool, took <= allowed ? 'in time' : `${took} s`]).toEqual([operation.tool, 'in time']);
  });

  it('was asked by nearly every operation; the others had nothing to do with this input', () => {
    expect([...times.values()].filter(({ took }) => took > 0).length).toBeGreaterThan(75);
  });
});

describe('after a cancel', () => {
  it.each(ids)('%s sends nothing more', async (_tool, operation) => {
    for (const last of [1, 2, 3]) {
      const runtime = fakeRuntime();
      const abort = new AbortController();
      let sent = 0;
      let after = 0;
      const transport: Transport = {
        send: async () => {
          if (abort.signal.aborted) after += 1;
          sent += 1;
          if (sent >= last) abort.abort();
          throw new UnreachableError('Gone', { code: 'ECONNRESET' });
        },
      };
      const client = new CoriolisClient({ transport, runtime });
      await perform(operation, contextForCaller({ ...runtime, client }, { signal: abort.signal }));

      expect([operation.tool, last, after]).toEqual([operation.tool, last, 0]);
    }
  });

  it('a login that nobody waits for any more is not tried again', async () => {
    const runtime = fakeRuntime();
    const abort = new AbortController();
    let sent = 0;
    const transport: Transport = {
      send: async () => {
        sent += 1;
        abort.abort();
        throw new UnreachableError('Gone', { code: 'ECONNRESET' });
      },
    };
    const session = makeKeystoneSession({ transport, identity: demo('https://cloud/v3'), runtime });
    const client = new CoriolisClient({ transport: session, runtime });

    await expect(client.get('/transfers', { signal: abort.signal })).rejects.toMatchObject({
      kind: 'canceled',
    });
    await new Promise((resolve) => setImmediate(resolve));

    expect(sent).toBe(1);
  });
});
