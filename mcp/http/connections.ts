import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Limits of connections without a complete request: idle ones, and those that send a request slowly. */
export interface ConnectionLimits {
  readonly perAddress: number;
  readonly total: number;
}

/**
 * Closes the oldest connections without a complete request when there are too many, so that a new connection is always
 * accepted: nobody is locked out by an address that opens many or sends requests in small pieces.
 */
export function limitConnections(server: Server, { perAddress, total }: ConnectionLimits): void {
  /** Sockets without a complete request, oldest first. */
  const all = new Set<Socket>();
  const byAddress = new Map<string, Set<Socket>>();

  const remove = (socket: Socket, address: string): void => {
    all.delete(socket);
    const own = byAddress.get(address);
    own?.delete(socket);
    if (own?.size === 0) byAddress.delete(address);
  };
  const add = (socket: Socket, address: string): void => {
    if (socket.destroyed) return;
    const own = byAddress.get(address) ?? new Set();
    byAddress.set(address, own);
    all.add(socket);
    own.add(socket);
    const [oldest] = own.size > perAddress ? own : all.size > total ? all : [];
    oldest?.destroy();
  };
  const addresses = new WeakMap<Socket, string>();
  const addressOf = (socket: Socket): string => addresses.get(socket) ?? '';

  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    addresses.set(socket, address);
    add(socket, address);
    socket.once('close', () => remove(socket, address));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const complete = (): void => remove(socket, addressOf(socket));
    if (request.complete) complete();
    else request.once('end', complete);
    response.once('close', () => add(socket, addressOf(socket)));
  });
}
