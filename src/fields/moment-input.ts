import { InvalidInputError } from '../api/errors';
import { parseMoment } from '../model/parse-moment';

/**
 * Reads the point in time that an input gives, in whole Unix seconds.
 * @param now milliseconds since 1970. A period such as 2h counts back from it
 * @throws {InvalidInputError} the text is no moment; the error names the field and what is accepted
 */
export function parseMomentInput(field: string, given: string, now: number): number {
  const seconds = parseMoment(given, now);
  if (seconds !== undefined) return seconds;
  throw new InvalidInputError(`${field} does not understand "${given}".`, {
    field,
    advice:
      'Give unix seconds, an ISO time such as 2026-11-22T15:00:00Z, a period such as 10s, 5m, 2h, 1d, 1w, or "today" or "yesterday" with a zone: yesterday 18:00 Europe/Berlin.',
  });
}
