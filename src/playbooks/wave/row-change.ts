import { toCanonicalJson } from '../../model/canonical-json';
import { isObject, type JsonObject } from '../../model/json';
import { redact } from '../../model/redact-object';
import { quoteText } from '../../model/untrusted-text';
import { DISKS_KEY, hashRow } from './plan-hash';
import type { PlannedRow } from './planned-row';

/** Maximum number of disks and of settings that are named. */
const SHOWN = 5;
/** Maximum number of characters of the id of a disk. */
const MAX_ID = 60;

/** Advice about a row that is not as approved. */
const REMEDY = 'plan again and have that approved';

/**
 * Says how a row differs from its row in the approved plan. What differs is known only when the row of that plan is the
 * table's, and its settings are proven by the approved hash.
 */
export function describeRowChange(
  { approvedSettings: was, settings, problem }: PlannedRow,
  approvedHash: string | null | undefined,
): string {
  const isProven = was !== null && problem === null && hashRow(was).hash === approvedHash;
  if (!isProven) return `its machine, disks, settings or transfer are not as approved: ${REMEDY}`;
  const now = redact(settings) as JsonObject;
  const keys = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter(
    (key) => key !== DISKS_KEY && toCanonicalJson(was[key] ?? null) !== toCanonicalJson(now[key] ?? null),
  );
  const changes = [
    ...describeDiskChanges(was[DISKS_KEY], now[DISKS_KEY]),
    ...keys.map((key) => describeDifferences([key])),
  ];
  const more = changes.length > SHOWN ? ['…'] : [];
  return `it is not as approved: ${[...changes.slice(0, SHOWN), ...more].join(', ')}; ${REMEDY}`;
}

/** Says that settings differ, by their keys. */
export const describeDifferences = (keys: readonly string[]): string =>
  keys.map((key) => `its ${quoteText(key, MAX_ID)} differs`).join(', ');

/** Disks that were added, removed or resized, in words; none when the disks of one side are unknown. */
function describeDiskChanges(was: unknown, now: unknown): readonly string[] {
  if (!isObject(was) || !isObject(now)) return [];
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].flatMap((id) => {
    const [before, after] = [was[id], now[id]];
    const disk = `disk ${quoteText(id, MAX_ID)}`;
    if (!Object.hasOwn(was, id)) return [`${disk} is new (${describeSize(after)})`];
    if (!Object.hasOwn(now, id)) return [`${disk} is gone`];
    return before === after ? [] : [`${disk} has ${describeSize(after)}, not ${describeSize(before)}`];
  });
}

const describeSize = (gib: unknown): string => (typeof gib === 'number' ? `${gib} GiB` : 'an unknown size');
