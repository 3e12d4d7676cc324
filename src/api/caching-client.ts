import { CallerClient, type ApiClient, type RequestOptions, type ChangeOptions } from './api-client';
import type { Coriolis } from './operation-context';
import type { CompanionService } from './transport';

/**
 * Client that sends each read only once and then returns the same answer again. For one operation that needs the same
 * answers for several objects. Paged lists are not cached, because they may be long.
 */
class CachingClient extends CallerClient {
  private readonly answers = new Map<string, Promise<unknown>>();
  private readonly services = new Map<CompanionService, ApiClient>();

  override get<T>(path: string, options: RequestOptions = {}): Promise<T> {
    return this.once(['GET', path, options.query, options.accept], () => super.get<T>(path, options));
  }

  override getWithDate<T>(path: string, options: RequestOptions = {}): Promise<{ body: T; date: number }> {
    return this.once(['dated', path, options.query], () => super.getWithDate<T>(path, options));
  }

  override post<T>(
    path: string,
    body: unknown,
    options: ChangeOptions<T> & { readonly repeatable?: true | undefined } = {},
  ): Promise<T> {
    const send = (): Promise<T> => super.post<T>(path, body, options);
    return options.repeatable === true ? this.once(['POST', path, body], send) : send();
  }

  override forService(service: CompanionService): ApiClient {
    const known = this.services.get(service);
    if (known !== undefined) return known;
    const client = new CachingClient(super.forService(service), {});
    this.services.set(service, client);
    return client;
  }

  private once<T>(subject: readonly unknown[], ask: () => Promise<T>): Promise<T> {
    const key = JSON.stringify(subject);
    const answer = (this.answers.get(key) as Promise<T> | undefined) ?? ask();
    this.answers.set(key, answer);
    return answer;
  }
}

/**
 * The same context with a client that caches its reads. Use it for one call of an operation only: the cache is never
 * refreshed.
 */
export const contextWithCachedReads = (coriolis: Coriolis): Coriolis => ({
  ...coriolis,
  client: new CachingClient(coriolis.client.withoutDefaults, {
    signal: coriolis.signal,
    deadline: coriolis.deadline,
  }),
});
