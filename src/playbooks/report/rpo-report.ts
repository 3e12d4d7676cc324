import { formatCount, displayNameOf } from '../../model/display-texts';
import type { Coriolis } from '../../api/operation-context';
import { formatIsoTime } from '../../model/timestamps';
import type { Transfer } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { drawCopyAges } from '../../pictures/copy-age-chart';
import { makeHtmlFigure, makeHtmlSection, makeHtmlTable } from '../../pictures/html-page';
import { formatShortDuration, formatShortMoment } from '../../pictures/axis-scale';
import type { LastCopyFacts } from '../../model/last-copy';
import { fetchLastCopies, makeLastCopyFacts, lastCopyKeys } from '../../facts/fetch-last-copies';
import { fetchPaged } from '../../requests/object-requests';
import { key, view, type ResultOf } from '../../vocabulary/result-keys';
import { reportKeys, renderedReportKeys, type ReportDocument } from './report-document';

/** Maximum number of replicas whose executions one report reads. Replicas with cached copies do not count. */
const MAX_LOOKUPS = 500;
/** Maximum number of characters of a name. */
const NAME_LENGTH = 60;
/** Maximum number of rows in the picture; the table has all rows. */
const MAX_DRAWN_ROWS = 100;

/** Target of an RPO report, and the replicas to compare with it. */
export interface RpoReportInput {
  readonly rpoTargetSeconds: number;
  /** Text in notes or instances. */
  readonly search: string | undefined;
  /** Id of the origin or destination endpoint. */
  readonly endpointId: string | undefined;
}

/** A replica with its last usable copy, compared with the RPO. */
export interface RpoRow extends LastCopyFacts {
  readonly transfer: Transfer;
  /** Comparison with the RPO: met, missed, no_copy or not_looked_up. */
  readonly state: string;
}

/** Replicas with the age of their last usable copies, compared with an RPO. */
export interface RpoSurvey {
  /** Server's time, milliseconds since 1970. */
  readonly now: number;
  readonly targetSeconds: number;
  /** Replicas, the worst first. */
  readonly rows: readonly RpoRow[];
}

const countOf = ({ rows }: RpoSurvey, wanted: string): number =>
  rows.filter(({ state }) => state === wanted).length;

const ageOfOldest = ({ rows }: RpoSurvey): number | null =>
  rows.reduce<number | null>(
    (oldest, { last_copy_age_seconds: age }) => (age === null ? oldest : Math.max(age, oldest ?? 0)),
    null,
  );

/** Result keys that the RPO report has besides those of every report. */
const rpoKeys = {
  rpo_target_seconds: key.number(
    'RPO target: maximum age of a copy',
    ({ targetSeconds }: RpoSurvey) => targetSeconds,
  ),
  replicas: key.number('Replicas', ({ rows }: RpoSurvey) => rows.length),
  met: key.number('Replicas with a copy younger than the target', (survey: RpoSurvey) =>
    countOf(survey, 'met'),
  ),
  missed: key.number('Replicas with an older copy', (survey: RpoSurvey) => countOf(survey, 'missed')),
  no_copy: key.number('Replicas without a usable copy', (survey: RpoSurvey) => countOf(survey, 'no_copy')),
  not_looked_up: key.number(
    'Replicas whose copy was not looked up, because there are too many; call again',
    (survey: RpoSurvey) => countOf(survey, 'not_looked_up'),
  ),
  oldest_copy_age_seconds: key.number('Age of the oldest last copy', ageOfOldest, { nullable: true }),
  rows: key.rows('Replicas, the worst first', {
    transfer_id: key.text('Transfer id', ({ transfer }: RpoRow) => transfer.id),
    name: key.text(
      'Notes, else the machines',
      ({ transfer }: RpoRow) => quoteText(displayNameOf(transfer), NAME_LENGTH),
      { untrusted: true },
    ),
    machines: key.texts('Machines', ({ transfer }: RpoRow) => transfer.instances, { untrusted: true }),
    state: key.text('met, missed, no_copy or not_looked_up'),
    ...lastCopyKeys,
  }),
};

const rpoView = view<RpoSurvey>()(rpoKeys);

/** Result view of the RPO report in all its formats. */
export const rpoReportView = view<RpoSurvey & ReportDocument>()({
  ...reportKeys,
  ...rpoKeys,
  ...renderedReportKeys,
});

export type RpoResult = ResultOf<typeof rpoView>;
type RpoResultRow = RpoResult['rows'][number];

/**
 * Compares the age of the last usable copy of each replica with an RPO. Live migrations have no RPO and are left out.
 * Takes one pass over the transfers, and one or two small requests for each replica whose copy is not cached. At most
 * `MAX_LOOKUPS` such replicas are looked up.
 */
