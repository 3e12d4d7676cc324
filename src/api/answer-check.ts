import { isObject, type JsonObject } from '../model/json';
import {
  anyObjectCheck,
  flagCheck,
  idCheck,
  listCheck,
  MalformedValue,
  objectCheck,
  optionalCheck,
  nullableCheck,
  timePartCheck,
  checkAndConvert,
  recordCheck,
  textCheck,
  wholeNumberCheck,
  type FieldCheck,
  type FieldVisitor,
} from './answer-field-check';
import type { ApiRequest } from './api-request';
import type { CompanionService } from './transport';

/**
 * Checks of the fields that the core uses (`model/api-objects.ts`), so that no row of a newer, older or damaged server breaks
 * the core. A missing or null list becomes empty. Numbers given as texts, and texts given as numbers, are converted.
 * All other fields pass through unchanged.
 */
const texts = listCheck(textCheck);
const optionalText = optionalCheck(textCheck);
const optionalNumber = optionalCheck(wholeNumberCheck);
const optionalObject = optionalCheck(anyObjectCheck);
const textOrNull = nullableCheck(textCheck);

const times = (row: JsonObject, look: FieldVisitor): boolean =>
  look('created_at', row['created_at'], textCheck) && look('updated_at', row['updated_at'], textOrNull);

const event = objectCheck(
  (row, look) =>
    look('message', row['message'], textCheck) &&
    look('level', row['level'], textCheck) &&
    look('created_at', row['created_at'], textCheck),
);
const events = listCheck(event);

const updates = listCheck(
  objectCheck(
    (row, look) =>
      look('message', row['message'], textCheck) &&
      look('current_step', row['current_step'], optionalNumber) &&
      look('total_steps', row['total_steps'], optionalNumber) &&
      times(row, look),
  ),
);

const optionalTasks = optionalCheck(
  listCheck(
    objectCheck(
      (row, look) =>
        look('id', row['id'], idCheck) &&
        look('status', row['status'], textCheck) &&
        look('task_type', row['task_type'], textCheck) &&
        look('instance', row['instance'], textCheck) &&
        look('exception_details', row['exception_details'], optionalText) &&
        look('events', row['events'], events) &&
        look('progress_updates', row['progress_updates'], updates) &&
        times(row, look),
    ),
  ),
);

const execution = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('type', row['type'], textCheck) &&
    look('status', row['status'], textCheck) &&
    look('number', row['number'], optionalNumber) &&
    look('tasks', row['tasks'], optionalTasks) &&
    times(row, look),
);
const optionalExecutions = optionalCheck(listCheck(execution));

const action = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('origin_endpoint_id', row['origin_endpoint_id'], textCheck) &&
    look('destination_endpoint_id', row['destination_endpoint_id'], textCheck) &&
    look('last_execution_status', row['last_execution_status'], textCheck) &&
    look('instances', row['instances'], texts) &&
    look('notes', row['notes'], optionalText) &&
    look('scenario', row['scenario'], optionalText) &&
    look('network_map', row['network_map'], optionalObject) &&
    look('storage_mappings', row['storage_mappings'], optionalObject) &&
    look('source_environment', row['source_environment'], optionalObject) &&
    look('destination_environment', row['destination_environment'], optionalObject) &&
    look('executions', row['executions'], optionalExecutions) &&
    look('tasks', row['tasks'], optionalTasks) &&
    times(row, look),
);

const endpoint = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('name', row['name'], textCheck) &&
    look('type', row['type'], textCheck) &&
    look('mapped_regions', row['mapped_regions'], texts) &&
    times(row, look),
);

const recurrence = objectCheck(
  (row, look) =>
    look('minute', row['minute'], timePartCheck) &&
    look('hour', row['hour'], timePartCheck) &&
    look('dom', row['dom'], timePartCheck) &&
    look('month', row['month'], timePartCheck) &&
    look('dow', row['dow'], timePartCheck),
);
const schedule = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('transfer_id', row['transfer_id'], textCheck) &&
    look('schedule', row['schedule'], recurrence) &&
    look('enabled', row['enabled'], flagCheck) &&
    times(row, look),
);

