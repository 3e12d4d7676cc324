import { isObject } from '../model/json';
import type { ApiRequest } from './api-request';

const MAX_IDS = 1_000;

/** Set of ids that keeps only the 1,000 added last. */
export class RecentIds {
  private readonly ids = new Set<string>();

  add(id: string): void {
    this.ids.add(id);
    const [oldest] = this.ids;
    if (this.ids.size > MAX_IDS && oldest !== undefined) this.ids.delete(oldest);
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }
}

/** Pattern for a path that ends in a collection (`/transfers`). A POST to such a path creates an object. */
const COLLECTION = /\/(?!actions$)[a-z_]+s$/u;

/**
 * Id of the object that a request created: the object in the answer, the execution that a change started, or the
 * reference of a secret of Barbican.
 */
export function createdIdIn({ method, path }: ApiRequest, body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const isCreation = (method === 'POST' && COLLECTION.test(path)) || 'execution' in body;
  if (!isCreation) return undefined;
  if (typeof body['id'] === 'string') return body['id'];
  if (typeof body['secret_ref'] === 'string') return body['secret_ref'];
  const [wrapped, ...others] = Object.values(body);
  return others.length === 0 && isObject(wrapped) && typeof wrapped['id'] === 'string'
    ? wrapped['id']
    : undefined;
}
