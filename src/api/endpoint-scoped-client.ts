import { isObject } from '../model/json';
import {
  CallerClient,
  type ApiClient,
  type CallerDefaults,
  type RequestOptions,
  type ChangeOptions,
  type ListReadOptions,
} from './api-client';
import { encodePathSegment } from './url-encoding';
import { asError, ForbiddenError, InvalidInputError } from './errors';
import type { PagedRow } from './paging';
import type { Generation } from './api-request';
import { SharedCall } from './shared-call';
import type { CompanionService } from './transport';

/** Collections whose objects belong to endpoints, each with the wrapper key of one object in a body. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  endpoints: 'endpoint',
  transfers: 'transfer',
  deployments: 'deployment',
  migrations: 'migration',
  minion_pools: 'minion_pool',
};

const OBJECT = /^\/(endpoints|transfers|deployments|minion_pools)\/([^/?]+)(\/|\?|$)/u;

/**
 * Client restricted to some endpoints, and to the transfers, deployments and pools that use only these endpoints. Lists
 * omit all other objects. A call for another object is refused; the client only reads which endpoints that object uses.
 * Services beside Coriolis, regions and workers belong to no endpoint and are not restricted.
 */
export class EndpointScopedClient implements ApiClient {
  readonly withoutDefaults: ApiClient = this;
  private allowed: SharedCall<ReadonlySet<string>> | undefined;
  /**
   * Objects known to be allowed, as "transfers/1234". The answer is kept, because the endpoints of an object never
   * change.
   */
  private readonly within = new Set<string>();

  /** @param endpoints ids or names of the allowed endpoints */
  constructor(
    private readonly client: ApiClient,
    private readonly endpoints: readonly string[],
  ) {}

  async get<T>(path: string, options?: RequestOptions): Promise<T> {
    return (await this.getWithDate<T>(path, options)).body;
  }

  async getWithDate<T>(path: string, options?: RequestOptions): Promise<{ body: T; date: number }> {
    await this.requireInScope(path, options);
    const answer = await this.client.getWithDate<T>(path, options);
    const key = /^\/(endpoints|minion_pools)$/u.exec(path)?.[1];
    const rows = key !== undefined && isObject(answer.body) ? answer.body[key] : undefined;
    if (key === undefined || !Array.isArray(rows)) return answer;
    const ids = await this.ids(options);
    const inside = (rows as readonly unknown[]).filter((row) =>
      endpointsOf(key, row).every((id) => ids.has(id)),
    );
    return { ...answer, body: { ...answer.body, [key]: inside } };
  }

  async post<T>(
    path: string,
    body: unknown,
    options?: ChangeOptions<T> & { readonly repeatable?: true | undefined },
  ): Promise<T> {
    await this.requireInScope(path, options);
    await this.requireBody(path, body, options);
    return await this.client.post<T>(path, body, options);
  }

  async put<T>(path: string, body: unknown, options?: ChangeOptions<T>): Promise<T> {
    await this.requireInScope(path, options);
    return await this.client.put<T>(path, body, options);
  }

  async delete(path: string, options?: RequestOptions): Promise<void> {
    await this.requireInScope(path, options);
    await this.client.delete(path, options);
  }

  async *getRows<T extends PagedRow>(
    path: string,
    key: string,
    options: ListReadOptions = {},
  ): AsyncIterable<T> {
    await this.requireInScope(path, options);
    const ids = await this.ids(options);
    const { limit = Number.POSITIVE_INFINITY, ...others } = options;
    let found = 0;
    // The limit counts only allowed rows, so it cannot be sent to the server.
    for await (const row of this.client.getRows<T>(path, key, others)) {
      if (found >= limit) return;
      if (!endpointsOf(key, row).every((id) => ids.has(id))) continue;
      found += 1;
      yield row;
    }
  }

  forService(service: CompanionService): ApiClient {
    return this.client.forService(service);
  }

  detectGeneration(options?: Pick<RequestOptions, 'signal' | 'deadline'>): Promise<Generation> {
    return this.client.detectGeneration(options);
  }

  get generationInUse(): Generation {
    return this.client.generationInUse;
  }

  get serverTime(): number {
    return this.client.serverTime;
  }

  wasCreatedWithin(ms: number): (createdAt: string) => boolean {
    return this.client.wasCreatedWithin(ms);
  }

  wasFoundAfterLostResponse(id: string): boolean {
    return this.client.wasFoundAfterLostResponse(id);
  }

  withDefaults(terms: CallerDefaults): ApiClient {
    return new CallerClient(this, terms);
  }

  /** Ids of the allowed endpoints. Names are looked up once. */
  private ids({ signal }: RequestOptions = {}): Promise<ReadonlySet<string>> {
    if (this.allowed?.isAbandoned === true) this.allowed = undefined;
    const allowed = (this.allowed ??= new SharedCall((shared) =>
      this.find(shared).catch((error: unknown) => {
        if (this.allowed === allowed) this.allowed = undefined;
        throw asError(error);
      }),
    ));
    return allowed.waitForAnswer(signal);
  }

  private async find(signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
    type Named = { readonly id: string; readonly name: string };
    const { body } = await this.client.getWithDate<{ endpoints: readonly Named[] }>('/endpoints', { signal });
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
        `The allowed endpoints contain names of no endpoint, or of several: ${unclear.join(', ')}.`,
        { advice: 'The operator has to correct the list of allowed endpoints; ids are always clear.' },
      );
    }
    return new Set(found.flatMap(([, ids]) => ids));
  }

  /**
   * Checks that the object in a path uses only allowed endpoints. Passes for paths without such an object.
   * @throws {ForbiddenError} the object belongs to an endpoint that is not allowed
   */
  private async requireInScope(path: string, options: RequestOptions = {}): Promise<void> {
    const [, collection, encoded] = OBJECT.exec(path) ?? [];
    if (collection === undefined || encoded === undefined) return;
    const name = `${collection}/${encoded}`;
    if (this.within.has(name)) return;
    const ids = await this.ids(options);
    const key = COLLECTIONS[collection] ?? collection;
    const id = decodeURIComponent(encoded);
    const body =
      collection === 'endpoints'
        ? { endpoint: { id } }
        : (
            await this.client.getWithDate<Readonly<Record<string, unknown>>>(`/${name}`, {
              signal: options.signal,
            })
          ).body;
    if (!endpointsOf(collection, body[key]).every((endpoint) => ids.has(endpoint))) throw outside(key, id);
    this.within.add(name);
  }

  private async requireBody(path: string, body: unknown, options: RequestOptions = {}): Promise<void> {
    const collection = /^\/(\w+)$/u.exec(path)?.[1] ?? '';
    const key = COLLECTIONS[collection];
    const object = key !== undefined && isObject(body) ? body[key] : undefined;
    if (key === undefined || !isObject(object)) return;
    if (collection === 'endpoints') throw outside('endpoint', 'a new one');
    for (const parent of ['transfer_id', 'replica_id']) {
      const id = object[parent];
      if (typeof id === 'string') await this.requireInScope(`/transfers/${encodePathSegment(id)}`, options);
    }
    const ids = await this.ids(options);
    const stranger = endpointsOf(collection, object).find((id) => !ids.has(id));
    if (stranger !== undefined) throw outside('endpoint', stranger);
  }
}

/** Ids of the endpoints that an object uses; empty when it uses none. */
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
