import { isObject } from '../../model/json';
import type { ApiRequest, RequestQuery } from '../api-request';

/**
 * Converts requests of the current generation to legacy ones (docs/reference/coriolis-api.md §§7-10). Legacy servers
 * ignore unknown fields, so these are left out: those that matter were refused before (src/api/feature-support.ts), the
 * others ask for what legacy servers do anyway.
 */

type Fields = Readonly<Record<string, unknown>>;

const COLLECTIONS: ReadonlyArray<readonly [current: string, legacy: string]> = [
  ['transfers', 'replicas'],
  ['deployments', 'migrations'],
];

/** Query parameters that legacy servers do not know. They are left out; legacy servers always send whole lists. */
const UNKNOWN_QUERIES = ['limit', 'marker', 'sort_key', 'sort_dir', 'status', 'include_task_info'];

/** Whether requests to a path differ between the generations. */
export const needsTranslation = (path: string): boolean =>
  /^\/(transfers|deployments|migrations)([/?]|$)/.test(path);

/** Converts a request of the current generation to the request that a legacy server understands. */
export function toLegacyRequest(request: ApiRequest): ApiRequest {
  if (!needsTranslation(request.path)) return request;
  const { body } = request;
  return {
    method: request.method,
    path: legacyPath(request.path),
    query: legacyQuery(request.query),
    ...(body === undefined ? {} : { body: isObject(body) ? legacyBody(request.path, body) : body }),
  };
}

function legacyPath(path: string): string {
  const [, collection = '', rest = ''] = /^\/([a-z]+)(.*)$/s.exec(path) ?? [];
  const legacy = COLLECTIONS.find(([current]) => current === collection)?.[1] ?? collection;
  return `/${legacy}${rest}`;
}

function legacyQuery(query: RequestQuery): RequestQuery {
  const { show_deleted: deleted, ...rest } = query;
  const known = Object.fromEntries(Object.entries(rest).filter(([key]) => !UNKNOWN_QUERIES.includes(key)));
  // Legacy servers parse `show_deleted` as JSON, so only lower-case true and false count (docs/reference/coriolis-api.md §1.4).
  return deleted === undefined ? known : { ...known, show_deleted: isYes(deleted) };
}

const isYes = (value: RequestQuery[string]): boolean => /^(1|t|true|on|y|yes)$/i.test(String(value));

function legacyBody(path: string, body: Fields): Fields {
  const { transfer, deployment, migration: direct, execution } = body;
  if (isObject(transfer)) return { replica: replica(transfer) };
  if (isObject(deployment)) return { migration: migration(deployment) };
  if (isObject(direct)) return { migration: withScripts(direct) };
  if (isObject(execution)) return { execution: without(execution, 'auto_deploy') };
  return /\/schedules(\/|$)/.test(path) ? without(body, 'auto_deploy') : body;
}

const replica = (fields: Fields): Fields =>
  withScripts(without(fields, 'scenario', 'clone_disks', 'skip_os_morphing'));

/**
 * Converts a deployment to a migration of a replica. On current servers null inherits the transfer's value; legacy
 * servers inherit scripts only, so fields that are null are left out.
 */
function migration({ transfer_id, ...fields }: Fields): Fields {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  return withScripts({ replica_id: transfer_id, ...given });
}

function without(fields: Fields, ...keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}

/**
 * Converts user scripts: a list with one script in the default phase becomes the text of that script, the only form
 * that legacy servers know.
 */
function withScripts(fields: Fields): Fields {
  const { user_scripts: scripts } = fields;
  if (!isObject(scripts)) return fields;
  const texts = Object.entries(scripts).map(([scope, group]) => [
    scope,
    isObject(group)
      ? Object.fromEntries(Object.entries(group).map(([name, script]) => [name, scriptText(script)]))
      : group,
  ]);
  return { ...fields, user_scripts: Object.fromEntries(texts) as Fields };
}

function scriptText(script: unknown): unknown {
  const [only] = Array.isArray(script) ? (script as readonly unknown[]) : [];
  return isObject(only) && typeof only['payload'] === 'string' ? only['payload'] : script;
}
