import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Maximum numbers of connections without a complete request: idle ones, and those that send a request slowly.
 */
export interface ConnectionLimits {
  readonly perAddress: number;
  readonly total: number;
}

/**
 * Milliseconds until a connection without a complete request counts as slow. When hundreds of connections open at once,
 * a request may have arrived that this process has not read yet. It is not closed meanwhile, so it gets an answer.
 */
const GRACE_MS = 5_000;
/**
 * Factors by which connections may exceed a limit while some of them are younger than {@link GRACE_MS}: for all
 * connections, and for those of one address. The total stays below the HTTP server's own maximum.
 */
const BURST_FACTOR = 1.6;
const BURST_FACTOR_PER_ADDRESS = 6;

/**
 * Closes the oldest slow connections without a complete request when there are too many, so that a new connection is
 * always accepted: nobody is locked out by an address that opens many or sends requests in small pieces.
 */
export function limitConnections(server: Server, { perAddress, total }: ConnectionLimits): void {
  /** Sockets without a complete request, oldest first, each with the time since when it has none. */
  const all = new Map<Socket, number>();
  const byAddress = new Map<string, Map<Socket, number>>();
  const addresses = new WeakMap<Socket, string>();
  const addressOf = (socket: Socket): string => addresses.get(socket) ?? '';

  const remove = (socket: Socket): void => {
    const address = addressOf(socket);
    all.delete(socket);
    const own = byAddress.get(address);
    own?.delete(socket);
    if (own?.size === 0) byAddress.delete(address);
  };
  /** Closes the oldest sockets: slow ones beyond `limit`, younger ones only beyond `burst`. */
  const trim = (sockets: ReadonlyMap<Socket, number>, limit: number, burst: number): void => {
    for (const [socket, since] of sockets) {
      const isSlow = Date.now() - since >= GRACE_MS;
      if (sockets.size <= (isSlow ? limit : burst)) return;
      remove(socket);
      socket.destroy();
    }
  };
  let sweep: NodeJS.Timeout | undefined;
  const trimAll = (): void => {
    for (const own of byAddress.values()) trim(own, perAddress, perAddress * BURST_FACTOR_PER_ADDRESS);
    trim(all, total, total * BURST_FACTOR);
  };
  const trimLater = (): void => {
    sweep ??= setTimeout(() => {
      sweep = undefined;
      trimAll();
      if (isAbove()) trimLater();
    }, GRACE_MS).unref();
  };
  const isAbove = (): boolean =>
    all.size > total || [...byAddress.values()].some((own) => own.size > perAddress);

  const add = (socket: Socket): void => {
    if (socket.destroyed) return;
    const address = addressOf(socket);
    const own = byAddress.get(address) ?? new Map<Socket, number>();
    byAddress.set(address, own);
    all.set(socket, Date.now());
    own.set(socket, Date.now());
    if (own.size <= perAddress && all.size <= total) return;
    trim(own, perAddress, perAddress * BURST_FACTOR_PER_ADDRESS);
    trim(all, total, total * BURST_FACTOR);
    trimLater();
  };

  server.on('connection', (socket) => {
    addresses.set(socket, socket.remoteAddress ?? '');
    add(socket);
    socket.once('close', () => remove(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (request.complete) remove(socket);
    else request.once('end', () => remove(socket));
    response.once('close', () => add(socket));
  });
}
