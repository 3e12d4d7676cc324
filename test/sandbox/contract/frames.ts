import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Severity } from '../../../sandbox/world/stores/log-store';
import type { Lab } from './lab';
import type { Frame, Recording } from './recording';
import { targetOf } from './replay';
import type { Scene, SetUp } from './replay';
import { isObject } from './shape';
import { prefixFor } from './substitution';

/** A line that a service writes while the recorded client listens. */
export interface Line {
  readonly severity: Severity;
  readonly appName: string;
  readonly message: string;
}

/** What happens while somebody listens: lines and seconds of the sandbox's clock that pass. */
export interface Listening extends Scene {
  /** Before the client sends anything, or all of them when it never does. */
  readonly lines?: readonly (Line | number)[];
  /** After the client has sent something. */
  readonly linesAfterSending?: readonly (Line | number)[];
}

const HOSTNAME = 'worker-1';
/** A bound for frames that never come, in milliseconds; a busy machine may be slow with those that do. */
const PATIENCE_MS = 120_000;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/;

/**
 * Sets the state up, opens the recorded WebSocket, does what the client did while the services write the set-up's lines, and compares what came.
 * @returns what differs from the recording, empty when it holds
 */
export async function replayFrames(lab: Lab, recording: Recording, setUp: SetUp): Promise<string[]> {
  const { lines = [], linesAfterSending = [], token = '' } = (await setUp(lab)) as Listening;
  const { request, frames = [] } = recording;
  const target = prefixFor(request.url) + targetOf(request).replace('<token>', token);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, value.replace('<token>', token)]),
  );
  const silent = frames.some(({ opcode }) => opcode === 9);
  const url = lab.sandbox.url.replace('http', 'ws') + target;
  const socket = new WebSocket(url, { headers, autoPong: !silent });
  const seen: string[] = [];
  socket.on('message', (data: Buffer) => seen.push(sightOfText(data.toString())));
  socket.on('ping', () => seen.push('ping'));
  socket.once('close', () => seen.push('closed'));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });

  const received = frames.filter(({ direction }) => direction !== 'sent').map(snapshotOf);
  // A connection that is gone was noticed twice by the recording client.
  const wanted = received.filter((sight, index) => sight !== 'closed' || received[index - 1] !== 'closed');
  const firstSent = frames.findIndex(({ direction }) => direction === 'sent');
  write(lab, lines);
  await arrived(socket, seen, firstSent === -1 ? wanted.length : firstSent);
  const sent = frames.filter(({ direction }) => direction === 'sent');
  for (const { text } of sent) socket.send(text ?? '');
  if (sent.length > 0) await processed(socket);
  write(lab, linesAfterSending);
  await arrived(socket, seen, wanted.length);
  const outcome = withoutLaterPings(seen, wanted.length);
  socket.terminate();

  return JSON.stringify(wanted) === JSON.stringify(outcome)
    ? []
    : [`frames: recorded ${JSON.stringify(wanted)}, got ${JSON.stringify(outcome)}`];
}

function write(lab: Lab, lines: readonly (Line | number)[]): void {
  for (const line of lines) {
    if (typeof line === 'number') lab.advance(line);
    else
      lab.sandbox.logs.receive({
        ...line,
        hostname: HOSTNAME,
        timeMicroseconds: lab.clock.now() * 1000 + 120,
      });
  }
}

function snapshotOf(frame: Frame): string {
  if (frame.closed !== undefined) return 'closed';
  return frame.opcode === 9 ? 'ping' : sightOfText(frame.text ?? '');
}

/** A frame without its time, whose form must be right. */
function sightOfText(text: string): string {
  const body: unknown = JSON.parse(text);
  if (!isObject(body) || !TIMESTAMP.test(String(body['timestamp'])) || !text.endsWith('}\n')) return text;
  return JSON.stringify({ ...body, timestamp: '' });
}

/** Waits until the server has read what was sent: it answers a ping after it, or has closed the connection. */
async function processed(socket: WebSocket): Promise<void> {
  // A closed connection answers no ping, and does not close again.
  if (socket.readyState === WebSocket.CLOSED) return;
  const answered = new Promise<void>((resolve) => {
    socket.once('pong', () => {
      resolve();
    });
    socket.once('close', () => {
      resolve();
    });
  });
  if (socket.readyState === WebSocket.OPEN) socket.ping();
  await Promise.race([answered, sleep(PATIENCE_MS, undefined, { ref: false })]);
}

/**
 * Waits until this number of frames has come, and for those that the server has sent before it answers a ping. Does not
 * fail: the comparison shows what is missing.
 */
async function arrived(socket: WebSocket, seen: readonly string[], count: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (seen.length < count && Date.now() < deadline) await sleep(5);
  await processed(socket);
}

/** What came, without the pings that a slow machine has time for beyond the recorded frames. */
function withoutLaterPings(seen: readonly string[], count: number): readonly string[] {
  const last = seen.findLastIndex((sight) => sight !== 'ping');
  return seen.slice(0, Math.max(last + 1, count));
}
