import type { JsonObject } from '../../src/model/json';
import { makeWebPageUrl, type ObjectWithPage } from '../../src/model/web-page-url';
import type { Operation } from '../../src/operation';

/** Functions that add links to the web interface of Coriolis to results. */

/**
 * Operations of endpoints whose result is the endpoint itself. The others return objects of the endpoint's platform.
 */
const ABOUT_ENDPOINTS: ReadonlySet<string> = new Set(['getAll', 'get', 'create', 'update', 'validate']);

/**
 * Finds the page of the web interface that shows a result: the kind of object that the page is for, and the key of the
 * result that has the object's id. Undefined when no page shows it.
 */
export function findWebPage({
  resource,
  name,
  output,
}: Pick<Operation, 'resource' | 'name' | 'output'>):
  { readonly object: ObjectWithPage; readonly key: 'id' | 'transfer_id' } | undefined {
  if (name === 'delete' || output.shape['id'] === undefined) return undefined;
  switch (resource) {
    case 'transfer':
      return output.shape['transfer_id'] === undefined
        ? { object: 'transfer', key: 'id' }
        : { object: 'execution', key: 'transfer_id' };
    case 'execution':
    case 'schedule':
      return { object: resource, key: 'transfer_id' };
    case 'endpoint':
      return ABOUT_ENDPOINTS.has(name) ? { object: resource, key: 'id' } : undefined;
    case 'deployment':
    case 'migration':
    case 'minionPool':
      return { object: resource, key: 'id' };
    default:
      return undefined;
  }
}

/** Adds a `link` to the page of a result, when the address of the web interface is known. */
export function addWebLink(
  result: JsonObject,
  operation: Operation,
  address: string | undefined,
  isLegacy: boolean,
): JsonObject {
  const page = address === undefined ? undefined : findWebPage(operation);
  if (address === undefined || page === undefined) return result;
  const id = result[page.key];
  return typeof id === 'string'
    ? { ...result, link: makeWebPageUrl(address, page.object, id, isLegacy) }
    : result;
}
