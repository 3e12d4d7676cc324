import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from '../../support/until';
import type { Row } from './client';
import { bare, built } from './server';
import type { Environment } from './server';

/** A message from the server. */
export interface Frame {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Row;
  readonly result?: Row;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The built server over stdio, driven by raw lines, without the client of an SDK. */
export class StdioProcess {
  readonly frames: Frame[] = [];
  private readonly child: ChildProcessWithoutNullStreams;

  constructor(args: readonly string[] = [], env: Environment = bare) {
    this.child = spawn(process.execPath, [built, '--log-level', 'silent', ...args], { env: { ...env } });
    createInterface({ input: this.child.stdout }).on('line', (line) =>
      this.frames.push(JSON.parse(line) as Frame),
    );
  }

  /** Writes a message as a line, or bytes as they are. */
  write(message: object | Uint8Array): void {
    this.child.stdin.write(message instanceof Uint8Array ? message : `${JSON.stringify(message)}\n`);
  }

  /** Waits for a frame that fits. */
  async find(what: string, fits: (frame: Frame) => boolean): Promise<Frame> {
    const found = await until(
      what,
      () => this.frames.find(fits),
      (frame) => frame !== undefined,
    );
    return found as Frame;
  }

  /** Sends a request and waits for its answer. */
  async request(id: string | number, method: string, params?: object): Promise<Frame> {
    this.write({ jsonrpc: '2.0', id, method, params });
    return await this.find(`the answer to ${id}`, (frame) => frame.id === id && frame.method === undefined);
  }

  async initialize(capabilities: object = {}): Promise<void> {
    const clientInfo = { name: 'test', version: '1' };
    await this.request('start', 'initialize', { protocolVersion: '2025-06-18', capabilities, clientInfo });
    this.write({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  async close(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, 'exit');
  }
}
