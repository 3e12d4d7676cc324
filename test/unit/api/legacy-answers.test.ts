import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIALECTS } from '../../../src/api/generations';
import { toCurrentTaskType } from '../../../src/api/legacy/type-names';
import { RECORDINGS } from './support';

/** What legacy servers answered, as the core reads it. */

interface Recorded {
  readonly request: { readonly method: 'GET' | 'POST'; readonly path: string };
  readonly response: { readonly status: number; readonly body: unknown };
}

const inCurrentWords = (path: string): string =>
  path
    .replace(/^\/v1\/[0-9a-f]{32}/, '')
    .replace('/replicas', '/transfers')
    .replace('/migrations', '/deployments');

const answerOf = (name: string) => {
  const { request, response } = JSON.parse(
    readFileSync(join(RECORDINGS, 'legacy', `${name}.json`), 'utf8'),
  ) as Recorded;
  const asked = { method: request.method, path: inCurrentWords(request.path), query: {} };
  return { asked, status: response.status, body: DIALECTS.legacy.convertAnswerBody(asked, response.body) };
};

const names = readdirSync(join(RECORDINGS, 'legacy'))
  .filter((name) => name.endsWith('.json') && !/^(cli|series)-/.test(name))
  .map((name) => name.replace('.json', ''));
const successes = names.filter((name) => {
  const { asked, status } = answerOf(name);
  return status === 200 && /^\/(transfers|deployments)/.test(asked.path);
});

const tasksOf = (body: unknown): readonly string[] => [
  ...new Set([...JSON.stringify(body).matchAll(/"task_type":"(\w+)"/g)].map(([, type]) => type ?? '')),
];

