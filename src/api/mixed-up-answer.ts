import { isObject, type JsonObject } from '../model/json';
import { encodePathSegment } from './url-encoding';
import type { ApiRequest } from './api-request';

/** Fields that Coriolis stores unchanged and returns in the answer to a creation. */
const ECHOED_FIELDS = [
  'name',
  'type',
  'notes',
  'scenario',
  'platform',
  'host',
  'topic',
  'origin_endpoint_id',
  'destination_endpoint_id',
  'transfer_id',
  'endpoint_id',
];

/** Fields of an object that hold the id of its parent, by the parent's collection in the path. */
const PARENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['transfers', ['transfer_id', 'action_id']],
  ['deployments', ['action_id']],
  ['appliances', ['appliance_id']],
]);

/**
 * Whether an answer contains another object than the requested one: its id or parent is not the one in the path, or a
 * created object differs from the sent values. This happens when a connection delivers the answers of earlier requests,
 * or a proxy mixes up answers.
 * @param request with the names of the current generation
 */
export function isMixedUpAnswer(body: unknown, { method, path, body: sent }: ApiRequest): boolean {
  if (!isObject(body) || (sent === undefined && isNamedBy(path, body))) return false;
  const [, first = '', firstId = '', second = '', secondId = ''] = path.split('/');
  if (second === '' || second === 'actions') {
    const one = body[singular(first)] ?? (first === 'migrations' ? body['deployment'] : undefined);
    if (firstId !== '') return isOther(one, firstId) || hasOtherParent(first, firstId, body['execution']);
    return method === 'POST' && isObject(one) && isObject(sent) && contradicts(one, sent[singular(first)]);
  }
  const one = body[singular(second)];
  // A machine has several identifiers on its platform, so its id may differ from the path.
  if (secondId !== '' && second !== 'instances' && isOther(one, secondId)) return true;
  const listed = second === 'status' ? body['appliance_licence_status'] : body[second];
  if (hasOtherParent(first, firstId, Array.isArray(listed) ? listed[0] : (listed ?? one))) return true;
  return method === 'POST' && secondId === '' && isObject(one) && contradicts(one, sent);
}

/**
 * Whether an answer is the single object whose id ends the path. Most reads pass this check, which is ten times as fast
 * as the full one.
 */
function isNamedBy(path: string, body: JsonObject): boolean {
  let only: unknown;
  for (const key in body) {
    if (only !== undefined) return false;
    only = body[key];
  }
  if (!isObject(only)) return false;
  const { id } = only;
  return typeof id === 'string' && id !== '' && path.endsWith(`/${id}`) && !HAS_PARENT.test(path);
}

/** Paths with more than one collection: their objects have a parent, which the fast check does not compare. */
const HAS_PARENT = /^\/[^/]+\/[^/]+\/./;

const singular = (collection: string): string =>
  collection.endsWith('s') ? collection.slice(0, -1) : collection;

const isOther = (object: unknown, encodedId: string): boolean =>
  isObject(object) && typeof object['id'] === 'string' && encodePathSegment(object['id']) !== encodedId;

function hasOtherParent(collection: string, encodedId: string, object: unknown): boolean {
  if (!isObject(object)) return false;
  return (PARENTS.get(collection) ?? []).some(
    (field) => typeof object[field] === 'string' && encodePathSegment(object[field]) !== encodedId,
  );
}

function contradicts(made: JsonObject, asked: unknown): boolean {
  if (!isObject(asked)) return false;
  return (
    ECHOED_FIELDS.some(
      (key) => typeof asked[key] === 'string' && made[key] !== undefined && asked[key] !== made[key],
    ) ||
    namesOf(made['instances']) !== (namesOf(asked['instances']) ?? namesOf(made['instances'])) ||
    hasOtherTimes(made['schedule'], asked['schedule'])
  );
}

/** Whether a schedule has other times than requested. */
function hasOtherTimes(made: unknown, asked: unknown): boolean {
  if (!isObject(made) || !isObject(asked)) return false;
  return Object.entries(asked).some(
    ([part, value]) => typeof value === 'number' && made[part] !== undefined && Number(made[part]) !== value,
  );
}

const namesOf = (instances: unknown): string | undefined =>
  Array.isArray(instances) ? JSON.stringify(instances.map(String).sort()) : undefined;
