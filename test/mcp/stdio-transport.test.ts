import { PassThrough } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { StdioTransport } from '../../mcp/wire/stdio-transport';
import { cases } from '../support/cases';
import { until } from '../support/until';

/** The transport over streams of this process: what any bytes on its input lead to. */

interface Line {
  readonly id?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

async function connect(highWaterMark = 65_536) {
  const input = new PassThrough();
  const output = new PassThrough({ highWaterMark });
  const transport = new StdioTransport(() => undefined, input, output, 1000);
  const heard: JSONRPCMessage[] = [];
  let isClosed = false;
  transport.onmessage = (message) => heard.push(message);
  transport.onclose = () => (isClosed = true);
  await transport.start();
  const sent = (): readonly Line[] =>
    String(output.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  return { input, output, transport, heard, sent, isClosed: () => isClosed };
}

const ping = (id: string | number, more: object = {}) => ({ jsonrpc: '2.0', id, method: 'ping', ...more });
const line = (message: object): Buffer => Buffer.from(`${JSON.stringify(message)}\n`);
const answer = (id: string | number): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: {} });

it('reads the same messages however the bytes are cut, also within a character', async () => {
  const messages = ['Büro 💻', '東京\u2028', 'plain'].map((text, id) => ping(id, { params: { text } }));
  const bytes = Buffer.concat(messages.map(line));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      const { input, heard } = await connect();
      const places = [0, ...cuts.sort((one, other) => one - other), bytes.length];
      for (const [index, place] of places.slice(1).entries())
        if (place > (places[index] ?? 0)) input.write(bytes.subarray(places[index], place));
      await until(
        'all messages',
        () => heard.length,
        (count) => count === messages.length,
      );
      expect(heard).toEqual(messages);
    }),
    cases(30),
  );
});

it('reads a last line without its end', async () => {
  const { input, heard, isClosed, transport } = await connect();
  input.end(JSON.stringify(ping(1)));
  await until(
    'the message',
    () => heard.length,
    (count) => count === 1,
  );
  expect(isClosed()).toBe(false);
  await transport.send(answer(1));
  await until('the end', isClosed, (closed) => closed);
});

it('refuses bytes that are no UTF-8 with the id of the message, and never reads another name', async () => {
  const { input, heard, sent } = await connect();
  const [before, after] = JSON.stringify(ping(7, { params: { name: 'a|b' } })).split('|');
  input.write(
    Buffer.concat([Buffer.from(before ?? ''), Buffer.from([0xff, 0xc3]), Buffer.from(`${after}\n`)]),
  );
  input.write(line(ping(8)));
  await until(
    'the second message',
    () => heard.length,
    (count) => count === 1,
  );
  expect(heard).toEqual([ping(8)]);
  expect(sent()).toEqual([
    { jsonrpc: '2.0', id: 7, error: { code: -32_700, message: 'The message is not valid UTF-8.' } },
  ]);
});

it('answers each id that is no id, without it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.jsonValue().filter((id) => typeof id !== 'string' && !Number.isSafeInteger(id)),
        fc.constantFrom(2 ** 60, -0.5, [7], { id: 7 }),
      ),
      async (id) => {
        const { input, heard, sent } = await connect();
        input.write(line({ ...ping(0), id }));
        input.write(line(ping('next')));
        await until(
          'the next message',
          () => heard.length,
          (count) => count === 1,
        );
        expect(sent()).toMatchObject([{ id: null, error: { code: -32_600 } }]);
      },
    ),
    cases(50),
  );
});

it('waits at its end for the answers to all requests, also when two have one id', async () => {
  const { input, transport, heard, isClosed } = await connect();
  input.end(Buffer.concat([line(ping(7)), line(ping(7)), line(ping('7'))]));
  await until(
    'the messages',
    () => heard.length,
    (count) => count === 3,
  );
  let isIdle = false;
  const idle = transport.waitUntilIdle(60_000).then(() => (isIdle = true));
  for (const id of [7, '7'] as const) await transport.send(answer(id));
  expect([isIdle, isClosed()]).toEqual([false, false]);
  await transport.send(answer(7));
  await idle;
  expect(isIdle).toBe(true);
});

it('does not wait for a canceled request, nor for one that nobody sent', async () => {
  const { input, transport, heard } = await connect();
  const cancel = (requestId: number) =>
    line({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
  input.write(Buffer.concat([line(ping(1)), cancel(2), cancel(1), cancel(1), line(ping(3))]));
  await until(
    'the messages',
    () => heard.length,
    (count) => count === 5,
  );
  const idle = transport.waitUntilIdle(60_000);
  await transport.send(answer(3));
  await idle;
});

it('refuses what a flood has over a thousand requests at a time, each with its id', async () => {
  const { input, transport, heard, sent } = await connect();
  for (let id = 0; id < 1005; id += 1) input.write(line(ping(id)));
  await until(
    'the thousand',
    () => heard.length,
    (count) => count === 1000,
  );
  const refused = await until('the refusals', sent, (lines) => lines.length === 5);
  expect(refused.map(({ id }) => id)).toEqual([1000, 1001, 1002, 1003, 1004]);
  expect(refused[0]?.error?.message).toContain('1000 requests at a time');

  await transport.send(answer(0));
  input.write(line(ping('later')));
  await until(
    'the later one',
    () => heard.length,
    (count) => count === 1001,
  );
});

it('reads no more while the client does not read, and goes on when it does', async () => {
  const { input, output, transport, heard } = await connect(100);
  void transport.send({ ...answer(1), result: { text: 'x'.repeat(500) } });
  await until(
    'the pause',
    () => input.isPaused(),
    (isPaused) => isPaused,
  );
  input.write(line(ping(2)));
  expect(heard).toEqual([]);
  output.resume();
  await until(
    'the message',
    () => heard.length,
    (count) => count === 1,
  );
});

it('refuses a line over the limit once, whatever follows of it, and ends with the line', async () => {
  const { input, heard, sent, isClosed, transport } = await connect();
  input.write(JSON.stringify(ping(9)).slice(0, -1));
  for (let part = 0; part < 50; part += 1) input.write(`,"k${part}":"${'x'.repeat(90)}"`);
  const refused = await until('the refusal', sent, (lines) => lines.length > 0);
  expect(refused).toMatchObject([{ id: 9, error: { code: -32_600 } }]);
  expect([isClosed(), transport.exceededLineLimit]).toEqual([false, true]);
  input.write('}\n');
  await until('the end', isClosed, (closed) => closed);
  expect(heard).toEqual([]);
});

it('cuts error messages that quote what a client sent, and removes what nobody sees', async () => {
  const { transport, sent } = await connect();
  const message = `Unknown \u202E\u001B[31m${'x'.repeat(5000)}`;
  await transport.send({ jsonrpc: '2.0', id: 1, error: { code: -1, message } });
  const [cut] = sent();
  expect(cut?.error?.message).toMatch(/^Unknown x+…$/u);
  expect(cut?.error?.message).toHaveLength(1000);
});
