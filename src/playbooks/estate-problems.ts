import { describeFirstEnd, ENDING_SOON_DAYS } from '../model/licence';
import { formatCount } from '../model/display-texts';
import { describeSeconds, formatIsoTime } from '../model/timestamps';
import { MAX_STALL_LOOKUPS } from './estate-counts';
import type { EstateSurvey } from './survey-estate';

/** Number of transfers and deployments that failed within the period. */
export const countFailedRuns = ({ transfers, deployments }: EstateSurvey): number =>
  transfers.failed.total + deployments.failed.total;

/** A count and a sentence about what it counts. The sentence is left out when the count is 0. */
type CountedSentence = readonly [count: number, words: string];

/** Sentences about what needs attention, the most urgent first. They quote no names and no error texts. */
export const describeEstateProblems = (survey: EstateSurvey): readonly string[] =>
  [...aboutRuns(survey), ...aboutCopies(survey), ...aboutLicences(survey)]
    .filter(([count]) => count > 0)
    .map(([, words]) => words);

function aboutRuns(survey: EstateSurvey): readonly CountedSentence[] {
  const { hours, since, periodStart, stalled, workersDown, poolsInError, failed: shown } = survey;
  const down = workersDown?.length ?? 0;
  const endless = stalled.filter(({ stall }) => stall.all_tasks_done).length;
  const still = stalled.length - endless;
  const failed = countFailedRuns(survey);
  const period = since === undefined ? `within ${hours} h` : `since ${formatIsoTime(periodStart)}`;
  const again = shown.filter(({ consecutiveFailures }) => (consecutiveFailures ?? 0) > 1).length;
  const pools = poolsInError.length;
  const refused = survey.deployments.neverRun.total;
  return [
    [down, `${formatCount(down, 'worker')} down: endpoints that only they reach cannot be used.`],
    [
      endless,
      `${endless} still running after all tasks have ended: cancel without force to free the transfer.`,
    ],
    [still, `${still} running without any change: diagnose, then wait or cancel.`],
    [
      survey.uncheckedForStall,
      `${survey.uncheckedForStall} more running without a recent change: only the ${MAX_STALL_LOOKUPS} unchanged for longest were checked for a stall, so more may be stalled.`,
    ],
    [failed, `${failed} failed ${period}: diagnose before the next run.`],
    [
      again,
      `${again} of the ${shown.length} latest failures ${again === 1 ? 'is' : 'are'} at least the second in a row.`,
    ],
    [
      refused,
      `${formatCount(refused, 'deployment')} never started: the server refused the request after storing it. Start another.`,
    ],
    [pools, `${formatCount(pools, 'minion pool')} in error: deallocate and allocate again.`],
  ];
}

function aboutCopies({ hours, staleReplicas, transfers }: EstateSurvey): readonly CountedSentence[] {
  const never = transfers.neverRun.total;
  const off = staleReplicas.rows.filter(
    ({ schedule }) => schedule === 'disabled' || schedule === 'expired',
  ).length;
  const found = `${staleReplicas.unknown > 0 ? 'At least ' : ''}${staleReplicas.count} executed ${staleReplicas.count === 1 ? 'replica' : 'replicas'}`;
  return [
    [never, `${formatCount(never, 'transfer')} never executed: nothing is copied yet.`],
    [
      staleReplicas.count,
      `${found} whose last usable copy is older than ${hours} h or missing${oldest(staleReplicas)}.`,
    ],
    [
      staleReplicas.unknown,
      `The copies of ${staleReplicas.unknown} replicas were not looked up yet, so more may be stale: call again to look at more.`,
    ],
    [
      off,
      `${off} of the ${staleReplicas.rows.length} shown ${off === 1 ? 'has' : 'have'} only schedules that are disabled or have expired.`,
    ],
  ];
}

/** Age of the oldest copy among the replicas without a recent one: "; the oldest is 5 d 03 h old". */
function oldest({ rows }: EstateSurvey['staleReplicas']): string {
  const ages = rows.flatMap(({ last_copy_age_seconds: age }) => age ?? []);
  return ages.length === 0 ? '' : `; the oldest is ${describeSeconds(Math.max(...ages))} old`;
}

function aboutLicences({ licences }: EstateSurvey): readonly CountedSentence[] {
  const { expired, endingSoon, ending } = licences ?? { expired: 0, endingSoon: 0, ending: [] };
  const first = describeFirstEnd(endingSoon, ending[0]?.period_end);
  const verb = endingSoon === 1 ? 'ends' : 'end';
  const ended = expired === 0 ? '' : ` ${expired} ${expired === 1 ? 'has' : 'have'} ended.`;
  return [
    [
      endingSoon,
      `${formatCount(endingSoon, 'licence')} ${verb} within ${ENDING_SOON_DAYS} days${first}.${ended}`,
    ],
    [
      endingSoon === 0 ? expired : 0,
      `${formatCount(expired, 'licence')} ${expired === 1 ? 'has' : 'have'} ended.`,
    ],
  ];
}
