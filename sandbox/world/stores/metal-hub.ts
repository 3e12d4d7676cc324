/** A bare-metal machine with an agent (docs/reference/coriolis-api.md §15). Times are whole seconds since the epoch. */
export interface BareMetalServer {
  readonly id: number;
  readonly hostname: string;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly macAddress: string;
  readonly createdAt: number;
  apiEndpoint: string;
  active: boolean;
  updatedAt: number;
}

const GIB = 1024 ** 3;

/** Registry of bare-metal agents. */
export class MetalHub {
  private readonly servers = new Map<number, BareMetalServer>();
  private lastId = 0;

  list(): BareMetalServer[] {
    return [...this.servers.values()];
  }

  get(id: number): BareMetalServer | undefined {
    return this.servers.get(id);
  }

  add(apiEndpoint: string, now: number): BareMetalServer {
    this.lastId += 1;
    const id = this.lastId;
    const server = {
      id,
      hostname: `metal-${String(id).padStart(2, '0')}`,
      memoryBytes: 64 * GIB,
      diskBytes: 480 * GIB,
      macAddress: `52:54:00:00:00:${id.toString(16).padStart(2, '0')}`,
      createdAt: now,
      apiEndpoint,
      active: true,
      updatedAt: now,
    };
    this.servers.set(id, server);
    return server;
  }

  /** Changes the address of an agent. */
  changeApiEndpoint(id: number, apiEndpoint: string, now: number): BareMetalServer | undefined {
    const server = this.servers.get(id);
    if (!server) return undefined;
    server.apiEndpoint = apiEndpoint;
    server.updatedAt = now;
    return server;
  }

  /** Reads the machine's data from its agent again: only `updatedAt` changes in the sandbox. */
  refreshServer(id: number, now: number): BareMetalServer | undefined {
    const server = this.servers.get(id);
    if (server) server.updatedAt = now;
    return server;
  }

  delete(id: number): boolean {
    return this.servers.delete(id);
  }
}
