import { InvalidInputError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import { choice, list, text } from '../vocabulary/field-constructors';
import type { JsonObject } from '../model/json';
import { resolveReferences } from '../lookup/resolve-names';
import { outcomeOf } from '../model/status';
import { defineOperation } from '../operation';
import { type NextCall } from '../vocabulary/next-call';
import { poolTarget } from '../waiting/pool-target';
import { runTarget } from '../waiting/run-target';
import type { WaitTarget } from '../waiting/wait-target';
import { waitForTargets } from '../waiting/wait';
import { waitTargetKeys } from '../waiting/wait-result';
import type { WaitState } from '../waiting/wait-state';
import { key, view, type ResultOf } from '../vocabulary/result-keys';
import { transferId as transferField, waitFields } from '../fields/common-fields';
import { resolveExecution } from '../resources/execution';
import { fetchOptional } from '../requests/objects';
import { migrationTarget } from '../playbooks/migration/wait-target';
import { diagnosisCall } from '../playbooks/diagnosis/next-steps';

const MAXIMUM_TARGETS = 20;
const MAXIMUM_CALLS = 3;

/** State of all targets at the end of a wait. */
export interface WaitEnd {
  readonly states: readonly WaitState[];
  readonly until: 'all' | 'any' | 'change';
}

/** Outcomes of targets that are still running. */
const UNFINISHED: readonly unknown[] = [null, 'timed_out', 'stalled'];

const countEnded = ({ states }: WaitEnd): number =>
  states.filter(({ outcome }) => !UNFINISHED.includes(outcome)).length;

const countStalled = ({ states }: WaitEnd): number =>
  states.filter(({ outcome }) => outcome === 'stalled').length;

const hasAnyChanged = ({ states }: WaitEnd): boolean => states.some(({ hasChanged }) => hasChanged);

function isDone(end: WaitEnd): boolean {
  const { states, until } = end;
  const ended = countEnded(end);
  return (
    ended === states.length || (until !== 'all' && ended > 0) || (until === 'change' && hasAnyChanged(end))
  );
}

const waitView = view<WaitEnd>()({
  done: key.flag('Whether the condition of the wait is met', isDone),
  changed: key.flag('Whether anything changed', hasAnyChanged),
  ended: key.number('Number of targets that have ended', countEnded),
  going_on: key.number(
    'Number of targets that still run',
    (end: WaitEnd) => end.states.length - countEnded(end) - countStalled(end),
  ),
  stalled: key.number('Number of stalled targets', countStalled),
  targets: key.rows('Targets in the order of the arguments', waitTargetKeys, ({ states }: WaitEnd) => states),
  since: key.text('Input `since` of a wait for what changes from now on', ({ states }: WaitEnd) =>
    states.map(({ mark }) => mark).join('.'),
  ),
});

type WaitReport = ResultOf<typeof waitView>;

export const estateWait = defineOperation({
  resource: 'estate',
  name: 'wait',
  title: 'Wait',
  action: 'Wait for several runs',
  tool: 'wait_for',
  summary: 'Wait for executions, deployments, migrations or minion pools, one or several',
  description:
    'Returns when all or any have ended, or anything changed; running out of time is no error: call again.',
  effect: 'read',
  idempotent: true,
  whole: true,
  timeoutInput: 'timeoutSeconds',
  input: {
    executions: list('Executions', 'Each as transfer_id/execution_id; a transfer_id means its newest.', {
      optional: true,
      most: MAXIMUM_TARGETS,
      placeholder: '{{ $json.transfer_id }}',
    }),
    deployments: list('Deployments', 'Their ids.', {
      optional: true,
      most: MAXIMUM_TARGETS,
      of: { resource: 'deployment' },
    }),
    migrations: list('Migrations', 'Their ids; starts their next steps.', {
      optional: true,
      most: MAXIMUM_TARGETS,
      of: { resource: 'migration' },
      effect: 'write',
    }),
    minionPools: list('Minion Pools', 'Their ids; until allocated.', {
      optional: true,
      advanced: true,
      most: MAXIMUM_TARGETS,
      of: { resource: 'minionPool' },
    }),
    until: choice(
      'Until',
      'When to return.',
      [
        { value: 'all', title: 'All Have Ended' },
        { value: 'any', title: 'Any Has Ended' },
        { value: 'change', title: 'Anything Changed' },
      ],
      { default: 'all' },
    ),
    ...waitFields,
    since: text('Since', 'From an earlier result: return at once when something has changed since.', {
      optional: true,
      advanced: true,
    }),
  },
  output: waitView,
  async run(coriolis, { executions, deployments, migrations, minionPools, until, since, ...patience }) {
    const count = [executions, deployments, migrations, minionPools].flatMap((ids) => ids ?? []).length;
    if (count === 0 || count > MAXIMUM_TARGETS) {
      throw new InvalidInputError(
        count === 0 ? 'There is nothing to wait for.' : `${count} are too many to wait for at once.`,
        {
          field: 'executions',
          advice: `Name 1 to ${MAXIMUM_TARGETS} executions, deployments, migrations or pools.`,
        },
      );
    }
    const isLegacy = (await coriolis.client.generation()) === 'legacy';
    const waitTargets: WaitTarget[] = [
      ...(await Promise.all((executions ?? []).map((given) => executionTarget(coriolis, given)))),
      ...(deployments ?? []).map((deploymentId) => runTarget({ kind: 'deployment', deploymentId })),
      // Legacy servers run all steps of a migration themselves.
      ...(migrations ?? []).map((id) =>
        isLegacy
          ? { ...runTarget({ kind: 'deployment', deploymentId: id }), kind: 'migration' }
          : migrationTarget(id),
      ),
      ...(minionPools ?? []).map((id) => poolTarget(id, 'ALLOCATED')),
    ];
    const marks = since?.split('.');
    const states = await waitForTargets(coriolis, waitTargets, {
      ...patience,
      until,
      since: marks?.length === waitTargets.length ? marks : undefined,
    });
    await findScenarios(coriolis, states);
    return { states, until };
  },
  resume: ({ done, going_on: left, targets, since }, { until, stallSeconds }) =>
    done || left === 0 ? undefined : { ...targetArguments(targets), until, stallSeconds, since },
  headline: ({ done, ended, stalled, targets }) =>
    [
      `${done ? 'done' : 'not over'}, ${ended} of ${targets.length} have ended`,
      ...(stalled === 0 ? [] : [`${stalled} stand still: look, wait or cancel`]),
      ...(done || stalled > 0 ? [] : ['call again with the same arguments']),
    ].join('; '),
  next: ({ targets: named }) => {
    const targets = named.flatMap((target) => [target, ...autoDeploymentOf(target)]);
    const calls = [
      ...targets
        .filter(({ kind, outcome }) => outcome === 'failed' && kind !== 'minion_pool')
        .slice(0, MAXIMUM_CALLS)
        .map(explainCall),
      ...targets.filter(isStalled).slice(0, 1).flatMap(stallCalls),
      ...waitAgain(
        targets.filter((target) => [null, 'timed_out'].includes(target.outcome) && !isStalled(target)),
      ),
    ];
    return calls.length > 0 ? calls : nextAfterSuccess(targets).slice(0, MAXIMUM_CALLS);
  },
});

const isStalled = ({ outcome, stalled_since: since }: NextCallTargets[number]): boolean =>
  outcome === 'stalled' || (since ?? null) !== null;

/**
 * Reads the scenarios of completed executions without auto-deployment, when the next steps depend on them: one request
 * for each transfer.
 */
async function findScenarios(coriolis: Coriolis, states: readonly WaitState[]): Promise<void> {
  const synced = states.filter(
    ({ target, outcome, autoDeployment }) =>
      target.kind === 'execution' && outcome === 'completed' && autoDeployment === undefined,
  );
  if (synced.length > MAXIMUM_CALLS) return;
  for (const state of synced) {
    if (state.transferId === null) continue;
    const transfer = await fetchOptional(coriolis, 'transfer', [state.transferId]);
    state.scenario = transfer === undefined ? null : (transfer.scenario ?? 'replica');
  }
}

/** Suggested call that explains a failed target: a diagnosis or, for a migration, a read that names the failed run. */
function explainCall({ kind, id, transfer_id: transfer }: NextCallTargets[number]): NextCall {
  if (kind === 'migration') return { operation: 'migration.get', input: { migrationId: id } };
  return kind === 'execution' ? diagnosisCall(kind, transfer ?? '', id) : diagnosisCall(kind, id, null);
}

/** Suggested calls for a stalled target: diagnose it, wait again, or cancel it. */
function stallCalls(target: NextCallTargets[number]): readonly NextCall[] {
  const { kind, id, transfer_id: transferId } = target;
  if (kind === 'minion_pool') return [{ operation: 'minionPool.get', input: { minionPoolId: id } }];
  const cancel: NextCall =
    kind === 'execution'
      ? { operation: 'execution.cancel', input: { transferId: transferId ?? '', executionId: id } }
      : kind === 'deployment'
        ? { operation: 'deployment.cancel', input: { deploymentId: id } }
        : { operation: 'migration.cancel', input: { migrationId: id } };
  return [explainCall(target), { operation: 'estate.wait', input: targetArguments([target]) }, cancel];
}

/** Targets of the wait, with the keys that suggested next calls need. */
type NextCallTargets = ReadonlyArray<
  Pick<
    WaitReport['targets'][number],
    'kind' | 'id' | 'transfer_id' | 'outcome' | 'stalled_since' | 'scenario'
  >
>;

/** The auto-deployment of a target as a further target; empty when there is none. */
const autoDeploymentOf = ({
  transfer_id,
  deployment_id: id,
  deployment_status: status,
}: WaitReport['targets'][number]): NextCallTargets =>
  id === null
    ? []
    : [
        {
          kind: 'deployment',
          id,
          transfer_id,
          outcome: outcomeOf(status ?? '') ?? null,
          stalled_since: null,
          scenario: null,
        },
      ];

/** Arguments of a wait for these targets, as ids. */
function targetArguments(targets: NextCallTargets): JsonObject {
  const of = (kind: string) => targets.filter((target) => target.kind === kind);
  const input = {
    executions: of('execution').map(({ id, transfer_id: transfer }) => `${transfer ?? ''}/${id}`),
    deployments: of('deployment').map(({ id }) => id),
    migrations: of('migration').map(({ id }) => id),
    minionPools: of('minion_pool').map(({ id }) => id),
  };
  return Object.fromEntries(Object.entries(input).filter(([, ids]) => ids.length > 0));
}

/** Suggested calls after success: a preflight after the sync of a live migration, a read after a deployment. */
const nextAfterSuccess = (targets: NextCallTargets): readonly NextCall[] =>
  targets.flatMap((target): readonly NextCall[] => {
    if (target.outcome !== 'completed') return [];
    const { kind, id, transfer_id: transferId, scenario } = target;
    switch (kind) {
      case 'execution':
        // A replica continues to be synced; its deployment would be a failover, which is never suggested.
        return transferId === null || scenario !== 'live_migration'
          ? []
          : [{ operation: 'transfer.preflight', input: { transferId } }];
      case 'deployment':
        return [{ operation: 'deployment.get', input: { deploymentId: id } }];
      case 'migration':
        return [{ operation: 'migration.get', input: { migrationId: id } }];
      default:
        return [];
    }
  });

/**
 * Suggested call for running targets: the same wait again. None for many targets, because their ids would cost too many
 * tokens.
 */
const waitAgain = (targets: NextCallTargets): readonly NextCall[] =>
  targets.length === 0 || targets.length > MAXIMUM_CALLS
    ? []
    : [{ operation: 'estate.wait', input: targetArguments(targets) }];

async function executionTarget(coriolis: Coriolis, given: string): Promise<WaitTarget> {
  const [transfer = '', executionId, ...rest] = given.split('/');
  if (transfer === '' || executionId === '' || rest.length > 0) {
    throw new InvalidInputError(`"${given}" names no execution.`, {
      field: 'executions',
      advice: 'Write transfer_id/execution_id, or transfer_id for the newest execution.',
    });
  }
  const named = await resolveReferences(
    { transferId: transferField },
    coriolis,
    { transferId: transfer },
    () => 'executions',
  );
  const { transferId } = named;
  return runTarget({
    kind: 'execution',
    transferId,
    executionId: await resolveExecution(coriolis, transferId, executionId, 'newest'),
  });
}
