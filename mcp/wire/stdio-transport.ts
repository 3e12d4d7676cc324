import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import type { Readable, Writable } from 'node:stream';
import {
  decodeText,
  idAtStart,
  makeEncodingErrorResponse,
  makeErrorResponse,
  makeParseErrorResponse,
  makeTooLargeResponse,
  parseJson,
  readMessage,
  withCleanError,
} from './json-rpc-messages';
import type { MessageOrError } from './json-rpc-messages';

/** Maximum size of a message in bytes. */
const MAX_MESSAGE_BYTES = 10 * 2 ** 20;
/** Milliseconds that running requests have to finish when the input ends. */
const LAST_ANSWERS_MS = 10_000;

/** Maximum number of requests that run at a time, so that a flood takes limited memory. */
const MAX_RUNNING = 1000;
/** JSON-RPC error code of this server for a request that it is too busy to run. */
const SERVER_BUSY = -32_000;

const NEWLINE = 0x0a;

/**
 * Transport over standard input and output: one JSON-RPC message a line. The SDK's own transport drops lines that it
 * cannot validate, so that their clients wait forever; this one answers every line. A line over the limit is answered
 * with an error and ends the connection.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** True after a line that was longer than the limit, which ends the connection. */
  exceededLineLimit = false;

  private pieces: Buffer[] = [];
  private size = 0;
  private isClosed = false;
  /** Number of requests that are not answered yet, by id: clients use an id again by mistake. */
  private readonly running = new Map<string | number, number>();
  private runningCount = 0;
  /** Called once no request is left. */
  private readonly onidle = new Set<() => void>();

  /** @param onend called when the input ends, before running requests are waited for */
  constructor(
    private readonly onend: () => void = () => undefined,
    private readonly input: Readable = process.stdin,
    private readonly output: Writable = process.stdout,
    private readonly maxBytes = MAX_MESSAGE_BYTES,
  ) {}

  async start(): Promise<void> {
    this.input.on('data', this.read);
    this.input.on('error', this.report);
    this.input.on('end', this.end);
    this.input.on('close', this.end);
    // This listener is never removed, because a write to a closed pipe may fail after the connection has ended.
    this.output.on('error', (error) => {
      if (!this.isClosed) this.onerror?.(error);
      void this.close();
    });
    if (this.input.readableEnded || this.input.destroyed) setImmediate(this.end);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.isClosed) throw new Error('The connection is closed');
    await this.write(withCleanError(message));
    if ('id' in message && message.id !== undefined && !('method' in message)) this.countDown(message.id);
  }

  /** Waits until all requests are answered, at most `ms` milliseconds. */
  async waitUntilIdle(ms: number): Promise<void> {
    if (this.runningCount === 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.onidle.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.onidle.add(done);
    });
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.input.off('data', this.read).off('end', this.end).off('close', this.end).pause();
    this.pieces = [];
    this.onclose?.();
  }

  private readonly report = (error: Error): void => this.onerror?.(error);

  private readonly end = (): void => {
    if (this.size > 0) this.readLine(Buffer.concat(this.pieces));
    this.pieces = [];
    this.size = 0;
    this.onend();
    void this.waitUntilIdle(LAST_ANSWERS_MS).then(() => this.close());
  };

  private readonly read = (chunk: Buffer | string): void => {
    let rest = Buffer.from(chunk);
    if (this.exceededLineLimit) {
      // The rest of the line is read before the input closes, so that the client's write does not fail.
      if (rest.includes(NEWLINE)) void this.close();
      return;
    }
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...this.pieces, rest.subarray(0, end)]);
      this.pieces = [];
      this.size = 0;
      rest = rest.subarray(end + 1);
      if (line.length > this.maxBytes) {
        this.refuse(line);
        void this.close();
        return;
      }
      this.readLine(line);
    }
    this.pieces.push(rest);
    this.size += rest.length;
    if (this.size > this.maxBytes) this.refuse(Buffer.concat(this.pieces));
  };

  private readLine(line: Buffer): void {
    const text = decodeText(line)?.trim();
    if (text === '') return;
    if (text === undefined) {
      this.answer({ error: makeEncodingErrorResponse(line) });
      return;
    }
    let value: unknown;
    try {
      value = parseJson(text);
    } catch {
      this.answer({ error: makeParseErrorResponse() });
      return;
    }
    // A list is a batch, which only protocol 2025-03-26 has. Each of its messages is answered on its own.
    const messages = Array.isArray(value) && value.length > 0 ? (value as readonly unknown[]) : [value];
    for (const message of messages) this.answer(readMessage(message));
  }

  private answer(read: MessageOrError): void {
    if ('error' in read) {
      this.onerror?.(new Error(read.error.error.message));
      void this.write(read.error);
      return;
    }
    const { message } = read;
    if ('method' in message && 'id' in message) {
      if (this.runningCount >= MAX_RUNNING) {
        const problem = `More than ${MAX_RUNNING} requests at a time: wait for answers.`;
        this.answer({ error: makeErrorResponse(message.id, SERVER_BUSY, problem) });
        return;
      }
      this.running.set(message.id, (this.running.get(message.id) ?? 0) + 1);
      this.runningCount += 1;
    }
    if ('method' in message && message.method === 'notifications/cancelled') this.dropRequest(message.params);
    this.onmessage?.(message);
  }

  /** Counts a request of this id as ended. */
  private countDown(id: string | number): void {
    const count = this.running.get(id);
    if (count === undefined) return;
    if (count > 1) this.running.set(id, count - 1);
    else this.running.delete(id);
    this.runningCount -= 1;
    if (this.runningCount === 0) for (const done of this.onidle) done();
  }

  /** Drops a canceled request, which gets no answer. */
  private dropRequest(params: unknown): void {
    const id = (params as { readonly requestId?: string | number } | undefined)?.requestId;
    if (id !== undefined) this.countDown(id);
  }

  private refuse(line: Buffer): void {
    this.exceededLineLimit = true;
    const response = makeTooLargeResponse(idAtStart(line), this.maxBytes);
    this.onerror?.(new Error(response.error.message));
    this.pieces = [];
    this.size = 0;
    void this.write(response);
  }

  /** Reads no more until the client has read the answers, which would otherwise pile up in memory. */
  private pauseUntilRead(): void {
    if (this.input.isPaused()) return;
    this.input.pause();
    this.output.once('drain', () => {
      if (!this.isClosed) this.input.resume();
    });
  }

  private write(message: object): Promise<void> {
    return new Promise((resolve, reject) => {
      const isTaken = this.output.write(`${JSON.stringify(message)}\n`, (error) =>
        error ? reject(error) : resolve(),
      );
      if (!isTaken) this.pauseUntilRead();
    });
  }
}
