import type { Coriolis } from '../../api/operation-context';
import type { WaitState } from '../../waiting/wait-state';
import { fetchOptional } from '../../requests/object-requests';
import type { NextCall } from '../../vocabulary/next-call';
import { makeDiagnosisCall } from '../diagnosis/next-steps';
import type { WaitReport } from './wait-report';
import { outcomeOf } from '../../model/status';
import type { JsonObject } from '../../model/json';
import { formatExecutionReference } from '../../model/execution-reference';
import type { PoolGoal } from '../../model/minion-pool-state';

/** Maximum number of suggested calls. */
const MAXIMUM_CALLS = 3;

/**
 * Suggested calls after a wait: calls that explain failures and stalls, and the same wait again. When all targets have
 * completed, the calls that usually follow.
 */
export function callsAfterWait({ targets: waitedFor }: Pick<WaitReport, 'targets'>): readonly NextCall[] {
  const targets = waitedFor.flatMap((target) => [target, ...autoDeploymentOf(target)]);
  const calls = [
    ...targets
      .filter(({ kind, outcome }) => outcome === 'failed' && kind !== 'minion_pool')
      .slice(0, MAXIMUM_CALLS)
      .map(explainCall),
    ...targets.filter(isStalled).slice(0, 1).flatMap(stallCalls),
    ...waitAgainCall(
      targets.filter((target) => [null, 'timed_out'].includes(target.outcome) && !isStalled(target)),
    ),
  ];
  return calls.length > 0 ? calls : nextAfterSuccess(targets).slice(0, MAXIMUM_CALLS);
}

const isStalled = ({ outcome, stalled_since: since }: NextCallTargets[number]): boolean =>
  outcome === 'stalled' || (since ?? null) !== null;

/**
 * Sets `scenario` of the completed executions that Coriolis has not deployed by itself, because the next calls depend
 * on it. Costs one request for each. Does nothing when there are more executions than calls can be suggested for.
 */
export async function fetchAndSetScenarios(coriolis: Coriolis, states: readonly WaitState[]): Promise<void> {
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

/**
 * Suggested call that explains a failed target: a diagnosis; for a migration a read, whose result names the failed run.
 */
function explainCall({ kind, id, transfer_id: transfer }: NextCallTargets[number]): NextCall {
  if (kind === 'migration') return { operation: 'migration.get', input: { migrationId: id } };
  return kind === 'execution'
    ? makeDiagnosisCall(kind, transfer ?? '', id)
    : makeDiagnosisCall(kind, id, null);
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
  return [explainCall(target), { operation: 'estate.wait', input: makeWaitCallArguments([target]) }, cancel];
}

/** Targets of the wait, with the keys that suggested next calls need. */
type NextCallTargets = ReadonlyArray<
  Pick<
    WaitReport['targets'][number],
    'kind' | 'id' | 'transfer_id' | 'outcome' | 'stalled_since' | 'scenario'
  >
>;

/** The deployment that Coriolis started by itself after a target, as a further target; empty when there is none. */
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

/** Arguments of `estate.wait` for these targets. */
export function makeWaitCallArguments(targets: NextCallTargets): JsonObject {
  const of = (kind: string) => targets.filter((target) => target.kind === kind);
  const input = {
    executions: of('execution').map(({ id, transfer_id: transfer }) =>
      formatExecutionReference(transfer ?? '', id),
    ),
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
        // Nothing follows the sync of a replica: its deployment would be a failover, which is never suggested.
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
 * Suggested call for running targets: the same wait again. No call for many targets, because their ids would cost too
 * many tokens.
 */
const waitAgainCall = (targets: NextCallTargets): readonly NextCall[] =>
  targets.length === 0 || targets.length > MAXIMUM_CALLS
    ? []
    : [{ operation: 'estate.wait', input: makeWaitCallArguments(targets) }];

/** Suggested call after several executions were started or canceled: a wait for them. */
export const callsAfterExecutions = (
  executions: ReadonlyArray<{ readonly id: string; readonly transfer_id: string }>,
): readonly NextCall[] => [
  {
    operation: 'estate.wait',
    input: {
      executions: executions.map(({ id, transfer_id: transfer }) => formatExecutionReference(transfer, id)),
    },
  },
];

/** Suggested call after an action on a minion pool: a wait for the resulting status. */
export const callsAfterPoolAction = (minionPoolId: string, goal: PoolGoal): readonly NextCall[] => [
  { operation: 'minionPool.wait', input: { minionPoolId, goal: goal.toLowerCase() } },
];
