import { CanceledError, connect, type CoriolisApi, type Transport } from '../../library';
import { toCamelCase, methodNameOf } from '../../library/member-names';
import { catalogue, resources } from '../../src/catalogue';
import type { Operation } from '../../src/operation';
import type { AnyField } from '../../src/vocabulary/field';

/** Calls whose signal has fired already: nothing is sent, and the error says so. Watches end without an error. */

const connectOver = (send: Transport['send']): CoriolisApi =>
  connect({
    authUrl: 'https://cloud.example/v3',
    username: 'u',
    password: 'p',
    userDomainName: 'd',
    projectName: 'p',
    projectDomainName: 'd',
    transport: { send },
  });

let sent = 0;
const coriolis = connectOver(() => {
  sent += 1;
  return Promise.reject(new Error('nothing should be sent'));
});

interface Call {
  (given: object, options: object): Promise<unknown> & { toArray(): Promise<unknown> };
  readonly preview?: (given: object, options: object) => Promise<unknown>;
  readonly underway?: (given: object, options: object) => Promise<unknown>;
  readonly several?: Call;
}

const methodOf = ({ resource, name }: Operation): Call => {
  const groups = coriolis as unknown as Record<string, Record<string, Call>>;
  const method = groups[toCamelCase(resources[resource].plural)]?.[methodNameOf(name)];
  if (method === undefined) throw new Error(`no method for ${resource}.${name}`);
  return method;
};

const ID = '11111111-1111-4111-8111-111111111111';
const STRUCTURED: Readonly<Record<string, unknown>> = {
  list: [ID],
  flag: true,
  records: [{ machine: 'x' }],
};
const valueOf = (field: AnyField): unknown => {
  if (field.kind === 'number') return field.minimum;
  if (field.kind === 'choice') return field.choices[0]?.value;
  return STRUCTURED[field.kind] ?? (['reference', 'text'].includes(field.kind) ? ID : { a: 'b' });
};
const inputOf = ({ input }: Operation): object =>
  Object.fromEntries(
    Object.entries(input).flatMap(([name, field]) => (field.required ? [[name, valueOf(field)]] : [])),
  );

it.each(catalogue.map((operation) => [operation.tool, operation] as const))(
  '%s sends nothing and says so',
  async (_tool, operation) => {
    const options = { signal: AbortSignal.abort() };
    const method = methodOf(operation);
    const given = inputOf(operation);
    const calls: Array<() => Promise<unknown>> =
      operation.kind === 'list'
        ? [() => method(given, options).toArray()]
        : [method, method.preview, method.underway].flatMap((call) =>
            call === undefined ? [] : [() => call(given, options)],
          );
    const { several } = method;
    if (several !== undefined) {
      const { transferId: _one, ...rest } = given as Record<string, unknown>;
      calls.push(() => several({ ...rest, transferIds: [ID] }, options));
    }

    for (const call of calls) {
      const error: unknown = await call().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CanceledError);
      expect((error as Error).message).toBe('The call was canceled before it began; nothing was sent');
    }
    expect(sent).toBe(0);
  },
);

it('a watch yields nothing and sends nothing', async () => {
  const batches: unknown[] = [];
  for await (const batch of coriolis.watch({ signal: AbortSignal.abort() })) batches.push(batch);
  for await (const board of coriolis.waves.watch({ wave: 'w', signal: AbortSignal.abort() }))
    batches.push(board);

  expect(batches).toEqual([]);
  expect(sent).toBe(0);
});

it('a watch ends during a request, which carries its signal', async () => {
  const stop = new AbortController();
  const signals: Array<AbortSignal | undefined> = [];
  const own = connectOver(({ signal }) => {
    signals.push(signal);
    stop.abort();
    // Hangs until it is canceled.
    return new Promise((_resolve, reject) => {
      const end = (): void => reject(new CanceledError('canceled'));
      if (signal?.aborted === true) end();
      else signal?.addEventListener('abort', end);
    });
  });

  const batches: unknown[] = [];
  for await (const batch of own.watch({ signal: stop.signal })) batches.push(batch);

  expect(batches).toEqual([]);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
});
