/** Seconds of each unit in which people write durations. */
export const SECONDS_PER_UNIT: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

const PART = /(\d+(?:\.\d+)?)\s*([smhdw])[a-z]*\s*/giu;
const WHOLE = /^(?:\d+(?:\.\d+)?\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?)\b\s*)+$/iu;
// Durations without spaces, such as "1h30m". `WHOLE` needs a word boundary after each unit, so it does not match them.
const TIGHT = /^(?:\d+(?:\.\d+)?[smhdw])+$/iu;

/** Parses a duration into whole seconds: "90s", "45m", "2h", "1.5 h", "1h 30m", "2 days". Undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const given = text.trim();
  if (!WHOLE.test(given) && !TIGHT.test(given)) return undefined;
  const seconds = [...given.matchAll(PART)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (SECONDS_PER_UNIT[unit.toLowerCase()] ?? 0),
    0,
  );
  return Math.round(seconds);
}

/** Formats whole seconds so that `parseDuration` can read them, in the largest units: "45s", "2h", "1h 30m", "1d". */
export function formatDuration(seconds: number): string {
  let left = seconds;
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's']) {
    const length = SECONDS_PER_UNIT[unit] ?? 1;
    const count = Math.floor(left / length);
    if (count > 0) parts.push(`${count}${unit}`);
    left -= count * length;
  }
  return parts.length === 0 ? '0s' : parts.join(' ');
}
