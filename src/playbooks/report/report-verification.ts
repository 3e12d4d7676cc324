import { isObject, type JsonObject } from '../../model/json';
import { quoteText } from '../../model/untrusted-text';
import { key } from '../../vocabulary/result-keys';
import { findManifestProblems } from './report-manifest';
import { findSealProblems, hasSeal } from './page-seal';

/** Result of verifying a report against its manifest, its HTML page and the server. */
export interface ReportVerification {
  /** Whether no difference was found. */
  readonly agrees: boolean;
  readonly differences: readonly string[];
}

/** Result keys of a verification; `agrees` is null when no report was verified. */
export const reportVerificationKeys = {
  agrees: key.flag('Whether report, manifest and server agree; null when no report was verified', {
    nullable: true,
  }),
  differences: key.texts('Parts of the verified report that differ', { untrusted: true }),
};

/** Makes the result of a verification from the differences found. */
export const makeReportVerification = (differences: readonly string[]): ReportVerification => ({
  agrees: differences.length === 0,
  differences,
});

/** A report that a caller has stored and gives back for verification. */
export interface GivenReport {
  /** The report; undefined when only its HTML page was given. */
  readonly report: JsonObject | undefined;
  /** Differences that show without the server: between report and manifest, and between page and seal. */
  readonly offlineDifferences: readonly string[];
}

/** Maximum number of characters of a name. */
const MAX_NAME = 60;

/** Keys that the result of a report operation has besides the parts of the report. */
const OTHER_KEYS = ['agrees', 'differences'];

/**
 * Reads the report to verify. `given` is a report, an object with the keys `report` and `html`, or an object with
 * `html` alone and perhaps a `report_hash`.
 */
export function readGivenReport(given: JsonObject): GivenReport {
  const { report: inside, html, manifest, report_hash: hash } = given;
  const misnamed = findMisnamedParts(given);
  if (typeof html === 'string' && !isObject(inside) && manifest === undefined)
    return { report: undefined, offlineDifferences: [...misnamed, ...findSealProblems(html, hash)] };
  const whole = isObject(inside) ? inside : given;
  const report = Object.fromEntries(Object.entries(whole).filter(([name]) => !OTHER_KEYS.includes(name)));
  return {
    report,
    offlineDifferences: [
      ...misnamed,
      ...findManifestProblems(report),
      ...(isObject(inside) && typeof html === 'string' ? findSealProblems(html, report['report_hash']) : []),
      ...(isObject(inside) && hash !== undefined && hash !== report['report_hash']
        ? ['the report has another hash than the one that was kept']
        : []),
    ],
  };
}

/** Finds a report or a page that stands under another name than `report` or `html`, so that it would not be verified. */
const findMisnamedParts = (given: JsonObject): readonly string[] =>
  Object.entries(given).flatMap(([name, value]) =>
    (name !== 'report' && isObject(value) && isObject(value['manifest'])) ||
    (name !== 'html' && typeof value === 'string' && hasSeal(value))
      ? [`${quoteText(name, MAX_NAME)} is not a name of a report or of its page`]
      : [],
  );
