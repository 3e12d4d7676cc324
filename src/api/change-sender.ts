import type { ChangeOptions } from './api-client';
import { createdIdIn, RecentIds } from './created-ids';
import type { DialectGate } from './dialect-gate';
import { asError, CanceledError, isCoriolisError, ProtocolError } from './errors';
import type { HttpExchange } from './http-exchange';
import { isLostResponse, recoverLostResult } from './lost-response';
import { requestIdOf } from './parse-answer';
import type { ApiRequest } from './api-request';
import type { Runtime } from './core-runtime';

/** Sends changes: each once, with a lookup of its result when the response is lost. */
export class ChangeSender {
  /** Ids of objects that this client created. An answer that repeats one of them belongs to an earlier request. */
  private readonly created = new RecentIds();
  /** Ids of objects that were found by a lookup after a lost response. Another caller may have created them. */
  private readonly recovered = new RecentIds();

  constructor(
    private readonly http: HttpExchange,
    private readonly gate: DialectGate,
    private readonly runtime: Runtime,
  ) {}

  wasFoundAfterLostResponse(id: string): boolean {
    return this.recovered.has(id);
  }

  /**
   * Sends a change once. When the response is lost, looks up the result a few times, and never sends the change again.
   */
  async send<T>(request: ApiRequest, options: ChangeOptions<T>): Promise<T> {
    const { recover, knownIds = [], onChange } = options;
    const { method, path } = request;
    const isEarlier = (id: string): boolean => this.created.has(id) || knownIds.includes(id);
    return await this.gate.runInDialect(request, options.signal, async () => {
      const sentAt = this.runtime.clock();
      try {
        const { body, headers } = await this.http.send(request, options, this.gate.dialect);
        const id = createdIdIn(request, body);
        if (id !== undefined) {
          if (isEarlier(id) || !(await this.isConfirmed(request, id, options)))
            throw earlierAnswerError(request);
          this.created.add(id);
        }
        onChange?.({ method, path, id, requestId: requestIdOf(headers) });
        return body as T;
      } catch (error) {
        if (!isLostResponse(error)) throw asError(error);
        const isNew = (found: T): boolean => {
          const id = createdIdIn(request, found);
          return id === undefined || !isEarlier(id);
        };
        const found = await recoverLostResult({
          request: `${method} ${path}`,
          cause: error,
          recover:
            recover &&
            (async () => {
              const all = await recover((createdAt) =>
                this.http.serverClock.wasCreatedSince(sentAt, createdAt),
              );
              return toArray(all).filter(isNew);
            }),
          runtime: this.runtime,
          signal: options.signal,
        });
        const id = createdIdIn(request, found);
        if (id !== undefined) {
          this.created.add(id);
          this.recovered.add(id);
        }
        onChange?.({ method, path, id });
        return found;
      }
    });
  }

  /**
   * Whether the object in an answer belongs to the parent that the request named. True without a check for answers that
   * name the parent themselves.
   */
  private async isConfirmed<T>(
    request: ApiRequest,
    id: string,
    { requiresConfirmation, recover }: ChangeOptions<T>,
  ): Promise<boolean> {
    if (requiresConfirmation === undefined || recover === undefined) return true;
    try {
      return toArray(await recover(() => true)).some((found) => createdIdIn(request, found) === id);
    } catch (error) {
      if (!isCoriolisError(error) || error instanceof CanceledError) throw asError(error);
      return false;
    }
  }
}

const earlierAnswerError = ({ method, path }: ApiRequest): ProtocolError =>
  new ProtocolError(`The answer to ${method} ${path} is that to an earlier request`, { incomplete: true });

const toArray = <T>(found: T | readonly T[] | undefined): readonly T[] =>
  Array.isArray(found) ? (found as readonly T[]) : found === undefined ? [] : [found as T];
