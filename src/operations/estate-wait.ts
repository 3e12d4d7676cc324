import { InvalidInputError } from '../api/errors';
import { choice, list, text } from '../vocabulary/field-constructors';
import { defineOperation } from '../operation';
import { makePoolWaitTarget } from '../waiting/pool-wait-target';
import { makeRunWaitTarget } from '../waiting/run-wait-target';
import type { WaitTarget } from '../waiting/wait-target';
import { waitForTargets } from '../waiting/wait-for-targets';
import { waitFields } from '../fields/common-fields';
import { makeMigrationWaitTarget } from '../playbooks/migration/migration-actions';
import { isLegacyServer } from '../playbooks/migration/fetch-migration';
import { waitView } from '../playbooks/wait/wait-report';
import {
  fetchAndSetScenarios,
  callsAfterWait,
  makeWaitCallArguments,
} from '../playbooks/wait/suggested-calls';
import { resolveExecutionWaitTarget } from '../lookup/execution-wait-target';

/** Maximum number of objects that one call waits for. */
const MAXIMUM_TARGETS = 20;

export const estateWait = defineOperation({
  resource: 'estate',
  name: 'wait',
  title: 'Wait',
  form: { action: 'Wait for several runs' },
  tool: 'wait_for',
  summary: 'Wait for executions, deployments, migrations or minion pools, one or several',
  description:
    'Returns when all or any have ended, or anything changed; running out of time is no error: call again.',
  effect: 'read',
  idempotent: true,
  wait: {
    timeoutInput: 'timeoutSeconds',
    resumeArguments: ({ done, going_on: left, targets, since }, { until, stallSeconds }) =>
      done || left === 0 ? undefined : { ...makeWaitCallArguments(targets), until, stallSeconds, since },
  },
  input: {
    executions: list(
      'Executions',
      'Executions as transfer_id/execution_id; a transfer_id alone means its newest.',
      {
        optional: true,
        maximum: MAXIMUM_TARGETS,
        placeholder: '{{ $json.transfer_id }}',
      },
    ),
    deployments: list('Deployments', 'Ids of deployments.', {
      optional: true,
      maximum: MAXIMUM_TARGETS,
      of: { resource: 'deployment' },
    }),
    migrations: list('Migrations', 'Ids of migrations; the wait starts their next steps.', {
      optional: true,
      maximum: MAXIMUM_TARGETS,
      of: { resource: 'migration' },
      effect: 'write',
    }),
    minionPools: list('Minion Pools', 'Ids of pools, to wait until they are allocated.', {
      optional: true,
      advanced: true,
      maximum: MAXIMUM_TARGETS,
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
    since: text(
      'Since',
      'Value of since in an earlier result: return at once when something has changed after it.',
      {
        optional: true,
        advanced: true,
      },
    ),
  },
  output: waitView,
  result: {
    whole: true,
    headline: ({ done, ended, stalled, targets }) =>
      [
        `${done ? 'done' : 'not finished'}, ${ended} of ${targets.length} have ended`,
        ...(stalled === 0 ? [] : [`${stalled} stalled: diagnose, wait or cancel`]),
        ...(done || stalled > 0 ? [] : ['call again with the same arguments']),
      ].join('; '),
    next: callsAfterWait,
  },
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
    const isLegacy = await isLegacyServer(coriolis);
    const waitTargets: WaitTarget[] = [
      ...(await Promise.all((executions ?? []).map((given) => resolveExecutionWaitTarget(coriolis, given)))),
      ...(deployments ?? []).map((deploymentId) => makeRunWaitTarget({ kind: 'deployment', deploymentId })),
      ...(migrations ?? []).map((id) => makeMigrationWaitTarget(id, isLegacy)),
      ...(minionPools ?? []).map((id) => makePoolWaitTarget(id, 'ALLOCATED')),
    ];
    const marks = since?.split('.');
    const states = await waitForTargets(coriolis, waitTargets, {
      ...patience,
      until,
      since: marks?.length === waitTargets.length ? marks : undefined,
    });
    await fetchAndSetScenarios(coriolis, states);
    return { states, until };
  },
});
