import type { JsonObject } from '../../json-object';
import { isJsonObject, omitKeys } from '../../json-object';
import { toLegacyErrorText } from './error-texts';

/** Name of a key in a legacy answer, and the conversion of its value. */
interface Member {
  readonly name: string;
  readonly translated: (value: unknown) => unknown;
}

/** Keys of current answers that differ in the legacy generation. */
const MEMBERS: Readonly<Record<string, Member>> = {
  transfer: one('replica', replica),
  transfers: many('replicas', replica),
  deployment: one('migration', migration),
  deployments: many('migrations', migration),
  execution: one('execution', execution),
  executions: many('executions', execution),
  schedule: one('schedule', schedule),
  schedules: many('schedules', schedule),
  service: one('service', service),
  services: many('services', service),
  diagnostics: many('diagnostics', withoutReleaseTag),
  providers: one('providers', providers),
  error: one('error', error),
};

/** Converts the body of an answer to the legacy generation. */
export function toLegacyAnswer(body: unknown): unknown {
  if (!isJsonObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const member = MEMBERS[name];
      return member ? [member.name, member.translated(value)] : [name, value];
    }),
  );
}

function one(name: string, translate: (thing: JsonObject) => unknown): Member {
  return { name, translated: (value) => (isJsonObject(value) ? translate(value) : value) };
}

function many(name: string, translate: (thing: JsonObject) => unknown): Member {
  const { translated } = one(name, translate);
  return { name, translated: (value) => (Array.isArray(value) ? value.map(translated) : value) };
}

/** Converts a transfer to a replica (docs/reference/coriolis-api.md §7.1). */
function replica(transfer: JsonObject): JsonObject {
  return {
    ...omitKeys(transfer, ['clone_disks', 'skip_os_morphing', 'clustered', 'scenario']),
    type: 'replica',
    executions: many('executions', execution).translated(transfer['executions']),
  };
}

/**
 * Converts a deployment to a migration (docs/reference/coriolis-api.md §10.3). A deployment without a transfer is a
 * direct migration, whose tasks have other names.
 */
function migration(deployment: JsonObject): JsonObject {
  const { transfer_id: replicaId, tasks } = deployment;
  const fields = omitKeys(deployment, [
    'transfer_id',
    'transfer_scenario_type',
    'deployer_id',
    'trust_id',
    'clone_disks',
    'skip_os_morphing',
    'clustered',
  ]);
  return {
    ...fields,
    type: 'migration',
    replica_id: replicaId,
    shutdown_instances: deployment['shutdown_instances'] ?? false,
    replication_count: deployment['replication_count'] ?? DEFAULT_REPLICATION_COUNT,
    ...(tasks !== undefined && {
      tasks: replicaId === null ? tasks : many('tasks', task).translated(tasks),
    }),
  };
}

/** Default `replication_count` in the server's database, also for migrations that do not sync. */
const DEFAULT_REPLICATION_COUNT = 2;

function execution(current: JsonObject): JsonObject {
  return {
    ...current,
    type: String(current['type']).replace(/^transfer/, 'replica'),
    tasks: many('tasks', task).translated(current['tasks']),
  };
}

function task(current: JsonObject): JsonObject {
  return { ...current, task_type: legacyTaskType(String(current['task_type'])) };
}

const TASKS_OF_DEPLOYMENTS: Readonly<Record<string, string>> = {
  VALIDATE_DEPLOYMENT_INPUTS: 'VALIDATE_REPLICA_DEPLOYMENT_INPUTS',
  DEPLOY_INSTANCE_RESOURCES: 'DEPLOY_REPLICA_INSTANCE_RESOURCES',
  FINALIZE_INSTANCE_DEPLOYMENT: 'FINALIZE_REPLICA_INSTANCE_DEPLOYMENT',
  CLEANUP_FAILED_INSTANCE_DEPLOYMENT: 'CLEANUP_FAILED_REPLICA_INSTANCE_DEPLOYMENT',
};

/** Legacy name of a task type (docs/reference/coriolis-domain.md §4). */
function legacyTaskType(type: string): string {
  return TASKS_OF_DEPLOYMENTS[type] ?? type.replace('TRANSFER', 'REPLICA');
}

function schedule(current: JsonObject): JsonObject {
  return { ...omitKeys(current, ['transfer_id', 'auto_deploy']), replica_id: current['transfer_id'] };
}

function service(current: JsonObject): JsonObject {
  const { providers: platforms, specs } = current;
  return {
    ...current,
    ...(isJsonObject(platforms) && { providers: providers(platforms) }),
    ...(isJsonObject(specs) && { specs: withoutReleaseTag(specs) }),
  };
}

/** Diagnostics without the release tag (docs/reference/coriolis-api.md §5). */
export function withoutReleaseTag(diagnostics: JsonObject): JsonObject {
  return omitKeys(diagnostics, ['release_tag']);
}

function providers(platforms: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(platforms).map(([name, platform]) => [
      name,
      isJsonObject(platform) ? { ...platform, types: capabilities(platform['types']) } : platform,
    ]),
  );
}

const INVENTORY = 2097152;
/** Capability codes of direct migrations, by the codes of the same capabilities for replicas. */
const DIRECT_MIGRATION_CODES: Readonly<Record<number, number>> = { 4096: 2048, 16384: 8192 };

/**
 * Capability codes of a legacy server: without the code for inventories, and with those for the validation of direct
 * migrations (docs/reference/coriolis-api.md §6.1).
 */
function capabilities(types: unknown): unknown {
  if (!Array.isArray(types)) return types;
  return types
    .filter((type) => type !== INVENTORY)
    .flatMap((type: number) => [
      ...(type in DIRECT_MIGRATION_CODES ? [DIRECT_MIGRATION_CODES[type] ?? type] : []),
      type,
    ])
    .sort((one_, other) => one_ - other);
}

function error(current: JsonObject): JsonObject {
  const { message } = current;
  return { ...current, ...(typeof message === 'string' && { message: toLegacyErrorText(message) }) };
}
