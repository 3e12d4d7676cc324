import { createHash } from 'node:crypto';
import { InvalidInputError } from '../../src/api/errors';
import { isObject } from '../../src/model/json';

/** JSON with sorted keys: two calls that ask for the same have the same text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    isObject(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([one], [other]) => (one < other ? -1 : 1)))
      : entry,
  );
}

/** A short fingerprint of a value. */
export const digest = (value: unknown): string =>
  createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 16);

/** An opaque text that continues a list behind `position`; it belongs to the tool and the filters it was made for. */
export const makeCursor = (tool: string, filters: unknown, position: string): string =>
  Buffer.from(JSON.stringify([digest([tool, filters]), position])).toString('base64url');

/**
 * The position that a cursor stands for.
 * @throws {InvalidInputError} it is none of ours, or was made for another list
 */
export function readCursor(cursor: string, tool: string, filters: unknown): string {
  const [owner, position] = decode(cursor);
  if (typeof owner !== 'string' || typeof position !== 'string') {
    throw new InvalidInputError('cursor is not one that this tool has given.', {
      field: 'cursor',
      advice: 'Pass page.next_cursor of the page before unchanged, or leave it out for the first page.',
    });
  }
  if (owner !== digest([tool, filters])) {
    throw new InvalidInputError('cursor belongs to a list with other filters.', {
      field: 'cursor',
      advice: 'Repeat the arguments of the page before with its cursor, or leave the cursor out.',
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