export async function surveyRpo(coriolis: Coriolis, input: RpoReportInput): Promise<RpoSurvey> {
  const replicas: Transfer[] = [];
  for await (const transfer of fetchPaged(coriolis, 'transfer', [])) {
    if (transfer.scenario !== 'live_migration' && matchesInput(input, transfer)) replicas.push(transfer);
  }
  const states = await fetchLastCopies(coriolis, replicas, MAX_LOOKUPS);
  const { serverTime } = coriolis.client;
  const rows = replicas
    .map((transfer): RpoRow => {
      const facts = makeLastCopyFacts(states.get(transfer.id), serverTime);
      return { transfer, state: stateOfCopy(facts, input.rpoTargetSeconds), ...facts };
    })
    .sort(worstFirst);
  return { now: serverTime, targetSeconds: input.rpoTargetSeconds, rows };
}

function matchesInput({ search, endpointId }: RpoReportInput, transfer: Transfer): boolean {
  const ends = [transfer.origin_endpoint_id, transfer.destination_endpoint_id];
  if (endpointId !== undefined && !ends.includes(endpointId)) return false;
  const needle = search?.toLowerCase();
  const texts = [transfer.notes ?? '', ...transfer.instances];
  return needle === undefined || texts.some((text) => text.toLowerCase().includes(needle));
}

function stateOfCopy(
  { last_copy_age_seconds: age, no_copy_reason: reason }: LastCopyFacts,
  target: number,
): string {
  if (age !== null) return age > target ? 'missed' : 'met';
  return reason === 'not_looked_up' ? reason : 'no_copy';
}

/** States of a replica, the worst first. */
const STATES_WORST_FIRST = ['no_copy', 'missed', 'not_looked_up', 'met'];

const worstFirst = (one: RpoRow, other: RpoRow): number =>
  STATES_WORST_FIRST.indexOf(one.state) - STATES_WORST_FIRST.indexOf(other.state) ||
  (other.last_copy_age_seconds ?? 0) - (one.last_copy_age_seconds ?? 0);

/** Makes the report about the age of copies, compared with the RPO. */
export function makeRpoReportDocument(survey: RpoSurvey): ReportDocument {
  const result = rpoView.of(survey);
  const { rpo_target_seconds: target, rows, missed, no_copy: none } = result;
  const asOf = formatIsoTime(survey.now - (survey.now % 1000));
  const objective = formatShortDuration(target);
  const drawn = rows.slice(0, MAX_DRAWN_ROWS);
  return {
    title: 'Age of copies against the RPO',
    as_of: asOf,
    summary: `With a copy younger than ${objective}: ${result.met} of ${formatCount(result.replicas, 'replica')}; ${missed} older, ${none} without one.`,
    facts: [
      { label: 'objective (RPO)', value: objective },
      { label: 'met', value: result.met },
      { label: 'missed', value: missed },
      { label: 'without a copy', value: none },
      ...(result.oldest_copy_age_seconds === null
        ? []
        : [{ label: 'oldest copy', value: formatShortDuration(result.oldest_copy_age_seconds) }]),
      ...(result.not_looked_up === 0 ? [] : [{ label: 'not looked up', value: result.not_looked_up }]),
    ],
    findings: rows.filter(({ state }) => state === 'no_copy' || state === 'missed').map(sentenceOf),
    sections: [
      makeHtmlFigure(
        drawCopyAges({
          title: 'Age of the last usable copy',
          as_of: asOf,
          rpo_seconds: target,
          rows: drawn.map(({ name, last_copy_age_seconds, no_copy_reason: reason }) => ({
            name,
            last_copy_age_seconds,
            reason,
          })),
        }),
        rows.length > drawn.length ? `${rows.length - drawn.length} more are in the table.` : undefined,
      ),
      makeHtmlSection(
        'Replicas',
        makeHtmlTable(
          [
            { title: 'Replica', cell: ({ name }) => name },
            { title: 'Machines', cell: ({ machines }) => machines.join(', ') },
            { title: 'Objective', cell: ({ state }) => state.replaceAll('_', ' ') },
            {
              title: 'Last copy',
              cell: ({ last_copy_at: at }) => (at === null ? '' : formatShortMoment(at)),
              isUnbroken: true,
            },
            {
              title: 'Age',
              cell: ({ last_copy_age_seconds: age }) => (age === null ? '' : formatShortDuration(age)),
              isNumber: true,
            },
            { title: 'Why none', cell: ({ no_copy_reason: reason }) => reason?.replaceAll('_', ' ') },
          ],
          rows,
        ),
      ),
    ],
  };
}

const sentenceOf = ({ name, last_copy_age_seconds: age, no_copy_reason: reason }: RpoResultRow): string =>
  age === null
    ? `${name} has no usable copy: ${(reason ?? 'unknown').replaceAll('_', ' ')}.`
    : `${name}: the last copy is ${formatShortDuration(age)} old.`;
