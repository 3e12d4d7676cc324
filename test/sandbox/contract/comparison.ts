import { isDeepStrictEqual } from 'node:util';
import type { Answer, Sample } from './recording';
import { isObject, shapeDifferences } from './shape';
import { withoutIds } from './substitution';
import type { Substitution } from './substitution';

/** Headers that must read the same, and headers that must be there (or not) whatever they say. */
const SAME_HEADERS = ['content-type', 'location', 'vary', 'www-authenticate'];
const PRESENT_HEADERS = ['x-subject-token', 'x-openstack-request-id', 'x-compute-request-id'];

/** Values that tell which state a thing is in, or what the server says about it: more than their type must be the same. */
const TELLING_VALUES = ['status', 'type', 'scenario', 'last_execution_status', 'valid', 'message'];

/** What somebody chose: it must be kept as it was given, or changed in the recorded way. */
const CHOSEN_VALUES = [
  'name',
  'description',
  'notes',
  'instances',
  'clone_disks',
  'skip_os_morphing',
  'network_map',
  'storage_mappings',
  'source_environment',
  'destination_environment',
  'user_scripts',
  'mapped_regions',
  'mapped_endpoints',
  'enabled',
  'schedule',
  'expiration_date',
  'shutdown_instance',
  'auto_deploy',
  'platform',
  'os_type',
  'environment_options',
  'minimum_minions',
  'maximum_minions',
  'minion_max_idle_time',
  'minion_retention_strategy',
];

/** What tells the items of a list apart. */
const IDENTIFYING_VALUES = ['name', 'number', 'instances', 'status', 'last_execution_status', 'type'];

const FINAL_STATUSES = ['COMPLETED', 'ERROR', 'CANCELED'];

interface Task {
  index: number;
  task_type: string;
  instance: unknown;
  status: string;
  on_error: boolean;
  exception_details: string | null;
}

/**
 * How much of a good answer must be as recorded: keys and types only (`shape`); for lists also what the items are and their order (`list`); every value
 * (`values`).
 */
export type Strictness = 'shape' | 'list' | 'values';

/** What differs between a recorded answer and the sandbox's: status, headers, error text, keys, JSON types, state, tasks. */
export function answerDifferences(
  recorded: Answer,
  actual: Answer,
  substitution: Substitution,
  strictness: Strictness = 'shape',
): string[] {
  const differences = headerDifferences(recorded, actual, substitution);
  if (recorded.status !== actual.status) {
    const said = JSON.stringify(actual.body).slice(0, 300);
    differences.unshift(`status: recorded ${recorded.status}, got ${actual.status} ${said}`);
    return differences;
  }
  differences.push(...bodyDifferences([recorded.body], actual.body, recorded.body, substitution));
  if (strictness === 'list') differences.push(...listDifferences(recorded.body, actual.body));
  if (strictness === 'values' && recorded.status === 200 && !isDeepStrictEqual(recorded.body, actual.body)) {
    differences.push('body: not all values are as recorded');
  }
  return differences;
}

/** What differs between a recorded series and the sandbox's: its statuses in their order, the tasks, and the order in which tasks start. */
export function seriesDifferences(
  recorded: readonly Sample[],
  actual: readonly Sample[],
  substitution: Substitution,
): string[] {
  const statuses = statusesOf(recorded);
  const seen = statusesOf(actual);
  if (statuses.join() !== seen.join()) return [`statuses: recorded ${statuses.join()}, got ${seen.join()}`];
  const examples = recorded.map((sample) => sample.body);
  const shapes = actual.flatMap((sample) => shapeDifferences(examples, sample.body, 'body'));
  const last = recorded.at(-1);
  const end = bodyDifferences(examples, actual.at(-1)?.body, last?.body, substitution);
  return [...new Set([...shapes, ...end, ...orderDifferences(recorded, actual)])];
}