const withId = objectCheck((row, look) => look('id', row['id'], idCheck));
const optionalMachines = optionalCheck(listCheck(withId));
const optionalEvents = optionalCheck(events);
const optionalUpdates = optionalCheck(updates);
const minionPool = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('name', row['name'], textCheck) &&
    look('status', row['status'], textCheck) &&
    look('platform', row['platform'], textCheck) &&
    look('endpoint_id', row['endpoint_id'], textCheck) &&
    look('minion_machines', row['minion_machines'], optionalMachines) &&
    look('events', row['events'], optionalEvents) &&
    look('progress_updates', row['progress_updates'], optionalUpdates) &&
    times(row, look),
);

const region = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('name', row['name'], textCheck) &&
    look('mapped_endpoints', row['mapped_endpoints'], texts) &&
    look('mapped_services', row['mapped_services'], texts) &&
    times(row, look),
);

const numbers = listCheck(wholeNumberCheck);
const providers = recordCheck(objectCheck((row, look) => look('types', row['types'], numbers)));
const optionalProviders = optionalCheck(providers);
const service = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('host', row['host'], textCheck) &&
    look('binary', row['binary'], textCheck) &&
    look('status', row['status'], textCheck) &&
    look('enabled', row['enabled'], flagCheck) &&
    look('providers', row['providers'], optionalProviders) &&
    look('mapped_regions', row['mapped_regions'], texts) &&
    times(row, look),
);

const optionalDisks = optionalCheck(
  listCheck(
    objectCheck(
      (row, look) =>
        look('id', row['id'], optionalText) &&
        look('storage_backend_identifier', row['storage_backend_identifier'], optionalText),
    ),
  ),
);
const optionalNics = optionalCheck(
  listCheck(objectCheck((row, look) => look('network_name', row['network_name'], optionalText))),
);
const devices = optionalCheck(
  objectCheck(
    (row, look) => look('disks', row['disks'], optionalDisks) && look('nics', row['nics'], optionalNics),
  ),
);
const named = objectCheck(
  (row, look) => look('id', row['id'], idCheck) && look('name', row['name'], textCheck),
);
const instance = objectCheck(
  (row, look) =>
    look('id', row['id'], idCheck) &&
    look('name', row['name'], textCheck) &&
    look('devices', row['devices'], devices),
);

/** Checks of single objects by wrapper key (`transfer`). The key with an "s" (`transfers`) wraps a list of them. */
const OBJECTS: Readonly<Record<string, FieldCheck>> = {
  endpoint,
  transfer: action,
  deployment: action,
  execution,
  schedule,
  minion_pool: minionPool,
  region,
  service,
  instance,
  network: named,
};

const backends = listCheck(
  objectCheck((row, look) => look('id', row['id'], textCheck) && look('name', row['name'], textCheck)),
);
const options = listCheck(objectCheck((row, look) => look('name', row['name'], textCheck)));

/** All checks of Coriolis' answers by wrapper key: single objects, lists and special answers. */
const WRAPPERS: ReadonlyMap<string, FieldCheck> = new Map([
  ...Object.entries(OBJECTS),
  ...Object.entries(OBJECTS).map(([key, one]) => [`${key}s`, listCheck(one)] as const),
  [
    'storage',
    objectCheck(
      (row, look) =>
        look('storage_backends', row['storage_backends'], backends) &&
        look('config_default', row['config_default'], optionalText),
    ),
  ],
  ...['source', 'destination', 'source_minion_pool', 'destination_minion_pool'].map(
    (of) => [`${of}_options`, options] as const,
  ),
  ['providers', providers],
  ['schemas', anyObjectCheck],
  [
    'validate-connection',
    objectCheck(
      (row, look) => look('valid', row['valid'], flagCheck) && look('message', row['message'], optionalText),
    ),
  ],
  [
    'diagnostics',
    listCheck(
      objectCheck(
        (row, look) => look('packages', row['packages'], texts) && look('os_info', row['os_info'], texts),
      ),
    ),
  ],
]);

