import { isObject } from '../model/json';
import type { Stored } from './stored';

/** State of a watch: plain JSON, opaque to its keeper, bound to one project of one server. */
export interface Cursor {
  readonly version: 1;
  readonly scope: string;
  readonly [part: string]: unknown;
}

/** Part of the cursor that one poll reads and writes. Its name is a key on disk. */
export interface CursorPart<State> extends Stored<State> {
  readonly name: string;
}

export const cursorPart = <State>(name: string, { read, write }: Stored<State>): CursorPart<State> => ({
  name,
  read,
  write,
});

/** The stored cursor, unless another scope or another version of this package wrote it. */
export function readCursor(saved: unknown, scope: string): Cursor | undefined {
  if (!isObject(saved) || saved['version'] !== 1 || saved['scope'] !== scope) return undefined;
  return saved as unknown as Cursor;
}
