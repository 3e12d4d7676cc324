import { canonicalJson } from '../../model/canonical';
import type { JsonObject } from '../../model/json';
import { redact } from '../../model/redact';
import { sha256 } from '../../model/sha256';

/** Digits of a row's hash: 128 bits, enough against collisions, and short enough for notes. */
const ROW_DIGITS = 32;

/** Version prefix of hashes, so that releases with other rules have other hashes. */
const ROW = 'coriolis wave row 1';
const PLAN = 'coriolis wave plan 1';

/** Hash of one row over its canonical form. Secrets are left out, so that they cannot be guessed from the hash. */
export const rowHash = (row: JsonObject): string =>
  sha256(`${ROW}\n${canonicalJson(redact(row))}`).slice(0, ROW_DIGITS);

/** Hash of a plan: that of the hashes of its rows, so that rows can be checked one by one against an approved plan. */
export const planHash = (rowHashes: readonly string[]): string =>
  sha256([PLAN, ...[...rowHashes].sort()].join('\n'));

/** Hash of scripts for a canonical form, because their text may contain secrets. */
export const scriptsHash = (scripts: JsonObject | undefined): string | null =>
  scripts === undefined || Object.keys(scripts).length === 0 ? null : sha256(canonicalJson(scripts));
