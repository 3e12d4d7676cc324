import type { ApiClient } from '../../src/api/client';
import { purposeOf } from '../../src/model/status';
import { parseTime } from '../../src/model/timing';
import type { Deployment, Execution, Transfer } from '../../src/model/types';
import { parseMark } from '../../src/model/wave-mark';
import { shutsDown } from '../../src/playbooks/wave/step';

/** What the server has of one machine of a wave when all is over. */
export interface Truth {
  readonly machine: string;
  readonly transfers: readonly Transfer[];
  readonly syncs: readonly Execution[];
  readonly deployments: readonly Deployment[];
}

export async function truthOf(client: ApiClient, wave: string): Promise<readonly Truth[]> {
  const { transfers } = await client.get<{ transfers: Transfer[] }>('/transfers');
  const { deployments } = await client.get<{ deployments: Deployment[] }>('/deployments');
  const own = transfers.filter(({ notes }) => parseMark(notes)?.mark.wave === wave);
  const names = [...new Set(own.map(({ instances }) => instances[0] ?? ''))];
  return await Promise.all(
    names.map(async (machine) => {
      const mine = own.filter(({ instances }) => instances[0] === machine);
      const runs = await Promise.all(
        mine.map(({ id }) => client.get<{ executions: Execution[] }>(`/transfers/${id}/executions`)),
      );
      return {
        machine,
        transfers: mine,
        syncs: runs
          .flatMap(({ executions }) => executions)
          .filter(({ type }) => purposeOf(type) === 'sync')
          .sort((one, other) => one.number - other.number),
        deployments: deployments.filter(({ transfer_id: id }) => mine.some((one) => one.id === id)),
      };
    }),
  );
}

const count = <Item>(items: readonly Item[], is: (item: Item) => boolean): number => items.filter(is).length;

/** What a machine has too much of, in words. */
export function faultsOf(
  { machine, transfers, syncs, deployments }: Truth,
  { passes, shutdown }: { readonly passes: number; readonly shutdown: boolean },
): readonly string[] {
  const completed = syncs.filter(({ status }) => status === 'COMPLETED');
  const finals = shutdown ? count(completed, shutsDown) : 0;
  return [
    ...(transfers.length > 1 ? [`${machine} has ${transfers.length} transfers`] : []),
    ...(completed.length > passes + 1 ? [`${machine} has ${completed.length} completed syncs`] : []),
    ...(finals > 1 ? [`${machine} was shut down by ${finals} syncs`] : []),
    ...(count(deployments, ({ last_execution_status: status }) => status === 'COMPLETED') > 1
      ? [`${machine} was deployed more than once`]
      : []),
    ...(finals === 0 && shutdown && deployments.length > 0
      ? [`${machine} was deployed before its final sync`]
      : []),
  ];
}

/** Most runs that were at work at the same moment; a run that ends in a second makes room in it. */
export function mostAtOnce(truths: readonly Truth[]): number {
  const spans = truths.flatMap(({ syncs, deployments }) =>
    [...syncs, ...deployments].map(({ created_at, updated_at }) => ({
      from: parseTime(created_at) ?? 0,
      to: parseTime(updated_at) ?? Infinity,
    })),
  );
  return Math.max(
    0,
    ...spans.map(({ from }) => count(spans, (other) => other.from <= from && other.to > from)),
  );
}
