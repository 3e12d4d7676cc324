import { canonicalJson } from '../../model/canonical';
import type { JsonObject } from '../../model/json';
import { redact } from '../../model/redact';
import { sha256 } from '../../model/sha256';

/** Digits of a row's hash: 128 bits, enough against chance and intent, and short enough for notes. */
const ROW_DIGITS = 32;

/** Kinds of plans, so that a hash of one release is never one of another with other rules. */
const ROW = 'coriolis wave row 1';
const PLAN = 'coriolis wave plan 1';

/** Hash of one row over its canonical form. Secrets are not in it, so that nobody can try them out on it. */
export const rowHash = (row: JsonObject): string =>
  sha256(`${ROW}\n${canonicalJson(redact(row))}`).slice(0, ROW_DIGITS);

/** Hash of a plan: that of the hashes of its rows, so that rows can be checked one by one against an approved plan. */
export const planHash = (rowHashes: readonly string[]): string =>
  sha256([PLAN, ...[...rowHashes].sort()].join('\n'));

/** Stands for scripts in a canonical form: what they do counts, what they hold may be secret. */
export const scriptsHash = (scripts: JsonObject | undefined): string | null =>
  scripts === undefined || Object.keys(scripts).length === 0 ? null : sha256(canonicalJson(scripts));
