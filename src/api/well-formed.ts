import { isObject } from '../model/json';
import type { ApiRequest } from './request';
import type { OtherService } from './transport';

/**
 * What everything behind the client relies on in the objects of answers (`model/types.ts`), so that no row of a newer, older
 * or damaged server makes it stumble: lists that are missing or null are empty, texts and numbers are what they look like.
 * All other keys pass through as they came.
 */
interface Check {
  /** The value as it has to be, or why it cannot be. */
  (value: unknown): unknown;
  /** Kinds of values that are as they have to be: nearly all are, and asking for each takes longer than reading the answer. */
  readonly passes: number;
}

/** Kinds of values, as bits. */
const MISSING = 1;
const NULL = 2;
const EMPTY_TEXT = 4;
const TEXT = 8;
const NUMBER = 16;
const FLAG = 32;
const OBJECT = 64;
const LIST = 128;

function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value === '' ? EMPTY_TEXT : TEXT;
    case 'object':
      if (value === null) return NULL;
      return Array.isArray(value) ? LIST : OBJECT;
    case 'number':
      return NUMBER;
    case 'boolean':
      return FLAG;
    default:
      return MISSING;
  }
}

/** @param passes kinds of values that need no look */
const check = (passes: number, look: (value: unknown) => unknown): Check => Object.assign(look, { passes });

/** What a value had to be and is not, and where it stands. */
export class Malformed {
  private constructor(
    readonly place: string,
    readonly wanted: string,
  ) {}

  static readonly text = new Malformed('', 'a text');
  static readonly number = new Malformed('', 'a whole number');
  static readonly flag = new Malformed('', 'true or false');
  static readonly list = new Malformed('', 'a list');
  static readonly object = new Malformed('', 'an object');

  within(place: string): Malformed {
    return new Malformed(`${place}${this.place}`, this.wanted);
  }
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;

/** A text; where there is none, an empty one. */
const text = check(TEXT | EMPTY_TEXT, (value) => {
  if (typeof value === 'string') return value;
  if (isNothing(value)) return '';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : Malformed.text;
});

/** A text that nothing can be done without. */
const id = check(TEXT, (value) => {
  const read = text(value);
  return read === '' ? Malformed.text : read;
});

const whole = check(NUMBER, (value) => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : Malformed.number;
});

const flag = check(FLAG, (value) => {
  if (typeof value === 'boolean') return value;
  return isNothing(value) ? false : Malformed.flag;
});

/** What is missing or null stays so. */
const optional = (of: Check): Check =>
  check(of.passes | MISSING | NULL, (value) => (isNothing(value) ? value : of(value)));

/** What is missing is null. */
const orNull = (of: Check): Check =>
  check(of.passes | NULL, (value) => (isNothing(value) ? null : of(value)));

/** A part of a time, such as a minute; null says as much as nothing. */
const partOfTime = check(MISSING, (value) => {
  if (isNothing(value)) return undefined;
  const read = whole(value);
  return Number.isInteger(read) && Math.abs(Number(read)) < 60 ? read : Malformed.number;
});

const list = (of: Check): Check =>
  check(0, (value) => {
    if (isNothing(value)) return [];
    if (!Array.isArray(value)) return Malformed.list;
    const rows = value as readonly unknown[];
    let good: unknown[] | undefined;
    for (let at = 0; at < rows.length; at += 1) {
      const given = rows[at];
      if ((kindOf(given) & of.passes) !== 0) continue;
      const row = of(given);
      if (row instanceof Malformed) return row.within(`[${at}]`);
      if (row !== given) (good ??= [...rows])[at] = row;
    }
    return good ?? rows;
  });

function object(of: Readonly<Record<string, Check>>): Check {
  const keys = Object.keys(of);
  const checks = Object.values(of);
  const passes = checks.map((one) => one.passes);
  return check(0, (value) => {
    if (!isObject(value)) return Malformed.object;
    let good: Record<string, unknown> | undefined;
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] as string;
      const given = value[key];
      if ((kindOf(given) & (passes[at] as number)) !== 0) continue;
      const entry = (checks[at] as Check)(given);
      if (entry instanceof Malformed) return entry.within(`.${key}`);
      if (entry !== given) (good ??= { ...value })[key] = entry;
    }
    return good ?? value;
  });
}

/** An object whose keys are names, all with the same kind of value. */
const table = (of: Check): Check =>
  check(0, (value) => {
    if (!isObject(value)) return Malformed.object;
    const wrong = Object.entries(value).find(([, entry]) => of(entry) instanceof Malformed);
    return wrong === undefined ? value : (of(wrong[1]) as Malformed).within(`.${wrong[0]}`);
  });

const anything = check(OBJECT, (value) => (isObject(value) ? value : Malformed.object));
const texts = list(text);
const times = { created_at: text, updated_at: orNull(text) };