/** The HTTP statuses and, of good answers, the statuses of the thing polled, without repetitions. */
function statusesOf(samples: readonly Sample[]): string[] {
  const all = samples.map((sample) => `${sample.status} ${statusOf(subjectOf(sample.body))}`);
  return all.filter((status, index) => status !== all[index - 1]);
}

/** Tasks that were recorded one after the other must not start the other way round; those that started between two polls may, in any order. */
function orderDifferences(recorded: readonly Sample[], actual: readonly Sample[]): string[] {
  const expected = startsOf(recorded);
  const got = startsOf(actual);
  const differences: string[] = [];
  for (const [one, start] of expected) {
    for (const [other, laterStart] of expected) {
      const ours = got.get(one);
      const theirs = got.get(other);
      if (start < laterStart && ours !== undefined && theirs !== undefined && ours > theirs) {
        differences.push(`order: recorded ${one} before ${other}`);
      }
    }
  }
  return differences;
}

/** In which sample each task is first seen at work. */
function startsOf(samples: readonly Sample[]): Map<string, number> {
  const starts = new Map<string, number>();
  samples.forEach((sample, place) => {
    for (const task of tasksOf(subjectOf(sample.body))) {
      const idle = ['SCHEDULED', 'UNSCHEDULED', 'PENDING', 'STARTING'].includes(task.status);
      const name = `${task.index} ${task.task_type}`;
      if (!idle && !starts.has(name)) starts.set(name, place);
    }
  });
  return starts;
}

function headerDifferences(recorded: Answer, actual: Answer, substitution: Substitution): string[] {
  const differences: string[] = [];
  for (const name of SAME_HEADERS) {
    const expected = recorded.headers[name]?.toLowerCase();
    const got = actual.headers[name]?.toLowerCase();
    const same =
      expected === undefined || got === undefined ? expected === got : substitution.sameText(expected, got);
    if (!same) {
      differences.push(`header ${name}: recorded ${expected}, got ${actual.headers[name]}`);
    }
  }
  for (const name of PRESENT_HEADERS) {
    if (name in recorded.headers !== name in actual.headers) {
      differences.push(
        `header ${name}: recorded ${name in recorded.headers ? 'present' : 'absent'}, got the opposite`,
      );
    }
  }
  return differences;
}

function bodyDifferences(
  examples: readonly unknown[],
  actual: unknown,
  recorded: unknown,
  substitution: Substitution,
): string[] {
  const differences = shapeDifferences(examples, actual, 'body');
  const said = errorText(recorded);
  if (said !== null)
    return [...differences, ...textDifferences('text', said, errorText(actual), substitution)];
  const expected = subjectOf(recorded);
  const got = subjectOf(actual);
  for (const key of TELLING_VALUES) {
    differences.push(...tellingDifferences(key, expected[key], got[key], substitution));
  }
  for (const key of CHOSEN_VALUES) {
    differences.push(...chosenDifferences(key, substitution.value(expected[key]), got[key]));
  }
  differences.push(...eventDifferences(expected, got));
  return [...differences, ...taskDifferences(expected, got, substitution)];
}

/** Lists of ids come in the order of the ids, which are others here. */
function chosenDifferences(key: string, recorded: unknown, actual: unknown): string[] {
  const sorted = (value: unknown): unknown => (Array.isArray(value) ? [...value].sort() : value);
  if (recorded === undefined || isDeepStrictEqual(sorted(recorded), sorted(actual))) return [];
  return [`${key}: recorded ${JSON.stringify(recorded)}, got ${JSON.stringify(actual)}`];
}

/** The same events of a minion pool, whatever machines they are about. Those of one second may come in any order. */
function eventDifferences(recorded: Record<string, unknown>, actual: Record<string, unknown>): string[] {
  const expected = eventTexts(recorded);
  const got = eventTexts(actual);
  const missing = expected.filter((text) => count(text, expected) > count(text, got));
  const extra = got.filter((text) => count(text, got) > count(text, expected));
  return [
    ...new Set([
      ...missing.map((text) => `event recorded, missing: ${text}`),
      ...extra.map((text) => `event not recorded: ${text}`),
    ]),
  ];
}

