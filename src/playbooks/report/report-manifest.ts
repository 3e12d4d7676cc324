import { toCanonicalJson } from '../../model/canonical-json';
import { isObject, type JsonObject } from '../../model/json';
import { sha256 } from '../../model/sha256';

/** SHA-256 hashes of the parts of a report, by the names of the parts. */
export type ReportManifest = Readonly<Record<string, string>>;

/** Makes a manifest: the SHA-256 of each part, written as canonical JSON. */
export const makeManifest = (parts: JsonObject): ReportManifest =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, sha256(toCanonicalJson(part))]));

/** Hash of a whole report: the SHA-256 of its manifest. */
export const hashManifest = (manifest: ReportManifest): string => sha256(toCanonicalJson(manifest));

/**
 * Finds the differences between a report and its manifest: changed, missing or added parts, and a wrong `report_hash`.
 * Returns one sentence each; empty when report and manifest match.
 */
export function findManifestProblems(report: JsonObject): readonly string[] {
  const { manifest, report_hash: hash, ...parts } = report;
  if (!isObject(manifest)) return ['it has no manifest'];
  const now = makeManifest(parts);
  const names = [...new Set([...Object.keys(manifest), ...Object.keys(now)])].sort();
  return [
    ...names
      .filter((name) => manifest[name] !== now[name])
      .map((name) => `${name} is not what the manifest says`),
    ...(hashManifest(manifest as ReportManifest) === hash
      ? []
      : ['the hash of the report is not that of its manifest']),
  ];
}
