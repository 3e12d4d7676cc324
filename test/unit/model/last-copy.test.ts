import fc from 'fast-check';
import {
  computeCopyAgeSeconds,
  computeCopyState,
  type DeploymentDiskFields,
} from '../../../src/model/last-copy';
import type { Execution } from '../../../src/model/api-objects';
import { cases } from '../../support/cases';

/** The last usable copy, held against a plain model that plays each history forward. */

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const timestamp = (minute: number): string => new Date(START + minute * MINUTE).toISOString().slice(0, 19);

type Step =
  | { readonly what: 'sync'; readonly ends: 'COMPLETED' | 'ERROR' | 'CANCELED' | 'RUNNING' }
  | { readonly what: 'update'; readonly ends: 'COMPLETED' | 'ERROR' }
  | { readonly what: 'delete'; readonly ends: 'COMPLETED' | 'ERROR' | 'UNEXECUTED' }
  | {
      readonly what: 'deploy';
      readonly ends: 'COMPLETED' | 'ERROR' | 'RUNNING';
      readonly clones: boolean;
      readonly legacy: boolean;
    }
  | { readonly what: 'sync and deploy'; readonly ends: 'COMPLETED' | 'ERROR'; readonly clones: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constant('sync' as const),
    ends: fc.constantFrom('COMPLETED', 'ERROR', 'CANCELED', 'RUNNING'),
  }),
  fc.record({ what: fc.constant('update' as const), ends: fc.constantFrom('COMPLETED', 'ERROR') }),
  fc.record({
    what: fc.constant('delete' as const),
    ends: fc.constantFrom('COMPLETED', 'ERROR', 'UNEXECUTED'),
  }),
  fc.record({
    what: fc.constant('deploy' as const),
    ends: fc.constantFrom('COMPLETED', 'ERROR', 'RUNNING'),
    clones: fc.boolean(),
    legacy: fc.boolean(),
  }),
  fc.record({
    what: fc.constant('sync and deploy' as const),
    ends: fc.constantFrom('COMPLETED', 'ERROR'),
    clones: fc.boolean(),
  }),
);

const TYPES = {
  sync: 'transfer_execution',
  update: 'transfer_update',
  delete: 'transfer_disks_delete',
} as const;

/** Plays the steps as a server does, and tells what its disks hold at the end. */
function play(steps: readonly Step[]) {
  const executions: Execution[] = [];
  const deployments: DeploymentDiskFields[] = [];
  let copyAt: number | null = null;
  let minute = 0;
  const execution = (type: string, status: string, begun: number, ended: number): Execution => {
    const one: Execution = {
      id: `execution-${executions.length + 1}`,
      action_id: 'transfer',
      type,
      status,
      number: executions.length + 1,
      created_at: timestamp(begun),
      updated_at: timestamp(ended),
      deleted_at: null,
    };
    executions.push(one);
    return one;
  };
  for (const each of steps) {
    const begun = (minute += 10);
    const ended = (minute += 10);
    if (each.what === 'deploy') {
      deployments.push({
        id: `deployment-${deployments.length}`,
        ...(each.legacy
          ? {
              tasks: [
                { task_type: 'DELETE_REPLICA_TARGET_DISK_SNAPSHOTS', on_error: each.clones },
              ] as unknown as NonNullable<DeploymentDiskFields['tasks']>,
            }
          : { clone_disks: each.clones }),
        last_execution_status: each.ends,
        created_at: timestamp(begun),
        updated_at: timestamp(ended),
      });
      if (each.ends === 'COMPLETED' && !each.clones) copyAt = null;
      continue;
    }
    if (each.what === 'sync and deploy') {
      const sync = execution(TYPES.sync, each.ends, begun, ended);
      minute += 10;
      deployments.push({
        id: `deployment-${deployments.length}`,
        clone_disks: each.clones,
        last_execution_status: each.ends === 'COMPLETED' ? 'COMPLETED' : 'ERROR',
        // Created before the sync ends.
        created_at: timestamp(begun),
        updated_at: timestamp(minute),
        deployer_id: sync.id,
      });
      if (each.ends === 'COMPLETED') copyAt = each.clones ? begun : null;
      continue;
    }
    execution(TYPES[each.what], each.ends, begun, ended);
    if (each.what === 'sync' && each.ends === 'COMPLETED') copyAt = begun;
    if (each.what === 'delete' && each.ends !== 'UNEXECUTED') copyAt = null;
  }
  return { executions, deployments, copyAt };
}

