import { toCanonicalJson } from '../../model/canonical-json';
import type { JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import { sha256 } from '../../model/sha256';

/**
 * Number of hex digits of a row's hash: 128 bits prevent collisions and are short enough for the notes of a transfer.
 */
const ROW_DIGITS = 32;

/** Prefixes of the hashed texts. Their version is raised when the rules change, so that old hashes no longer match. */
const ROW_PREFIX = 'coriolis wave row 1';
const PLAN_PREFIX = 'coriolis wave plan 1';

/** Hashes the settings of one row. Secrets are masked first, so that nobody can guess them from the hash. */
export const hashRow = (row: JsonObject): string =>
  sha256(`${ROW_PREFIX}\n${toCanonicalJson(redact(row))}`).slice(0, ROW_DIGITS);

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