const event = object({ message: text, level: text, created_at: text });
const update = object({
  message: text,
  current_step: optional(whole),
  total_steps: optional(whole),
  ...times,
});
const task = object({
  id,
  status: text,
  task_type: text,
  instance: text,
  exception_details: optional(text),
  events: list(event),
  progress_updates: list(update),
  ...times,
});
const execution = object({
  id,
  type: text,
  status: text,
  number: optional(whole),
  tasks: optional(list(task)),
  ...times,
});
const action = object({
  id,
  origin_endpoint_id: text,
  destination_endpoint_id: text,
  last_execution_status: text,
  instances: texts,
  notes: optional(text),
  network_map: optional(anything),
  storage_mappings: optional(anything),
  source_environment: optional(anything),
  destination_environment: optional(anything),
  executions: optional(list(execution)),
  tasks: optional(list(task)),
  ...times,
});
const recurrence = object({
  minute: partOfTime,
  hour: partOfTime,
  dom: partOfTime,
  month: partOfTime,
  dow: partOfTime,
});
const workers = object({ types: list(whole) });

/** The objects of Coriolis by the keys that they are wrapped in; with an "s" behind, the key wraps a list. */
const OBJECTS: Readonly<Record<string, Check>> = {
  endpoint: object({ id, name: text, type: text, mapped_regions: texts, ...times }),
  transfer: action,
  deployment: action,
  execution,
  schedule: object({ id, transfer_id: text, schedule: recurrence, enabled: flag, ...times }),
  minion_pool: object({
    id,
    name: text,
    status: text,
    platform: text,
    endpoint_id: text,
    minion_machines: optional(list(object({ id }))),
    events: optional(list(event)),
    progress_updates: optional(list(update)),
    ...times,
  }),
  region: object({ id, name: text, mapped_endpoints: texts, mapped_services: texts, ...times }),
  service: object({
    id,
    host: text,
    binary: text,
    status: text,
    enabled: flag,
    providers: optional(table(workers)),
    mapped_regions: texts,
    ...times,
  }),
  instance: object({
    id,
    name: text,
    devices: optional(
      object({
        disks: optional(list(object({ id: optional(text), storage_backend_identifier: optional(text) }))),
        nics: optional(list(object({ network_name: optional(text) }))),
      }),
    ),
  }),
  network: object({ id, name: text }),
};

const WRAPPERS: Readonly<Record<string, Check>> = {
  ...OBJECTS,
  ...Object.fromEntries(Object.entries(OBJECTS).map(([key, one]) => [`${key}s`, list(one)])),
  storage: object({
    storage_backends: list(object({ id: text, name: text })),
    config_default: optional(text),
  }),
  ...Object.fromEntries(
    ['source', 'destination', 'source_minion_pool', 'destination_minion_pool'].map((of) => [
      `${of}_options`,
      list(object({ name: text })),
    ]),
  ),
  providers: table(workers),
  schemas: anything,
  'validate-connection': object({ valid: flag, message: optional(text) }),
  diagnostics: list(object({ packages: texts, os_info: texts })),
};

/** What answers of the services beside Coriolis hold. */
const OTHERS: Readonly<Partial<Record<OtherService, Readonly<Record<string, Check>>>>> = {
  'coriolis-licensing': Object.fromEntries(
    ['appliances', 'licences', 'reservations'].map((key) => [key, list(object({ id }))]),
  ),
};

/**
 * The body of an answer with all that it wraps well formed, and with what was asked for in it; the first thing that is
 * not as it has to be otherwise.
 * @param request in the words of the current generation
 */
export function wellFormed(body: unknown, request: ApiRequest, service: OtherService | undefined): unknown {
  const wrappers = service === undefined ? WRAPPERS : (OTHERS[service] ?? {});
  const wanted = wrapperOf(request, wrappers);
  if (!isObject(body)) return wanted === undefined ? body : Malformed.object;
  let good: Record<string, unknown> | undefined;
  for (const key of new Set([...Object.keys(body), ...(wanted === undefined ? [] : [wanted])])) {
    const wrapped = Object.hasOwn(wrappers, key) ? wrappers[key] : undefined;
    if (wrapped === undefined) continue;
    // Null is a list without rows, but nothing at all is another answer.
    const value = key in body ? wrapped(body[key]) : Malformed.object;
    if (value instanceof Malformed) return value.within(key);
    if (value !== body[key]) (good ??= { ...body })[key] = value;
  }
  return good ?? body;
}

/** What stands in the answer to a request for one object of a collection, where it is not that object. */
const WRAPPED_OTHERWISE: Readonly<Record<string, string>> = {
  'GET schemas': 'schemas',
  'PUT transfers': 'execution',
};

/** The key that an answer is wrapped in, by the end of the path; undefined where that is not known. */
function wrapperOf(
  { method, path, body }: ApiRequest,
  wrappers: Readonly<Record<string, Check>>,
): string | undefined {
  const segments = path.split('/').slice(1);
  const isCollection = segments.length % 2 === 1;
  const collection = segments.at(isCollection ? -1 : -2) ?? '';
  const one = WRAPPED_OTHERWISE[`${method} ${collection}`] ?? collection.replace(/s$/, '');
  const candidates =
    method === 'DELETE'
      ? []
      : collection === 'actions' && isObject(body)
        ? Object.keys(body)
        : [method === 'GET' && isCollection ? collection : one];
  return candidates.find((key) => Object.hasOwn(wrappers, key));
}
