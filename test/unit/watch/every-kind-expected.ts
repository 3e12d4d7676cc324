import { HOUR, MINUTE } from './every-kind-actions';
import { BLUR, limits, type History, type Poll } from './every-kind-history';

/** The events that a history must bring, and those that it may bring, by what really happened. */

/** What was told against what had to be told and what might be. */
export function compare(
  keys: readonly string[],
  { certain, possible }: { readonly certain: readonly string[]; readonly possible: readonly string[] },
) {
  return {
    doubled: keys.filter((key, index) => keys.indexOf(key) !== index),
    wrong: keys.filter((key) => !possible.includes(key)),
    lost: certain.filter((key) => !keys.includes(key)),
  };
}

export const nothingWrong = { doubled: [], wrong: [], lost: [] };
export const inSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
export const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export function beginnings(history: History, baseline: Poll) {
  const { begun } = history.server;
  const since = (moment: number) => begun.filter(({ at }) => at >= moment);
  return {
    possible: since(inSeconds(baseline.from)).map(({ id }) => `${id}@started`),
    certain: since(baseline.to + 1000)
      .filter(({ id, transferId, at }) => history.saw(id, transferId, at))
      .map(({ id }) => `${id}@started`),
  };
}

export function stalls(history: History, baseline: Poll) {
  const stallMs = limits.stallMinutes * MINUTE;
  const possible: string[] = [];
  const certain: string[] = [];
  for (const { id } of history.server.begun) {
    const end = history.server.ended.find((ended) => ended.id === id)?.at ?? Infinity;
    const moments = history.server.progressed.get(id) ?? [];
    const pauses = moments.map((from, index) => ({
      from,
      to: Math.min(moments[index + 1] ?? Infinity, end),
    }));
    const key = `${id}@stalled`;
    if (pauses.some(({ from, to }) => to - from >= stallMs - BLUR)) possible.push(key);
    const isSeen = pauses.some(
      ({ from, to }) =>
        from + stallMs > baseline.to + BLUR &&
        history.polls.some(
          (poll) => poll.from >= from + stallMs + BLUR && poll.to < to - BLUR && poll.alive.has(id),
        ),
    );
    if (isSeen) certain.push(key);
  }
  return { possible, certain };
}

/**
 * The moments at which the last usable copy of a replica became too old, or was lost: the age counts from the start of
 * its sync, and the copy is usable from the end.
 */
export function breaches(history: History, baseline: Poll, settled: number) {
  const rpoMs = limits.rpoHours * HOUR;
  const { server } = history;
  const moments = server.transfers.flatMap((transfer) => {
    const ends = server.ended.filter((end) => end.transferId === transfer.id && end.type !== 'deployment');
    const copies = [
      { copiedAt: Date.parse(`${transfer.created_at.slice(0, 19)}Z`), since: -Infinity, isCopy: false },
      ...ends
        .filter((end) => end.type === 'transfer_execution' && end.status === 'COMPLETED')
        .map(({ id, at }) => ({
          copiedAt: inSeconds(server.begun.find((run) => run.id === id)?.at ?? NaN),
          since: inSeconds(at),
          isCopy: true,
        })),
    ];
    const losses = [
      ...ends.filter((end) => end.type === 'transfer_disks_delete'),
      ...history.losses.filter(({ transferId }) => transferId === transfer.id),
    ]
      .map(({ at }) => inSeconds(at))
      .toSorted((one, other) => one - other);
    // Without a look since it began, a watch takes the last change for the end of a short sync.
    const changes = [...ends, ...history.losses.filter(({ transferId }) => transferId === transfer.id)];
    const unseen = Math.max(...changes.map(({ at }) => at).filter((at) => at <= baseline.to));
    return copies.flatMap(({ copiedAt, since, isCopy }, index) => {
      const until = copies[index + 1]?.since ?? Infinity;
      const lostAt = isCopy ? (losses.find((at) => at >= since && at < until) ?? Infinity) : Infinity;
      const at = Math.min(Math.max(copiedAt + rpoMs, since), lostAt);
      const found = until > at ? [{ id: transfer.id, at, by: Math.max(at, unseen + rpoMs) }] : [];
      // A watch that began anew does not know of disks that were used up before.
      const late = Math.max(copiedAt + rpoMs, since);
      return history.damages > 0 && lostAt < late && until > late
        ? [...found, { id: transfer.id, at: late, by: Infinity }]
        : found;
    });
  });
  const key = ({ id, at }: { readonly id: string; readonly at: number }) => `${id}@overdue@${iso(at)}`;
  return {
    possible: moments.filter(({ at }) => at > baseline.from - MINUTE - BLUR).map(key),
    certain: moments
      .filter(({ id, at, by }) => at > baseline.to && by <= settled && !history.doubtful.has(id))
      .map(key),
  };
}

/** The planned times at which no sync began. */
export function missedTimes(history: History, baseline: Poll, settled: number) {
  const graceMs = limits.graceMinutes * MINUTE;
  const possible: string[] = [];
  const certain: string[] = [];
  for (const { id, transfer_id, schedule, created_at } of history.server.schedules) {
    const made = Date.parse(`${created_at.slice(0, 19)}Z`);
    const begun = history.server.begun.filter(
      (run) => run.transferId === transfer_id && run.type === 'transfer_execution',
    );
    const first = Math.floor(made / HOUR) * HOUR + (schedule.minute ?? 0) * MINUTE;
    for (let at = first; at <= history.server.now; at += HOUR) {
      if (at <= made) continue;
      const isKept = begun.some((run) => run.at >= at - 5_000 && run.at <= at + graceMs);
      const isNearlyKept = begun.some((run) => run.at >= at - 6_000 && run.at < at + graceMs + 1_000);
      if (isKept) continue;
      possible.push(`${id}@${iso(at)}`);
      const isInTime = at > baseline.to - graceMs + BLUR && at <= settled;
      if (isInTime && !isNearlyKept && !history.doubtful.has(transfer_id)) certain.push(`${id}@${iso(at)}`);
    }
  }
  return { possible, certain };
}
