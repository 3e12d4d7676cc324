import type { Query } from '../api/client';
import { path } from '../api/path';
import type { Coriolis } from '../coriolis';
import { isObject } from '../model/json';
import { transferName } from '../model/names';
import { isActive, purposeOf } from '../model/status';
import type { Execution, Schedule, Transfer } from '../model/types';
import type { Preview } from '../operation';
import { tolerate } from '../playbooks/tolerate';
import { deploymentsOf } from './deployments';
import { latestExecutions } from './executions';

const REMEMBERED = 10;

/** What is about to happen to a transfer, in the server's present state. */
export interface TransferLoss {
  readonly coriolis: Coriolis;
  readonly id: string;
  /** Sentences about what is lost and what stays, from what is there. */
  readonly consequences: (situation: Situation) => readonly string[];
}

interface Situation {
  /** "2 machines". */
  readonly machines: string;
  /** "web-01, web-02". */
  readonly names: string;
  /** "1 schedule"; undefined without any, as are the others. */
  readonly schedules: string | undefined;
  /** "at least 10 executions". */
  readonly executions: string | undefined;
  /** "3 copied disks of the sync that ended 2026-11-22T15:44:13 UTC". */
  readonly disks: string | undefined;
  /** "1 deployment". */
  readonly deployments: string | undefined;
}

/**
 * The preview of something that a transfer loses by: counts of what it has, and a refusal while anything of it runs
 * (coriolis-api.md §7.6, coriolis-domain.md §8). Reads only.
 * @throws {NotFoundError} no such transfer
 */
export async function previewTransfer({ coriolis, id, consequences }: TransferLoss): Promise<Preview> {
  const { client } = coriolis;
  const fetch = (query: Query) => client.get<{ transfer: Transfer }>(path`/transfers/${id}`, { query });
  // With what Coriolis knows about the machines, their disks among it, where it tells.
  const known = await tolerate(fetch({ include_task_info: true }), ['capability'], undefined);
  const { transfer } = known ?? (await fetch({}));
  const executions = await latestExecutions(coriolis, id, REMEMBERED);
  const deployments = await deploymentsOf(coriolis, transfer);
  const schedules = await tolerate(
    client.get<{ schedules: Schedule[] }>(path`/transfers/${id}/schedules`),
    ['not_found', 'forbidden'],
    { schedules: [] },
  );
  const execution = executions.find(({ status }) => isActive(status));
  const deployment = deployments.find(({ last_execution_status: status }) => isActive(status));
  const atLeast = executions.length === REMEMBERED ? 'at least ' : '';
  const refusal =
    execution !== undefined
      ? `execution ${execution.id} is running already: wait for it or cancel it first`
      : deployment !== undefined
        ? `deployment ${deployment.id} is running: wait for it or cancel it first`
        : undefined;
  return {
    subject: {
      id,
      name: transferName(transfer),
      status: transfer.last_execution_status,
      changed: transfer.updated_at ?? transfer.created_at,
    },
    consequences: consequences({
      machines: count(transfer.instances.length, 'machine'),
      names: transfer.instances.join(', '),
      schedules: some(schedules.schedules, 'schedule'),
      executions: executions.length === 0 ? undefined : atLeast + count(executions.length, 'execution'),
      disks: disksOf(transfer, executions),
      deployments: some(deployments, 'deployment'),
    }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

const some = (rows: readonly unknown[], word: string): string | undefined =>
  rows.length === 0 ? undefined : count(rows.length, word);

function disksOf(
  { info, last_execution_status: status }: Transfer,
  executions: readonly Execution[],
): string | undefined {
  const disks = Object.values(info ?? {}).reduce<number>(
    (sum, machine) =>
      sum +
      (isObject(machine) && Array.isArray(machine['volumes_info']) ? machine['volumes_info'].length : 0),
    0,
  );
  if (disks === 0 && status === 'UNEXECUTED') return undefined;
  const number = disks === 0 ? 'copied disks' : count(disks, 'copied disk');
  const sync = executions.find(({ type, status }) => purposeOf(type) === 'sync' && status === 'COMPLETED');
  return sync === undefined
    ? `${number} (no completed sync is on record)`
    : `${number} of the sync that ended ${(sync.updated_at ?? sync.created_at).replace(/\.0+$/u, '')} UTC`;
}
