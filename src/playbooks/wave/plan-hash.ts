import { canonicalJson } from '../../model/canonical-json';
import type { JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import { sha256 } from '../../model/sha256';

/** Hex digits of a row's hash: 128 bits prevent collisions and are short enough for notes. */
const ROW_DIGITS = 32;

/** Prefixes of the hashed texts, with a version: releases with other rules get other hashes. */
const ROW_PREFIX = 'coriolis wave row 1';
const PLAN_PREFIX = 'coriolis wave plan 1';

/** Hashes the canonical form of one row. Secrets are masked first, so that they cannot be guessed from the hash. */
export const hashRow = (row: JsonObject): string =>
  sha256(`${ROW_PREFIX}\n${canonicalJson(redact(row))}`).slice(0, ROW_DIGITS);

/** Hashes a plan from the hashes of its rows, so that single rows can be checked against an approved plan. */
export const hashPlan = (rowHashes: readonly string[]): string =>
  sha256([PLAN_PREFIX, ...[...rowHashes].sort()].join('\n'));

/** Hashes user scripts for the canonical form of a row, because their text may contain secrets. Null without scripts. */
export const hashScripts = (scripts: JsonObject | undefined): string | null =>
  scripts === undefined || Object.keys(scripts).length === 0 ? null : sha256(canonicalJson(scripts));