describe('recorded answers', () => {
  it('are plenty', () => {
    expect(successes.length).toBeGreaterThan(30);
  });

  it.each(successes)('of %s have only current words', (name) => {
    const { body } = answerOf(name);
    const text = JSON.stringify(body);
    expect(text).not.toMatch(/"(replicas?|migrations?|replica_id)":/);
    expect(text).not.toMatch(/"type":"(replica|migration)/);
    expect(tasksOf(body).filter((type) => /REPLICA(_|$)/.test(type))).toEqual([]);
  });

  it('of a replica show a transfer with its executions', () => {
    expect(answerOf('replica-show-executed').body).toMatchObject({
      transfer: {
        type: 'transfer',
        scenario: 'replica',
        last_execution_status: 'COMPLETED',
        executions: [{ type: 'transfer_execution', number: 1 }],
      },
    });
  });

  it('of a migration from a replica show a deployment of a transfer', () => {
    const { body } = answerOf('migration-show-from-replica-completed');
    expect(body).toMatchObject({
      deployment: {
        type: 'deployment',
        transfer_id: expect.any(String) as string,
        transfer_scenario_type: 'replica',
      },
    });
    expect(tasksOf(body)).toEqual([
      'VALIDATE_DEPLOYMENT_INPUTS',
      'CREATE_TRANSFER_DISK_SNAPSHOTS',
      'DEPLOY_INSTANCE_RESOURCES',
      'DEPLOY_OS_MORPHING_RESOURCES',
      'OS_MORPHING',
      'DELETE_OS_MORPHING_RESOURCES',
      'FINALIZE_INSTANCE_DEPLOYMENT',
      'DELETE_TRANSFER_TARGET_DISK_SNAPSHOTS',
    ]);
  });

  it('of a direct migration show a live migration without a transfer', () => {
    expect(answerOf('migration-show-completed').body).toMatchObject({
      deployment: { type: 'deployment', transfer_id: null, transfer_scenario_type: 'live_migration' },
    });
  });

  it('of schedules name their transfer', () => {
    expect(answerOf('schedule-show').body).toMatchObject({
      schedule: { transfer_id: '286a72a4-bbeb-4983-8601-c948411e107a' },
    });
  });

  it('of other routes stay as they are', () => {
    const { asked, body } = answerOf('minion-pool-show-allocated');
    expect(DIALECTS.legacy.convertAnswerBody(asked, body)).toBe(body);
  });
});

describe('answers of the oldest releases', () => {
  it('have their status under another name', () => {
    const body = { migrations: [{ id: 'm', status: 'RUNNING', replica_id: 'r' }] };
    const asked = { method: 'GET', path: '/deployments', query: {} } as const;
    expect(DIALECTS.legacy.convertAnswerBody(asked, body)).toEqual({
      deployments: [
        {
          id: 'm',
          type: 'deployment',
          last_execution_status: 'RUNNING',
          transfer_id: 'r',
          transfer_scenario_type: 'replica',
        },
      ],
    });
  });
});

/** docs/reference/coriolis-domain.md, appendix. */
describe('names of tasks', () => {
  it.each([
    ['CLEANUP_FAILED_REPLICA_INSTANCE_DEPLOYMENT', 'CLEANUP_FAILED_INSTANCE_DEPLOYMENT'],
    ['CREATE_REPLICA_DISK_SNAPSHOTS', 'CREATE_TRANSFER_DISK_SNAPSHOTS'],
    ['DELETE_REPLICA_DISKS', 'DELETE_TRANSFER_DISKS'],
    ['DELETE_REPLICA_SOURCE_DISK_SNAPSHOTS', 'DELETE_TRANSFER_SOURCE_DISK_SNAPSHOTS'],
    ['DELETE_REPLICA_SOURCE_RESOURCES', 'DELETE_TRANSFER_SOURCE_RESOURCES'],
    ['DELETE_REPLICA_TARGET_DISK_SNAPSHOTS', 'DELETE_TRANSFER_TARGET_DISK_SNAPSHOTS'],
    ['DELETE_REPLICA_TARGET_RESOURCES', 'DELETE_TRANSFER_TARGET_RESOURCES'],
    ['DEPLOY_REPLICA_DISKS', 'DEPLOY_TRANSFER_DISKS'],
    ['DEPLOY_REPLICA_INSTANCE_RESOURCES', 'DEPLOY_INSTANCE_RESOURCES'],
    ['DEPLOY_REPLICA_SOURCE_RESOURCES', 'DEPLOY_TRANSFER_SOURCE_RESOURCES'],
    ['DEPLOY_REPLICA_TARGET_RESOURCES', 'DEPLOY_TRANSFER_TARGET_RESOURCES'],
    ['FINALIZE_REPLICA_INSTANCE_DEPLOYMENT', 'FINALIZE_INSTANCE_DEPLOYMENT'],
    ['RESTORE_REPLICA_DISK_SNAPSHOTS', 'RESTORE_TRANSFER_DISK_SNAPSHOTS'],
    ['UPDATE_DESTINATION_REPLICA', 'UPDATE_DESTINATION_TRANSFER'],
    ['UPDATE_SOURCE_REPLICA', 'UPDATE_SOURCE_TRANSFER'],
    ['VALIDATE_REPLICA_DEPLOYMENT_INPUTS', 'VALIDATE_DEPLOYMENT_INPUTS'],
    ['VALIDATE_REPLICA_DESTINATION_INPUTS', 'VALIDATE_TRANSFER_DESTINATION_INPUTS'],
    ['VALIDATE_REPLICA_SOURCE_INPUTS', 'VALIDATE_TRANSFER_SOURCE_INPUTS'],
  ])('%s is %s', (legacy, current) => {
    expect(toCurrentTaskType(legacy)).toBe(current);
  });

  it.each([
    'REPLICATE_DISKS',
    'GET_INSTANCE_INFO',
    'CREATE_INSTANCE_DISKS',
    'DEPLOY_MIGRATION_SOURCE_RESOURCES',
  ])('%s stays', (type) => {
    expect(toCurrentTaskType(type)).toBe(type);
  });
});
