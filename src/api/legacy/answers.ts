import { isObject } from '../../model/json';
import { toCurrentExecutionType, toCurrentTaskType } from './type-names';

/**
 * Converts the bodies of a legacy server's answers to the current generation (docs/reference/coriolis-api.md §§7-10).
 */

type Fields = Readonly<Record<string, unknown>>;
type Translation = (fields: Fields) => Fields;

const text = (value: unknown, translate: (text: string) => string): unknown =>
  typeof value === 'string' ? translate(value) : value;

const each = (value: unknown, translate: Translation): unknown =>
  Array.isArray(value) ? value.map((entry: unknown) => (isObject(entry) ? translate(entry) : entry)) : value;

const task: Translation = (fields) => ({
  ...fields,
  ...('task_type' in fields ? { task_type: text(fields['task_type'], toCurrentTaskType) } : {}),
});

const execution: Translation = (fields) => ({
  ...fields,
  type: text(fields['type'], toCurrentExecutionType),
  ...('tasks' in fields ? { tasks: each(fields['tasks'], task) } : {}),
});

/**
 * Fields common to replicas and migrations. The oldest releases have `status` instead of `last_execution_status`
 * (docs/reference/coriolis-api.md §10.3).
 */
const action = ({ status, ...fields }: Fields): Fields => ({
  ...fields,
  last_execution_status: fields['last_execution_status'] ?? status,
  ...('executions' in fields ? { executions: each(fields['executions'], execution) } : {}),
});

const transfer: Translation = (fields) => ({ ...action(fields), type: 'transfer', scenario: 'replica' });

/**
 * Converts a legacy migration to a deployment. A direct migration has no replica; its scenario becomes live migration.
 */
const deployment: Translation = ({ replica_id = null, ...fields }) => ({
  ...action(fields),
  type: 'deployment',
  transfer_id: replica_id,
  transfer_scenario_type: replica_id === null ? 'live_migration' : 'replica',
  ...('tasks' in fields ? { tasks: each(fields['tasks'], task) } : {}),
});

const schedule: Translation = ({ replica_id, ...fields }) => ({ ...fields, transfer_id: replica_id });

/** Current key and conversion for each key of a legacy answer. Plural keys hold lists. */
const WRAPPERS: Readonly<Record<string, readonly [key: string, translate: Translation]>> = {
  replica: ['transfer', transfer],
  replicas: ['transfers', transfer],
  migration: ['deployment', deployment],
  migrations: ['deployments', deployment],
  execution: ['execution', execution],
  executions: ['executions', execution],
  schedule: ['schedule', schedule],
  schedules: ['schedules', schedule],
};

/** Converts the body of a legacy server's answer. Keys without a conversion stay unchanged. */
export function toCurrentBody(body: unknown): unknown {
  if (!isObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([wrapper, value]) => {
      const [key, translate] = WRAPPERS[wrapper] ?? [];
      if (key === undefined || translate === undefined) return [wrapper, value];
      return [key, isObject(value) ? translate(value) : each(value, translate)];
    }),
  );
}
