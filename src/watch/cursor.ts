import { isObject } from '../model/json';
import { isSameWatchScope } from './watch-scope';
import type { StoredCodec } from './stored-codec';

/** State of a watch between two polls: plain JSON that the caller stores unread, for one project of one server. */
export interface Cursor {
  readonly version: 1;
  /** Server and project that the cursor belongs to. */
  readonly scope: string;
  readonly [part: string]: unknown;
}

/** Part of the cursor that one poll reads and writes. */
export interface CursorPart<State> extends StoredCodec<State> {
  /** Key of this part in the stored cursor. */
  readonly name: string;
}

export const makeCursorPart = <State>(
  name: string,
  { read, write }: StoredCodec<State>,
): CursorPart<State> => ({
  name,
  read,
  write,
});

/**
 * Reads a stored cursor. Returns neither cursor nor notice when nothing was stored, and a notice when the stored cursor
 * cannot be used.
 *
 * @param scope server and project of the watch
 */
export function readCursor(
  saved: unknown,
  scope: string,
): { readonly cursor?: Cursor; readonly notice?: string } {
  if (saved === undefined || saved === null) return {};
  if (!isObject(saved) || saved['version'] !== 1 || typeof saved['scope'] !== 'string') {
    return {
      notice: formatRestartNotice('its stored state is damaged, or of another version of this package'),
    };
  }
  if (!isSameWatchScope(saved['scope'], scope)) {
    return { notice: formatRestartNotice('its stored state belongs to another server or project') };
  }
  return { cursor: saved as unknown as Cursor };
}

/**
 * Text of the notice that a watch was restarted.
 *
 * @param subject the watch or the title of the event, for example "Replica Older Than Its RPO"
 */
export const formatRestartNotice = (reason: string, subject = 'The watch'): string =>
  `${subject} began anew, because ${reason}. Events between the last poll and this one may be missing.`;
