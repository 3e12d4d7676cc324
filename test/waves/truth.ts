import type { ApiClient } from '../../src/api/coriolis-client';
import { isFinal, outcomeOf, purposeOf, statusOf } from '../../src/model/status';
import { parseServerTime } from '../../src/model/timestamps';
import type { Deployment, Execution, Transfer } from '../../src/model/api-objects';
import { parseWaveNote } from '../../src/model/wave-note';
import { wasStartedWithShutdown } from '../../src/playbooks/wave/machine-position';

/** Objects that the server has of one machine of a wave. */
export interface Truth {
  readonly machine: string;
  readonly transfers: readonly Transfer[];
  readonly syncs: readonly Execution[];
  readonly deployments: readonly Deployment[];
}

/**
 * Objects of each machine that a wave moves.
 * @param wave its name; undefined for the given transfers alone
 * @param adopted ids of existing transfers that the wave adopted
 */
export async function truthOf(
  client: ApiClient,
  wave: string | undefined,
  adopted: readonly string[] = [],
): Promise<readonly Truth[]> {
  const { transfers } = await client.get<{ transfers: Transfer[] }>('/transfers');
  const { deployments } = await client.get<{ deployments: Deployment[] }>('/deployments');
  const own = transfers.filter(
    ({ notes, id }) =>
      adopted.includes(id) || (wave !== undefined && parseWaveNote(notes)?.waveNote.wave === wave),
  );
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

export const isMoved = ({ deployments }: Truth): boolean =>
  deployments.some((one) => outcomeOf(statusOf(one)) === 'completed');

/** Whether the source of a machine is off and no deployment of it has completed. */
export const isCommitted = (truth: Truth): boolean =>
  !isMoved(truth) &&
  truth.syncs.some(({ tasks = [] }) =>
    tasks.some(({ task_type: type, status }) => type === 'SHUTDOWN_INSTANCE' && status === 'COMPLETED'),
  );

const count = <Item>(items: readonly Item[], is: (item: Item) => boolean): number => items.filter(is).length;

/** Objects of one machine that its plan does not have, in words. */
export function faultsOf(
  { machine, transfers, syncs, deployments }: Truth,
  { passes, shutdown }: { readonly passes: number; readonly shutdown: boolean },
): readonly string[] {
  const completed = syncs.filter(({ status }) => status === 'COMPLETED');
  const finals = shutdown ? count(completed, wasStartedWithShutdown) : 0;
  return [
    ...(transfers.length > 1 ? [`${machine} has ${transfers.length} transfers`] : []),
    ...(completed.length > passes + 1 ? [`${machine} has ${completed.length} completed syncs`] : []),
    ...(finals > 1 ? [`${machine} was shut down by ${finals} syncs`] : []),
    ...(!shutdown && syncs.some(wasStartedWithShutdown) ? [`${machine} was shut down`] : []),
    ...(count(deployments, (one) => outcomeOf(statusOf(one)) === 'completed') > 1
      ? [`${machine} was deployed more than once`]
      : []),
    ...(finals === 0 && shutdown && deployments.length > 0
      ? [`${machine} was deployed before its final sync`]
      : []),
  ];
}

/** One execution or deployment with its begin and end, in milliseconds. */
export interface Span {
  readonly machine: string;
  readonly kind: 'sync' | 'deployment';
  readonly from: number;
  readonly to: number;
  readonly outcome: string | undefined;
  /** Ids of its endpoints. */
  readonly endpoints: readonly string[];
  /** Whether the machine's source was off when it began. */
  readonly isCommitted: boolean;
}

export const spansOf = (truths: readonly Truth[]): readonly Span[] =>
  truths.flatMap(({ machine, transfers, syncs, deployments }) => {
    const endpoints = transfers
      .slice(0, 1)
      .flatMap(({ origin_endpoint_id: origin, destination_endpoint_id: destination }) => [
        origin,
        destination,
      ]);
    const off = Math.min(
      ...syncs.flatMap(({ tasks = [] }) =>
        tasks
          .filter(({ task_type: type, status }) => type === 'SHUTDOWN_INSTANCE' && status === 'COMPLETED')
          .map(({ updated_at: at }) => parseServerTime(at) ?? Infinity),
      ),
    );
    return [...syncs, ...deployments].map((run) => {
      const status = statusOf(run);
      const from = parseServerTime(run.created_at) ?? 0;
      return {
        machine,
        kind: 'number' in run ? ('sync' as const) : ('deployment' as const),
        from,
        to: isFinal(status) ? (parseServerTime(run.updated_at) ?? Infinity) : Infinity,
        outcome: outcomeOf(status),
        endpoints,
        isCommitted: off <= from,
      };
    });
  });

type Time = Pick<Span, 'from' | 'to'>;

/**
 * Maximum number of runs at work at the same moment; a run that ends in a second makes room in it.
 * @param others runs that count, too, while one of the first begins
 */
export const mostAtOnce = (spans: readonly Time[], others: readonly Time[] = []): number =>
  Math.max(
    0,
    ...spans.map(({ from }) =>
      count([...spans, ...others], (other) => other.from <= from && other.to > from),
    ),
  );
