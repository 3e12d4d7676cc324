import { asError, CanceledError, isCoriolisError } from '../api/errors';
import type { Coriolis } from '../api/operation-context';
import { describeStall, makeStallAdvice } from '../model/stall-facts';
import { isActive, statusOf } from '../model/status';
import type { Deployment, Execution } from '../model/api-objects';
import { fetchOptional } from '../requests/object-requests';
import { fetchNewestExecutions } from '../resources/execution';
import { fetchStallFacts } from './fetch-stall-facts';

/** Facts about a stalled run because of which the server refuses another one. A person must decide what to do. */
export interface StalledRunInTheWay {
  /** Time of its last change, ISO 8601. */
  readonly last_progress_at: string | null;
  /** Seconds since then. */
  readonly stalled_seconds: number;
  /** Usual duration of such runs in seconds; null when none completed. */
  readonly usual_seconds: number | null;
  /** Choices of a person: sentences, from harmless to destructive. */
  readonly choices: readonly string[];
}

/** A stalled run with a sentence about it. */
interface FoundStall {
  readonly facts: StalledRunInTheWay;
  /** Sentence with the id of the run and since when nothing has changed. */
  readonly sentence: string;
}

/**
 * Finds out whether a run is stalled; undefined when it is not, or when that cannot be read. The caller has an answer
 * or an error already, which must not be lost.
 *
 * @param run an execution or deployment as in a list
 */
export async function findStall(
  coriolis: Coriolis,
  run: Execution | Deployment,
): Promise<FoundStall | undefined> {
  if (!isActive(statusOf(run))) return undefined;
  return await unlessUnreadable(async () => {
    const isExecution = 'action_id' in run;
    // Lists have the tasks of executions, but not those of deployments, and only tasks show the progress.
    const read = isExecution ? run : await fetchOptional(coriolis, 'deployment', [run.id]);
    if (read === undefined) return undefined;
    const stall = await fetchStallFacts(coriolis, read, coriolis.client.serverTime);
    const { last_progress_at, stalled_seconds: seconds, usual_seconds } = stall;
    if (seconds === null) return undefined;
    return {
      facts: { last_progress_at, stalled_seconds: seconds, usual_seconds, choices: makeStallAdvice(stall) },
      sentence: `${isExecution ? 'Execution' : 'Deployment'} ${run.id} stands still. ${describeStall(stall, seconds, usual_seconds)}`,
    };
  });
}

/** Describes the stalled execution of a transfer and the choices, in sentences; undefined when none is stalled. */
export async function describeStallInTheWay(
  coriolis: Coriolis,
  transferId: string,
): Promise<string | undefined> {
  const [newest] = (await unlessUnreadable(() => fetchNewestExecutions(coriolis, transferId, 1))) ?? [];
  const stall = newest && (await findStall(coriolis, newest));
  return stall && [stall.sentence, ...stall.facts.choices].join(' ');
}

async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CanceledError || !isCoriolisError(error)) throw asError(error);
    return undefined;
  }
}
