import type { JsonObject } from '../../src/model/json';
import { webPage, type PagedObject } from '../../src/model/web-page';
import type { Operation } from '../../src/operation';

/** Links from results to the web interface of Coriolis. */

/** Operations of endpoints whose result is the endpoint; the others return what a platform has. */
const ABOUT_ENDPOINTS: ReadonlySet<string> = new Set(['getAll', 'get', 'create', 'update', 'validate']);

/** The object with the page that shows a result, and the key of the result that has its id; undefined without a page. */
export function pageOf({
  resource,
  name,
  output,
}: Pick<Operation, 'resource' | 'name' | 'output'>):
  { readonly object: PagedObject; readonly key: 'id' | 'transfer_id' } | undefined {
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

/** The result with a `link` to its page, when the address of the web interface is known. */
export function withWebLink(
  result: JsonObject,
  operation: Operation,
  address: string | undefined,
  isLegacy: boolean,
): JsonObject {
  const page = address === undefined ? undefined : pageOf(operation);
  if (address === undefined || page === undefined) return result;
  const id = result[page.key];
  return typeof id === 'string' ? { ...result, link: webPage(address, page.object, id, isLegacy) } : result;
}