test('is what the disks hold, after every history', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const { executions, deployments, copyAt } = play(steps);
      const state = computeCopyState([...executions].reverse(), deployments);
      expect(state.copy?.at ?? null).toBe(copyAt === null ? null : `${timestamp(copyAt)}Z`);
      expect(state.reason === null).toBe(copyAt !== null);
    }),
    cases(2000),
  );
});

test('needs no more than the executions since the last completed sync', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const { executions, deployments } = play(steps);
      const last = executions.findLastIndex(
        ({ type, status }) => type === TYPES.sync && status === 'COMPLETED',
      );
      expect(computeCopyState(executions.slice(Math.max(0, last)), deployments).copy).toEqual(
        computeCopyState(executions, deployments).copy,
      );
    }),
  );
});

test.each([
  ['never_synced', []],
  ['never_synced', [{ what: 'sync', ends: 'ERROR' }]],
  [
    'disks_deleted',
    [
      { what: 'sync', ends: 'COMPLETED' },
      { what: 'delete', ends: 'COMPLETED' },
    ],
  ],
  [
    'deployed_without_clones',
    [
      { what: 'sync', ends: 'COMPLETED' },
      { what: 'deploy', ends: 'COMPLETED', clones: false, legacy: false },
    ],
  ],
] as const)('says %s', (reason, steps) => {
  const { executions, deployments } = play(steps);
  expect(computeCopyState(executions, deployments)).toEqual({ copy: null, reason });
});

test('has an age from the start of the sync, and none without a copy', () => {
  const { executions } = play([{ what: 'sync', ends: 'COMPLETED' }]);
  expect(computeCopyAgeSeconds(computeCopyState(executions), START + 70 * MINUTE)).toBe(3600);
  expect(computeCopyAgeSeconds(computeCopyState([]), START)).toBeNull();
});

describe('a deployment without clones', () => {
  const { executions } = play([{ what: 'sync', ends: 'COMPLETED' }]);
  const [sync] = executions;
  const consumed = (more: Partial<DeploymentDiskFields>): boolean =>
    computeCopyState(executions, [
      {
        id: 'deployment',
        clone_disks: false,
        last_execution_status: 'COMPLETED',
        created_at: timestamp(30),
        updated_at: timestamp(40),
        ...more,
      },
    ]).copy === null;
  const task = (type: string, onError: boolean) =>
    [{ task_type: type, on_error: onError }] as unknown as NonNullable<DeploymentDiskFields['tasks']>;

  test.each<[string, boolean, Partial<DeploymentDiskFields>]>([
    [
      'of this sync uses the copy up, whatever its times',
      true,
      { deployer_id: sync?.id ?? null, created_at: timestamp(10), updated_at: null },
    ],
    [
      'that ended in the second of the sync uses it up',
      true,
      { created_at: timestamp(12), updated_at: timestamp(20) },
    ],
    ['that began before the sync ended and ended later uses it up', true, { created_at: timestamp(15) }],
    ['that ended during the sync leaves it', false, { created_at: timestamp(5), updated_at: timestamp(15) }],
    [
      'shows itself by the snapshots it may restore',
      true,
      { clone_disks: undefined as unknown as boolean, tasks: task('RESTORE_REPLICA_DISK_SNAPSHOTS', true) },
    ],
    [
      'is none when it only cleans up after errors',
      false,
      {
        clone_disks: undefined as unknown as boolean,
        tasks: task('DELETE_REPLICA_TARGET_DISK_SNAPSHOTS', true),
      },
    ],
  ])('%s', (_what, expected, more) => {
    expect(consumed(more)).toBe(expected);
  });
});
