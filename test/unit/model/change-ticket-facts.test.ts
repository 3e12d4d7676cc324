import {
  readNewMachines,
  sourceShutdownTimeOf,
  findSyncBeforeDeployment,
  describeMissingFacts,
  type SourceSyncSearchResult,
} from '../../../src/model/change-ticket-facts';
import type { Deployment, Execution, Task } from '../../../src/model/api-objects';
import { recordedRun } from './recordings';
import { makeExecution } from '../api-objects';

const at = (minute: number): string => `2026-11-22T10:${String(minute).padStart(2, '0')}:00.000000`;

const execution = (number: number, ended: number, more: Partial<Execution> = {}): Execution =>
  makeExecution(at(ended - 2), {
    id: `e${number}`,
    status: 'COMPLETED',
    number,
    updated_at: at(ended),
    ...more,
  });

const shutdown = (minute: number, status = 'COMPLETED'): Task =>
  ({ task_type: 'SHUTDOWN_INSTANCE', status, updated_at: at(minute) }) as Task;

const deployment = (more: Partial<Deployment> = {}): Deployment =>
  ({
    id: 'd',
    transfer_id: 't',
    deployer_id: null,
    instances: ['web-01'],
    last_execution_status: 'COMPLETED',
    created_at: at(30),
    transfer_result: { 'web-01': { id: 'i-1' } },
    ...more,
  }) as Deployment;

describe('the sync that a deployment started from', () => {
  const history = [execution(1, 10), execution(2, 20), execution(3, 40)];

  it.each([
    ['the newest that had completed', history, 'e2'],
    ['one that ended in the same second', [execution(1, 30)], 'e1'],
    ['not a failed one', [...history, execution(4, 25, { status: 'ERROR' })], 'e2'],
    ['not an update', [...history, execution(4, 25, { type: 'transfer_update' })], 'e2'],
    [
      'none after a deletion of the disks',
      [...history, execution(4, 25, { type: 'transfer_disks_delete' })],
      'disks_deleted',
    ],
    ['unknown when all ended later', [execution(3, 40)], undefined],
  ])('is %s', (_case, executions, expected) => {
    const found = findSyncBeforeDeployment(deployment(), executions);
    expect(found?.sync?.id ?? found?.reason).toBe(expected);
  });
});

it('the sources were shut down when the last of them was', () => {
  expect(sourceShutdownTimeOf([shutdown(5), shutdown(7), shutdown(9, 'ERROR')])).toBe('2026-11-22T10:07:00Z');
  expect(sourceShutdownTimeOf([shutdown(5, 'SCHEDULED')])).toBeNull();
});

it('new machines are those whose ids the provider reported', () => {
  expect(
    readNewMachines(deployment({ transfer_result: { a: null, b: { id: 7 }, c: { id: 'i-3' } } })),
  ).toEqual([{ instance: 'c', id: 'i-3' }]);
  expect(readNewMachines({ transfer_result: null })).toEqual([]);
});

it('a recorded deployment shows the ids of its machines', () => {
  expect(readNewMachines(recordedRun('deployment-show-completed') as Deployment)).toEqual([
    { instance: 'web-frontend-01', id: 'dst-422a0001-0000-4000-8000-000000001001' },
  ]);
});

describe('what cannot be told of a deployment', () => {
  const found = (sync: Execution): SourceSyncSearchResult => ({ sync, reason: null });
  const sync = found(execution(2, 20, { tasks: [shutdown(15)] }));
  const without = (reason: 'deleted' | 'disks_deleted'): SourceSyncSearchResult => ({
    sync: undefined,
    reason,
  });
  const beyond: SourceSyncSearchResult = { sync: undefined, reason: 'not_searched', read: 200 };

  it.each<[string, Deployment, SourceSyncSearchResult | null, readonly RegExp[]]>([
    ['nothing', deployment(), sync, []],
    [
      'nothing while it has not completed',
      deployment({ last_execution_status: 'RUNNING' }),
      without('deleted'),
      [],
    ],
    ['ids', deployment({ transfer_result: null }), sync, [/new machines web-01.*destination platform/u]],
    ['the sync', deployment(), without('deleted'), [/sync that was deployed.*is left.*coriolis-conductor/u]],
    [
      'deleted disks',
      deployment(),
      without('disks_deleted'),
      [/disks were deleted before the deployment began, 2026-/u],
    ],
    [
      'a sync further back',
      deployment(),
      beyond,
      [/newest 200 executions were searched.*List the executions of transfer t further back/u],
    ],
    [
      'a deleted sync',
      deployment({ deployer_id: 'e9' }),
      without('deleted'),
      [/e9, was deleted.*coriolis-conductor/u],
    ],
    ['the shutdown', deployment(), found(execution(2, 20, { tasks: [] })), [/shut down.*source platform/u]],
    [
      'the shutdown of a direct migration',
      deployment({ transfer_id: null, tasks: [] }),
      null,
      [/shut down/u],
    ],
    ['nothing of a direct one', deployment({ transfer_id: null, tasks: [shutdown(3)] }), null, []],
  ])('%s', (_case, one, used, expected) => {
    const told = describeMissingFacts(one, used);
    expect(told).toHaveLength(expected.length);
    for (const [index, words] of expected.entries()) expect(told[index]).toMatch(words);
  });
});
