import { toCanonicalJson } from '../../model/canonical-json';
import { isObject, omitKeys, type JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import { sha256 } from '../../model/sha256';

/**
 * Number of hex digits of a row's hash: 128 bits prevent collisions and are short enough for the notes of a transfer.
 */
const ROW_DIGITS = 32;

/** Number of hex digits of the hash of disks. */
const DISK_DIGITS = 16;

/** Prefixes of the hashed texts. Their version is raised when the rules change, so that old hashes no longer match. */
const ROW_PREFIX = 'coriolis wave row 1';
const ROW_WITH_DISKS_PREFIX = 'coriolis wave row 2';
const DISKS_PREFIX = 'coriolis wave disks 1';
const PLAN_PREFIX = 'coriolis wave plan 1';

/**
 * Hashes of a row: of its settings alone, of its disks (null when they do not count), and of both together, which is the hash
 * of the row in a plan. They are apart because the disks of a machine may change once its transfer exists.
 */
export interface RowHashes {
  readonly settingsHash: string;
  readonly disksHash: string | null;
  readonly hash: string;
}

/** Key of a row's settings that holds its disks: disk id to provisioned size in whole GiB, or null. */
export const DISKS_KEY = 'disks_gib';

/** Hashes the settings of one row. Secrets are masked first, so that nobody can guess them from the hash. */
export function hashRow(row: JsonObject): RowHashes {
  const disks = row[DISKS_KEY];
  const settings = omitKeys(row, DISKS_KEY);
  return combineHashes(
    sha256(`${ROW_PREFIX}\n${toCanonicalJson(redact(settings))}`).slice(0, ROW_DIGITS),
    isObject(disks) ? sha256(`${DISKS_PREFIX}\n${toCanonicalJson(disks)}`).slice(0, DISK_DIGITS) : null,
  );
}

/** Combines the hashes of settings and disks. Without disks the hash is that of the settings, as in plans of release 0.1.0. */
export const combineHashes = (settingsHash: string, disksHash: string | null): RowHashes => ({
  settingsHash,
  disksHash,
  hash:
    disksHash === null
      ? settingsHash
      : sha256(`${ROW_WITH_DISKS_PREFIX}\n${settingsHash}\n${disksHash}`).slice(0, ROW_DIGITS),
});

/**
 * Hashes a plan from the hashes of its rows. So whoever knows the row hashes of an approved plan can prove that single
 * rows are unchanged.
 */
export const hashPlan = (rowHashes: readonly string[]): string =>
  sha256([PLAN_PREFIX, ...[...rowHashes].sort()].join('\n'));

/**
 * Hash of user scripts, which stands for them in the settings of a row: their text may contain secrets. Null without
 * scripts.
 */
export const hashScripts = (scripts: JsonObject | undefined): string | null =>
  scripts === undefined || Object.keys(scripts).length === 0 ? null : sha256(toCanonicalJson(scripts));
