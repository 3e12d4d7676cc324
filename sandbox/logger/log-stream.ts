import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { IdentityService } from '../keystone';
import type { LogLine } from '../world/stores/log-store';
import type { World } from '../world/world';
import { findLogAccessProblem } from './log-access';
import { readFilterFromMessage, readFilterFromUrl, matchesFilter } from './log-filter';

/** Objects and settings of the log stream. */
export interface LogStreamOptions {
  readonly world: World;
  readonly identity: IdentityService;
  /** Whether a path, as the client wrote it, is that of the stream. */
  readonly isStream: (path: string) => boolean;
  /** Ping interval in milliseconds. A listener that does not answer within 10/9 of the interval is disconnected. */
  readonly pingMs: number;
}

/**
 * Interval in milliseconds at which the world advances while listeners are connected, since there may be no other
 * requests.
 */
const TICK_MS = 100;
const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * The live stream of coriolis-logger (docs/reference/coriolis-api.md §13). A token is checked only when the socket is
 * opened.
 * @returns function that stops the stream and closes all sockets
 */
export function serveLogStream(server: Server, parts: LogStreamOptions): () => void {
  const { world, identity, isStream, pingMs } = parts;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_MESSAGE_BYTES,
  });

  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy());
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://sandbox');
    if (!isStream(pathname)) {
      refuse(connection, 404, '404 page not found\n');
      return;
    }
    const header = request.headers['x-auth-token'];
    const token = Array.isArray(header) ? header[0] : header;
    const refusal = findLogAccessProblem(identity, { header: token, query }, 'admin');
    if (refusal !== null) {
      refuse(connection, 403, refusal);
      return;
    }
    sockets.handleUpgrade(request, connection, head, (socket) => {
      sendLines(socket, query);
      keepAlive(socket, pingMs);
    });
  });

  function sendLines(socket: WebSocket, query: URLSearchParams): void {
    let filter = readFilterFromUrl(query);
    world.advance();
    const unsubscribe = world.logStore.subscribe((line) => {
      if (matchesFilter(filter, line)) socket.send(frame(line));
    });
    const ticking = setInterval(() => {
      world.advance();
    }, TICK_MS).unref();
    socket.on('message', (data: Buffer) => {
      const next = readFilterFromMessage(data.toString());
      if (next) filter = next;
      else socket.terminate();
    });
    // The library closes the socket after an error.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      unsubscribe();
      clearInterval(ticking);
    });
  }

  return () => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}

function keepAlive(socket: WebSocket, pingMs: number): void {
  const patience = (pingMs * 10) / 9;
  const pinging = setInterval(() => {
    socket.ping();
  }, pingMs).unref();
  const dying = setTimeout(() => {
    socket.terminate();
  }, patience).unref();
  socket.on('pong', () => dying.refresh());
  socket.on('close', () => {
    clearInterval(pinging);
    clearTimeout(dying);
  });
}

function frame({ severity, appName, message, hostname, timeMicroseconds: time }: LogLine): string {
  const body = { severity, app_name: appName, message, hostname, timestamp: goTimestamp(time) };
  return `${JSON.stringify(body)}\n`;
}

/** Timestamp in Go's format, without trailing zeros of the fraction. @param time microseconds since the epoch */
function goTimestamp(time: number): string {
  const seconds = Math.floor(time / 1_000_000);
  const fraction = String(time % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}

function refuse(connection: Duplex, status: number, text: string): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  connection.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
}
