import type { CoriolisRoutes } from '../http/request-context';
import { throwNotFound } from '../http/wsgi-handlers';

/**
 * A resource of the server's router (`coriolis/api/v1/router.py`), for which Routes' `mapper.resource` makes seven routes
 * (index, create, new, show, update, delete, edit).
 */
interface Resource {
  /** Path below the project. */
  readonly path: string;
  /** Methods that the controller has. */
  readonly implemented: readonly Method[];
  /** Further routes: GET of a collection, POST of a member. */
  readonly collection?: readonly string[];
  readonly member?: readonly string[];
}

type Method = 'index' | 'create' | 'show' | 'update' | 'delete';

const ALL: readonly Method[] = ['index', 'create', 'show', 'update', 'delete'];
const LIST: readonly Method[] = ['index'];

const RESOURCES: readonly Resource[] = [
  { path: '/providers', implemented: LIST },
  { path: '/regions', implemented: ALL, collection: ['detail'] },
  { path: '/endpoints', implemented: ALL, collection: ['detail'], member: ['action'] },
  { path: '/services', implemented: ALL, collection: ['detail'] },
  { path: '/minion_pools', implemented: ALL, collection: ['detail'] },
  { path: '/endpoints/:parent/source-minion-pool-options', implemented: LIST },
  { path: '/endpoints/:parent/destination-minion-pool-options', implemented: LIST },
  { path: '/endpoints/:parent/instances', implemented: ['index', 'show'] },
  { path: '/endpoints/:parent/inventory', implemented: LIST },
  { path: '/endpoints/:parent/networks', implemented: LIST },
  { path: '/endpoints/:parent/storage', implemented: LIST },
  { path: '/endpoints/:parent/destination-options', implemented: LIST },
  { path: '/endpoints/:parent/source-options', implemented: LIST },
  { path: '/providers/:parent/schemas/:type', implemented: LIST },
  {
    path: '/deployments',
    implemented: ['index', 'create', 'show', 'delete'],
    collection: ['detail'],
    member: ['action'],
  },
  { path: '/transfers', implemented: ALL, collection: ['detail'], member: ['action'] },
  {
    path: '/transfers/:parent/executions',
    implemented: ['index', 'create', 'show', 'delete'],
    collection: ['detail'],
    member: ['action'],
  },
  { path: '/transfers/:parent/schedules', implemented: ALL, collection: ['index'], member: ['action'] },
  { path: '/diagnostics', implemented: LIST },
];

/**
 * Adds the 404s of `/new` and `/detail`. Call it before the routes of members, whose `:id` would match them.
 */
export function addUnimplementedFixedPathRoutes(routes: CoriolisRoutes): void {
  for (const { path, collection = [] } of RESOURCES) {
    routes.get(`${path}/new`, throwNotFound);
    if (collection.includes('detail') && !WITH_DETAIL.includes(path)) {
      routes.get(`${path}/detail`, throwNotFound);
    }
  }
}

/** Collections whose controllers have a method `detail`. */
const WITH_DETAIL = ['/transfers', '/deployments', '/transfers/:parent/executions'];

/**
 * Adds a 404 for each usual route (create, show, update, delete, edit, action) that a controller does not implement.
 */
export function addUnimplementedMemberRoutes(routes: CoriolisRoutes): void {
  for (const { path, implemented, member = [] } of RESOURCES) {
    const missing = (method: Method): boolean => !implemented.includes(method);
    if (missing('create')) routes.post(path, throwNotFound);
    if (missing('show')) routes.get(`${path}/:id`, throwNotFound);
    if (missing('update')) routes.put(`${path}/:id`, throwNotFound);
    if (missing('delete')) routes.delete(`${path}/:id`, throwNotFound);
    routes.get(`${path}/:id/edit`, throwNotFound);
    for (const name of member) routes.post(`${path}/:id/${name}`, throwNotFound);
  }
}
