import type { Coriolis } from '../../api/coriolis';
import { transferName } from '../../model/names';
import { formatIso } from '../../model/timestamps';
import type { Transfer } from '../../model/types';
import { quoteText } from '../../model/untrusted';
import { drawCopyAges } from '../../pictures/copy-age';
import { htmlFigure, htmlSection, htmlTable } from '../../pictures/html-page';
import { shortDuration, shortMoment } from '../../pictures/axis-scale';
import { findLastCopies, lastCopyFacts, type LastCopyFacts } from '../../resources/last-copies';
import { fetchPaged } from '../../resources/objects';
import type { ReportDocument } from './document';

/** Maximum number of replicas whose executions one report looks up, besides those that are known already. */
const MAX_LOOKUPS = 500;
const NAME_LENGTH = 60;
/** Maximum number of rows in the picture; the table has all rows. */
const MAX_DRAWN_ROWS = 100;

export interface RpoInput {
  readonly rpoTargetSeconds: number;
  /** Text in notes or instances. */
  readonly search: string | undefined;
  /** Origin or destination. */
  readonly endpointId: string | undefined;
}

/** Age of the last usable copy of one replica against the objective. */
export interface RpoRow extends LastCopyFacts {
  readonly transfer_id: string;
  readonly name: string;
  readonly machines: readonly string[];
  /** State: met, missed, no_copy or not_looked_up. */
  readonly state: string;
}

export interface RpoSurvey {
  readonly as_of: string;
  readonly rpo_target_seconds: number;
  readonly replicas: number;
  readonly met: number;
  readonly missed: number;
  readonly no_copy: number;
  readonly not_looked_up: number;
  readonly oldest_copy_age_seconds: number | null;
  /** Replicas, the oldest copies first. */
  readonly rows: readonly RpoRow[];
}

/**
 * Compares the last usable copies of all replicas with an objective. Live migrations have none and are left out. One pass
 * over the transfers; replicas that are not known yet cost one or two small requests each, at most `MAX_LOOKUPS` of them.
 */
export async function surveyRpo(coriolis: Coriolis, input: RpoInput): Promise<RpoSurvey> {
  const replicas: Transfer[] = [];
  for await (const transfer of fetchPaged(coriolis, 'transfer', [])) {
    if (transfer.scenario !== 'live_migration' && isMeant(input, transfer)) replicas.push(transfer);
  }
  const states = await findLastCopies(coriolis, replicas, MAX_LOOKUPS);
  const { now } = coriolis.client;
  const rows = replicas
    .map((transfer): RpoRow => {
      const facts = lastCopyFacts(states.get(transfer.id), now);
      return {
        transfer_id: transfer.id,
        name: quoteText(transferName(transfer), NAME_LENGTH),
        machines: transfer.instances,
        state: judge(facts, input.rpoTargetSeconds),
        ...facts,
      };
    })
    .sort(worstFirst);
  const count = (state: string): number => rows.filter((row) => row.state === state).length;
  const ages = rows.flatMap(({ last_copy_age_seconds: age }) => age ?? []);
  return {
    as_of: formatIso(now),
    rpo_target_seconds: input.rpoTargetSeconds,
    replicas: rows.length,
    met: count('met'),
    missed: count('missed'),
    no_copy: count('no_copy'),
    not_looked_up: count('not_looked_up'),
    oldest_copy_age_seconds: ages.length === 0 ? null : ages.reduce((one, other) => Math.max(one, other)),
    rows,
  };
}

function isMeant({ search, endpointId }: RpoInput, transfer: Transfer): boolean {
  const ends = [transfer.origin_endpoint_id, transfer.destination_endpoint_id];
  if (endpointId !== undefined && !ends.includes(endpointId)) return false;
  const needle = search?.toLowerCase();
  const texts = [transfer.notes ?? '', ...transfer.instances];
  return needle === undefined || texts.some((text) => text.toLowerCase().includes(needle));
}

function judge(
  { last_copy_age_seconds: age, no_copy_reason: reason }: LastCopyFacts,
  target: number,
): string {
  if (age !== null) return age > target ? 'missed' : 'met';
  return reason === 'not_looked_up' ? reason : 'no_copy';
}

const severity = ['no_copy', 'missed', 'not_looked_up', 'met'];

const worstFirst = (one: RpoRow, other: RpoRow): number =>
  severity.indexOf(one.state) - severity.indexOf(other.state) ||
  (other.last_copy_age_seconds ?? 0) - (one.last_copy_age_seconds ?? 0);

/** Report of the age of copies against the objective. */
export function rpoReport(survey: RpoSurvey): ReportDocument {
  const { as_of: asOf, rpo_target_seconds: target, rows, missed, no_copy: none } = survey;
  const objective = shortDuration(target);
  const drawn = rows.slice(0, MAX_DRAWN_ROWS);
  return {
    title: 'Age of copies against the RPO',
    as_of: asOf,
    summary: `${survey.met} of ${survey.replicas} replicas have a copy younger than ${objective}; ${missed} older, ${none} without one.`,
    facts: [
      { label: 'objective (RPO)', value: objective },
      { label: 'met', value: survey.met },
      { label: 'missed', value: missed },
      { label: 'without a copy', value: none },
      ...(survey.oldest_copy_age_seconds === null
        ? []
        : [{ label: 'oldest copy', value: shortDuration(survey.oldest_copy_age_seconds) }]),
      ...(survey.not_looked_up === 0 ? [] : [{ label: 'not looked up', value: survey.not_looked_up }]),
    ],
    findings: rows.filter(({ state }) => state === 'no_copy' || state === 'missed').map(sentenceOf),
    sections: [
      htmlFigure(
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
      htmlSection(
        'Replicas',
        htmlTable(
          [
            { title: 'Replica', cell: ({ name }) => name },
            { title: 'Machines', cell: ({ machines }) => machines.join(', ') },
            { title: 'Objective', cell: ({ state }) => state.replaceAll('_', ' ') },
            { title: 'Last copy', cell: ({ last_copy_at: at }) => (at === null ? '' : shortMoment(at)) },
            {
              title: 'Age',
              cell: ({ last_copy_age_seconds: age }) => (age === null ? '' : shortDuration(age)),
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

const sentenceOf = ({ name, last_copy_age_seconds: age, no_copy_reason: reason }: RpoRow): string =>
  age === null
    ? `${name} has no usable copy: ${(reason ?? 'unknown').replaceAll('_', ' ')}.`
    : `${name}: the last copy is ${shortDuration(age)} old.`;
