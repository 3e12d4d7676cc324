import { isObject } from '../model/json';
import { CoriolisClient } from './client';
import { segment } from './encoding';
import { ForbiddenError, InvalidInputError } from './errors';

type CallOptions = Parameters<CoriolisClient['get']>[1];
type RowOptions = Parameters<CoriolisClient['rows']>[2];

/** Collections whose objects belong to endpoints, with the key of a single object. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  endpoints: 'endpoint',
  transfers: 'transfer',
  deployments: 'deployment',
  migrations: 'migration',
  minion_pools: 'minion_pool',
};

const OBJECT = /^\/(endpoints|transfers|deployments|minion_pools)\/([^/?]+)(\/|\?|$)/u;

/**
 * Client restricted to some endpoints and what lies between them. Lists leave everything else out; calls for it are
 * refused before they are sent. Services beside Coriolis and its regions and workers belong to no endpoint and stay as
 * they are.
 */
export class ScopedClient extends CoriolisClient {
  private allowed: Promise<ReadonlySet<string>> | undefined;
  /** Objects known to be in scope. Their endpoints never change. */
  private readonly within = new Set<string>();

  /** @param endpoints ids or names of the endpoints that may be touched */
  constructor(
    options: ConstructorParameters<typeof CoriolisClient>[0],
    private readonly endpoints: readonly string[],
  ) {
    super(options);
  }

  override async get<T>(path: string, options?: CallOptions): Promise<T> {
    return (await this.getWithDate<T>(path, options)).body;
  }

  override async getWithDate<T>(path: string, options?: CallOptions): Promise<{ body: T; date: number }> {
    await this.require(path);
    const answer = await super.getWithDate<T>(path, options);
    const key = /^\/(endpoints|minion_pools)$/u.exec(path)?.[1];
    const rows = key !== undefined && isObject(answer.body) ? answer.body[key] : undefined;
    if (key === undefined || !Array.isArray(rows)) return answer;
    const ids = await this.ids();
    const inside = (rows as readonly unknown[]).filter((row) =>
      endpointsOf(key, row).every((id) => ids.has(id)),
    );
    return { ...answer, body: { ...answer.body, [key]: inside } };
  }

  override async post<T>(
    path: string,
    body: unknown,
    options?: Parameters<typeof CoriolisClient.prototype.post<T>>[2],
  ): Promise<T> {
    await this.require(path);
    await this.requireBody(path, body);
    return await super.post<T>(path, body, options);
  }

  override async put<T>(
    path: string,
    body: unknown,
    options?: Parameters<typeof CoriolisClient.prototype.put<T>>[2],
  ): Promise<T> {
    await this.require(path);
    return await super.put<T>(path, body, options);
  }

  override async delete(path: string, options?: CallOptions): Promise<void> {
    await this.require(path);
    await super.delete(path, options);
  }

  override async *rows<T extends { readonly id: string; readonly created_at: string }>(
    path: string,
    key: string,
    options: RowOptions = {},
  ): AsyncIterable<T> {
    await this.require(path);
    const ids = await this.ids();
    const { limit = Number.POSITIVE_INFINITY, ...others } = options;
    let found = 0;
    // The limit counts rows in scope, so it is not passed on.
    for await (const row of super.rows<T>(path, key, others)) {
      if (found >= limit) return;
      if (!endpointsOf(key, row).every((id) => ids.has(id))) continue;
      found += 1;
      yield row;
    }
  }

  /** Ids of the endpoints, resolved once. */
  private ids(): Promise<ReadonlySet<string>> {
    this.allowed ??= this.find().catch((error: unknown) => {
      this.allowed = undefined;
      throw error;
    });
    return this.allowed;
  }

  private async find(): Promise<ReadonlySet<string>> {
    type Named = { readonly id: string; readonly name: string };
    const { body } = await super.getWithDate<{ endpoints: readonly Named[] }>('/endpoints');
    const found = this.endpoints.map(
      (wanted) =>
        [
          wanted,
          body.endpoints.filter(({ id, name }) => id === wanted || name === wanted).map(({ id }) => id),
        ] as const,
    );
    const unclear = found.filter(([, ids]) => ids.length !== 1).map(([wanted]) => wanted);
    if (unclear.length > 0) {
      throw new InvalidInputError(
        `The allowed endpoints name what does not exist, or several: ${unclear.join(', ')}.`,
        { advice: 'The operator has to correct the list of allowed endpoints; ids are always clear.' },
      );
    }
    return new Set(found.flatMap(([, ids]) => ids));
  }

  /** @throws {ForbiddenError} the path leads to something of other endpoints */
  private async require(path: string): Promise<void> {
    const [, collection, encoded] = OBJECT.exec(path) ?? [];
    if (collection === undefined || encoded === undefined) return;
    const name = `${collection}/${encoded}`;
    if (this.within.has(name)) return;
    const ids = await this.ids();
    const key = COLLECTIONS[collection] ?? collection;
    const id = decodeURIComponent(encoded);
    const body =
      collection === 'endpoints'
        ? { endpoint: { id } }
        : (await super.getWithDate<Readonly<Record<string, unknown>>>(`/${name}`)).body;
    if (!endpointsOf(collection, body[key]).every((endpoint) => ids.has(endpoint))) throw outside(key, id);
    this.within.add(name);
  }

  private async requireBody(path: string, body: unknown): Promise<void> {
    const collection = /^\/(\w+)$/u.exec(path)?.[1] ?? '';
    const key = COLLECTIONS[collection];
    const object = key !== undefined && isObject(body) ? body[key] : undefined;
    if (key === undefined || !isObject(object)) return;
    if (collection === 'endpoints') throw outside('endpoint', 'a new one');
    for (const parent of ['transfer_id', 'replica_id']) {
      const id = object[parent];
      if (typeof id === 'string') await this.require(`/transfers/${segment(id)}`);
    }
    const ids = await this.ids();
    const stranger = endpointsOf(collection, object).find((id) => !ids.has(id));
    if (stranger !== undefined) throw outside('endpoint', stranger);
  }
}

/** Endpoints of an object; empty when it belongs to none. */
function endpointsOf(collection: string, object: unknown): readonly string[] {
  if (!isObject(object)) return [];
  const keys =
    collection === 'endpoints' ? ['id'] : ['endpoint_id', 'origin_endpoint_id', 'destination_endpoint_id'];
  return keys.flatMap((key) => (typeof object[key] === 'string' ? [object[key]] : []));
}

const outside = (what: string, id: string): ForbiddenError =>
  new ForbiddenError(
    `The ${what.replace('_', ' ')} ${id} is outside the endpoints that may be touched here.`,
    {
      advice: 'Nothing was done. Only the operator can allow more endpoints.',
    },
  );
