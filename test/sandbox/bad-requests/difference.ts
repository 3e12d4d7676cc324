import { isObject } from '../contract/shape';

/** An answer as far as it is compared. */
export interface Answered {
  readonly status: number;
  readonly contentType: string | null;
  readonly answer: unknown;
}

/** Whether an answer has the status, the shape and the message of a recorded one. */
export interface Agreement {
  readonly status: boolean;
  readonly shape: boolean;
  readonly message: boolean;
}

/** Compares an answer with a recorded one. Shapes are keys and JSON types; lists that are empty on one side fit any list. */
export function agreement(recorded: Answered, actual: Answered): Agreement {
  return {
    status: recorded.status === actual.status,
    shape: mediaType(recorded) === mediaType(actual) && sameShape(recorded.answer, actual.answer),
    message: messageOf(recorded.answer) === messageOf(actual.answer),
  };
}

const mediaType = ({ contentType }: Answered): string => (contentType ?? '').split(';')[0]?.trim() ?? '';

function sameShape(recorded: unknown, actual: unknown): boolean {
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    const [one] = recorded;
    const [other] = actual;
    return recorded.length === 0 || actual.length === 0 || sameShape(one, other);
  }
  if (isObject(recorded) && isObject(actual)) {
    const keys = Object.keys(recorded).sort();
    if (keys.join() !== Object.keys(actual).sort().join()) return openEnded(keys);
    return keys.every(
      (key) => OPEN.has(key) || isTimesOfSchedule(keys, key) || sameShape(recorded[key], actual[key]),
    );
  }
  return kind(recorded) === kind(actual);
}

/** Members whose content depends on what happened before, not on the request. */
const OPEN = new Set([
  'notes',
  'deleted_at',
  'deployer_id',
  'trust_id',
  'storage_mappings',
  'values',
  'destination_environment',
  'source_environment',
  'user_scripts',
  'network_map',
  'updated_at',
  'exception_details',
  'transfer_result',
  'info',
  'tasks',
  'executions',
  'types',
  'providers',
  'specs',
  'mapped_endpoints',
  'shared_resources',
  'packages',
  'ip_addresses',
  'os_info',
]);

const isTimesOfSchedule = (keys: readonly string[], key: string): boolean =>
  key === 'schedule' && keys.includes('expiration_date');

/** Objects whose keys are names of things: providers, instances. */
const openEnded = (keys: readonly string[]): boolean => keys.some((key) => /^lab_/.test(key));

const kind = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** The text of an error, or of an answer that is only text; ids and times that differ by nature are left out. */
export function messageOf(answer: unknown): string | null {
  const text = typeof answer === 'string' ? answer : errorText(answer);
  return (
    text
      ?.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>')
      .replaceAll(/\b[0-9a-f]{32}\b/g, '<id>')
      .replaceAll(/\b127\.0\.0\.1:\d+/g, '<host>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}/g, '<time>') ?? null
  );
}

function errorText(answer: unknown): string | null {
  if (!isObject(answer)) return null;
  const holder = isObject(answer['error']) ? answer['error'] : answer;
  return typeof holder['message'] === 'string' ? holder['message'] : null;
}