function eventTexts(subject: Record<string, unknown>): string[] {
  const events = Array.isArray(subject['events']) ? (subject['events'] as { message: string }[]) : [];
  return events.map(({ message }) => withoutIds(message));
}

function count(text: string, texts: readonly string[]): number {
  return texts.filter((one) => one === text).length;
}

function tellingDifferences(
  key: string,
  expected: unknown,
  got: unknown,
  substitution: Substitution,
): string[] {
  if (expected === undefined) return [];
  if (typeof expected === 'string' && typeof got === 'string')
    return textDifferences(key, expected, got, substitution);
  return expected === got ? [] : [`${key}: recorded ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`];
}

/** The same tasks in the same order; once everything is finished, with the same outcomes and reasons. */
function taskDifferences(
  recorded: Record<string, unknown>,
  actual: Record<string, unknown>,
  substitution: Substitution,
): string[] {
  const expected = tasksOf(recorded);
  const got = tasksOf(actual);
  const types = (tasks: readonly Task[]): string =>
    tasks.map((task) => `${task.index} ${task.task_type}${task.on_error ? ' (on error)' : ''}`).join(', ');
  if (types(expected) !== types(got)) return [`tasks: recorded ${types(expected)}, got ${types(got)}`];
  if (!FINAL_STATUSES.includes(statusOf(recorded))) return [];
  return expected.flatMap((task, place) => {
    const ours = got[place];
    const where = `task ${task.index} ${task.task_type}`;
    if (task.status !== ours?.status) return [`${where}: recorded ${task.status}, got ${ours?.status}`];
    return textDifferences(
      `${where} exception`,
      task.exception_details,
      ours.exception_details,
      substitution,
    );
  });
}

function textDifferences(
  what: string,
  recorded: string | null,
  actual: string | null,
  substitution: Substitution,
): string[] {
  const same =
    recorded === null || actual === null ? recorded === actual : substitution.sameText(recorded, actual);
  return same ? [] : [`${what}: recorded ${JSON.stringify(recorded)}, got ${JSON.stringify(actual)}`];
}

/** Lists whose content is known must hold the same things in the same order. */
function listDifferences(recorded: unknown, actual: unknown): string[] {
  const summary = (body: unknown): string => JSON.stringify(listOf(body)?.map(identifyingValues));
  const expected = summary(recorded);
  const got = summary(actual);
  return expected === got ? [] : [`list: recorded ${expected}, got ${got}`];
}

function identifyingValues(item: unknown): unknown {
  return isObject(item) ? IDENTIFYING_VALUES.map((key) => item[key]) : item;
}

/** The text of an error (of the application, of Keystone, of Barbican, of the router), or a body that is only text. */
function errorText(body: unknown): string | null {
  if (typeof body === 'string') return body;
  if (!isObject(body)) return null;
  const holder = isObject(body['error']) ? body['error'] : body;
  if (typeof holder['message'] === 'string') return holder['message'];
  return 'code' in holder && typeof holder['description'] === 'string' ? holder['description'] : null;
}

/** The one thing in an answer such as `{"transfer": {…}}`. */
function subjectOf(body: unknown): Record<string, unknown> {
  const members = isObject(body) ? Object.values(body) : [];
  return members.length === 1 && isObject(members[0]) ? members[0] : {};
}

function listOf(body: unknown): unknown[] | undefined {
  return isObject(body) ? Object.values(body).find(Array.isArray) : undefined;
}

function statusOf(subject: Record<string, unknown>): string {
  const status = subject['status'] ?? subject['last_execution_status'];
  return typeof status === 'string' ? status : '';
}

function tasksOf(subject: Record<string, unknown>): Task[] {
  const tasks = Array.isArray(subject['tasks']) ? (subject['tasks'] as Task[]) : [];
  return [...tasks].sort((one, other) => one.index - other.index);
}
