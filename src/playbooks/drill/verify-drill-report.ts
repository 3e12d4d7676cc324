import { asError, InvalidInputError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { isObject, type JsonObject } from '../../model/json';
import { formatIsoTime, parseServerTime } from '../../model/timestamps';
import {
  readGivenReport,
  makeReportVerification,
  reportVerificationKeys,
  type ReportVerification,
} from '../report/report-verification';
import { drillReportView, makeDrillReport, type DrillReport, type DrillReportData } from './drill';
import { view } from '../../vocabulary/result-keys';
import { computeDrillState, drillHeadline } from './drill-state';

/** Present state of a drill on the server, with the differences between it and a given report. */
export interface VerifiedDrill extends DrillReportData, ReportVerification {}

/** Report of a drill. `agrees` says whether a given report was verified as true; null when none was given. */
export type DrillReportResult = Omit<VerifiedDrill, 'agrees'> & { readonly agrees: boolean | null };

/** Result view of the report of a drill, made or verified. */
export const verifiedDrillView = view<DrillReportResult>()({
  ...drillReportView.shape,
  ...reportVerificationKeys,
});

/** Result of the report of a drill in a few words. */
export const drillReportHeadline = (
  result: Parameters<typeof drillHeadline>[0] & { readonly agrees: boolean | null },
): string =>
  result.agrees === null
    ? drillHeadline(result)
    : result.agrees
      ? 'report, manifest and server agree'
      : 'report, manifest and server differ';

/**
 * Keys of a row that are compared with the server. Other keys depend on the targets, which a report does not contain.
 */
const COMPARED_KEYS = ['deployment_id', 'copy_at', 'rpo_seconds', 'rto_seconds'] as const;

/** States of transfers whose deployment had not ended when the report was made. */
const OPEN_STATES: readonly unknown[] = ['waiting', 'deploying'];

/**
 * Verifies the report of a drill: its parts against its manifest, its figures against the server, and its HTML page
 * against the seal in the page. Reads only.
 *
 * @param given a report, the result of the operation that made it (`report` and `html`), or `html` alone
 */
export async function verifyDrillReport(coriolis: Coriolis, given: JsonObject): Promise<VerifiedDrill> {
  const { report, offlineDifferences } = readGivenReport(given);
  const told = rowsOf(report);
  const now = await readDrill(coriolis, report, told);
  const rows = new Map(drillReportView.of(now).rows.map((row) => [row.transfer_id, row]));
  const differences = report === undefined ? [] : told.flatMap((row) => differencesOf(row, rows));
  return { ...now, ...makeReportVerification([...offlineDifferences, ...differences]) };
}

const rowsOf = (report: JsonObject | undefined): readonly JsonObject[] =>
  (Array.isArray(report?.['rows']) ? report['rows'] : []).filter(isObject);

/** Reads the present state of the drill of a report. It has no transfers when the server has none of them any more. */
async function readDrill(
  coriolis: Coriolis,
  report: JsonObject | undefined,
  rows: readonly JsonObject[],
): Promise<DrillReportData> {
  const began = typeof report?.['since'] === 'string' ? parseServerTime(report['since']) : null;
  const since = formatIsoTime(began ?? coriolis.clock());
  const transferIds = rows.flatMap(({ transfer_id: id }) => (typeof id === 'string' ? [id] : []));
  const input = {
    transferIds,
    since,
    search: undefined,
    endpointId: undefined,
    rpoTargetSeconds: undefined,
    rtoTargetSeconds: undefined,
    approvals: undefined,
  };
  try {
    return await makeDrillReport(coriolis, input);
  } catch (error) {
    // An invalid input here means an empty group: no transfer of the drill is on the server any more.
    if (!(error instanceof InvalidInputError)) throw asError(error);
    const now = coriolis.clock();
    const nothing = computeDrillState({ rehearsals: [], since: began ?? now, now }, input, new Map());
    return { ...nothing, approvals: [], manifest: {} };
  }
}

function differencesOf(
  told: JsonObject,
  rows: ReadonlyMap<string, DrillReport['rows'][number]>,
): readonly string[] {
  const what = `"${String(told['name'])}"`;
  const now = rows.get(String(told['transfer_id']));
  if (now === undefined) return [`the transfer of ${what} is not on the server`];
  // A transfer that was waiting or deploying when the report was made may have changed since, so it is not compared.
  if (OPEN_STATES.includes(told['state'])) return [];
  // Without a deployment, the age of the copy grows with time, so only the missing deployment is compared.
  const facts = told['deployment_id'] === null ? COMPARED_KEYS.slice(0, 1) : COMPARED_KEYS;
  return facts
    .filter((fact) => now[fact] !== told[fact])
    .map((fact) => `${fact} of ${what} differs on the server`);
}