/** Checks by wrapper key of the answers of each service beside Coriolis. */
const COMPANION_WRAPPERS: Readonly<Partial<Record<CompanionService, ReadonlyMap<string, FieldCheck>>>> = {
  'coriolis-licensing': new Map(
    ['appliance', 'licence', 'reservation'].flatMap((key) => [
      [key, withId],
      [`${key}s`, listCheck(withId)],
    ]),
  ),
  'key-manager': new Map([['secret_ref', textCheck]]),
};
const NO_CHECKS: ReadonlyMap<string, FieldCheck> = new Map();

/**
 * Checks the body of an answer: its objects are well formed, and the key that the request asks for is there. Returns
 * the body, with converted values where needed, or a `MalformedValue` that names the first field that cannot be read.
 * @param request with the names of the current generation
 * @param isNullRefused whether null in place of a list is malformed. False: null counts as an empty list. True is for
 *   callers that draw conclusions from missing rows.
 */
export function checkAnswerBody(
  body: unknown,
  request: ApiRequest,
  service: CompanionService | undefined,
  isNullRefused = false,
): unknown {
  const wrappers = service === undefined ? WRAPPERS : (COMPANION_WRAPPERS[service] ?? NO_CHECKS);
  const wanted = wrapperOf(request, wrappers);
  if (!isObject(body)) return wanted === undefined ? body : MalformedValue.object;
  // Null in place of a list counts as an empty list, but an answer without the key is another kind of answer.
  if (wanted !== undefined && !Object.hasOwn(body, wanted)) return MalformedValue.object.within(wanted);
  if (isNullRefused && wanted !== undefined && body[wanted] === null)
    return MalformedValue.list.within(wanted);
  let read: Record<string, unknown> | undefined;
  for (const key of Object.keys(body)) {
    const check = wrappers.get(key);
    if (check === undefined) continue;
    const value = checkAndConvert(check, body[key]);
    if (value instanceof MalformedValue) return value.within(key);
    if (value !== body[key]) (read ??= { ...body })[key] = value;
  }
  return read ?? body;
}

/**
 * Wrapper keys of single objects that are not the singular of their collection in the path, by collection and method.
 */
const WRAPPED_OTHERWISE: ReadonlyMap<
  string,
  Readonly<Partial<Record<ApiRequest['method'], string>>>
> = new Map([
  ['schemas', { GET: 'schemas' }],
  ['transfers', { PUT: 'execution' }],
  // A direct migration of a legacy server is created at `/migrations`, and its answer is read as a deployment.
  ['migrations', { POST: 'deployment' }],
  // `POST /appliances/{id}/reservations/{id}/refresh` of the licensing server, and `POST /v1/secrets` of Barbican.
  ['refresh', { POST: 'reservation' }],
  ['v1', { POST: 'secret_ref' }],
]);

/** Wrapper keys of the answers to actions (`POST …/actions`), where the key is not the name of the action. */
const WRAPPED_BY_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['delete-disks', 'execution'],
  ['allocate', 'minion_pool'],
  ['deallocate', 'minion_pool'],
  ['refresh', 'minion_pool'],
]);

/** Wrapper key that the answer to a request must have, by the end of the path; undefined when unknown. */
function wrapperOf(
  { method, path, body }: ApiRequest,
  wrappers: ReadonlyMap<string, FieldCheck>,
): string | undefined {
  if (method === 'DELETE') return undefined;
  const end = path.lastIndexOf('/');
  const before = path.lastIndexOf('/', end - 1);
  const isCollection = countOf('/', path) % 2 === 1;
  const collection = isCollection ? path.slice(end + 1) : path.slice(before + 1, end);
  if (collection === 'actions' && isObject(body)) {
    const [action = ''] = Object.keys(body);
    return WRAPPED_BY_ACTIONS.get(action) ?? (wrappers.has(action) ? action : undefined);
  }
  const one = collection.endsWith('s') ? collection.slice(0, -1) : collection;
  const key =
    WRAPPED_OTHERWISE.get(collection)?.[method] ?? (method === 'GET' && isCollection ? collection : one);
  return wrappers.has(key) ? key : undefined;
}

function countOf(letter: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) count += 1;
  return count;
}
