import { createHash } from 'node:crypto';
import { InvalidInputError } from '../../src/api/errors';
import { isObject } from '../../src/model/json';

/** JSON with sorted keys, equal for equal values. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    isObject(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([one], [other]) => (one < other ? -1 : 1)))
      : entry,
  );
}

/** A short fingerprint of a value. */
export const shortDigestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalText(value)).digest('base64url').slice(0, 16);

/** Makes the cursor with which a list continues after `position`. It is valid only for the same tool and filters. */
export const makePageCursor = (tool: string, filters: unknown, position: string): string =>
  Buffer.from(JSON.stringify([shortDigestOf([tool, filters]), position])).toString('base64url');

/**
 * Reads the position from a cursor.
 * @throws {InvalidInputError} not a cursor of this server, or one of another list
 */
export function readPageCursor(cursor: string, tool: string, filters: unknown): string {
  const [owner, position] = decode(cursor);
  if (typeof owner !== 'string' || typeof position !== 'string') {
    throw new InvalidInputError('cursor is not a cursor of this tool.', {
      field: 'cursor',
      advice: 'Pass page.next_cursor of the previous page unchanged, or leave it out for the first page.',
    });
  }
  if (owner !== shortDigestOf([tool, filters])) {
    throw new InvalidInputError('cursor belongs to a list with other filters.', {
      field: 'cursor',
      advice: 'Repeat the arguments of the previous page with its cursor, or leave the cursor out.',
    });
  }
  return position;
}

function decode(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
