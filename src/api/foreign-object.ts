import { isObject, type JsonObject } from '../model/json';
import { segment } from './encoding';
import type { ApiRequest } from './request';

/** Fields that Coriolis keeps as they were sent, so that the answer to a creation repeats them. */
const KEPT = ['name', 'type', 'origin_endpoint_id', 'destination_endpoint_id', 'transfer_id', 'endpoint_id'];

/** Fields of a row that name the object it belongs to, by the collection that stands before it in the path. */
const PARENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['transfers', ['transfer_id', 'action_id']],
  ['deployments', ['action_id']],
]);

/**
 * Tells whether an answer holds another object than the request is about: its id is not the one in the path, its parent is
 * another, or a creation is answered with something that was not asked for. A connection that got out of step, or a proxy that mixes
 * answers up, does that.
 * @param request in the words of the current generation
 */
export function isForeignAnswer(body: unknown, { method, path, body: sent }: ApiRequest): boolean {
  if (!isObject(body)) return false;
  const [, first = '', firstId = '', second = '', secondId = ''] = path.split('/');
  if (second === '' || second === 'actions') {
    const one = body[singular(first)];
    if (firstId !== '') return isOther(one, firstId) || hasOtherParent(first, firstId, body['execution']);
    return method === 'POST' && isObject(one) && isObject(sent) && contradicts(one, sent[singular(first)]);
  }
  const one = body[singular(second)];
  // Platforms call their machines by several names.
  if (secondId !== '' && second !== 'instances' && isOther(one, secondId)) return true;
  const listed = body[second];
  return hasOtherParent(first, firstId, Array.isArray(listed) ? listed[0] : one);
}

const singular = (collection: string): string => collection.replace(/s$/, '');

const isOther = (object: unknown, encodedId: string): boolean =>
  isObject(object) && typeof object['id'] === 'string' && segment(object['id']) !== encodedId;

function hasOtherParent(collection: string, encodedId: string, object: unknown): boolean {
  if (!isObject(object)) return false;
  return (PARENTS.get(collection) ?? []).some(
    (field) => typeof object[field] === 'string' && segment(object[field]) !== encodedId,
  );
}

function contradicts(made: JsonObject, asked: unknown): boolean {
  if (!isObject(asked)) return false;
  return (
    KEPT.some(
      (key) => typeof asked[key] === 'string' && typeof made[key] === 'string' && asked[key] !== made[key],
    ) || namesOf(made['instances']) !== (namesOf(asked['instances']) ?? namesOf(made['instances']))
  );
}

const namesOf = (instances: unknown): string | undefined =>
  Array.isArray(instances) ? JSON.stringify(instances.map(String).sort()) : undefined;
