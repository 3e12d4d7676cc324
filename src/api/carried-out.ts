import { isCoriolisError, UncertainError } from './errors';

/** A change that the server has carried out. */
export interface Change {
  readonly method: string;
  readonly path: string;
  /** Id of the object that it created, or of the execution that it started. */
  readonly id?: string | undefined;
}

/** Errors that tell nothing about whether a change happened. */
const TELL_NOTHING: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'server', 'protocol']);
/** Number of changes that an error names. */
const SHOWN = 5;

/**
 * The changes that one call has made so far. When the call ends in an error all the same, because a later request failed, the
 * error names them: otherwise a caller would take it that nothing happened, and make it again.
 */
export class CarriedOut {
  private readonly changes = new Map<string, string>();

  /** Remembers a change. An object that was made and deleted again is forgotten. */
  readonly note = ({ method, path, id }: Change): void => {
    const object = path.slice(path.lastIndexOf('/') + 1);
    if (method === 'DELETE' && this.changes.delete(object)) return;
    this.changes.set(
      id ?? `${method} ${path}`,
      id === undefined ? `${method} ${path}` : madeBy(method, path, id),
    );
  };

  /** The error of a call, which names what was carried out before. */
  named(error: Error): Error {
    const all = [...this.changes];
    if (!isCoriolisError(error) || all.length === 0) return error;
    const known = `${error.message} ${error.advice ?? ''}`;
    if (all.every(([id]) => known.includes(id))) return error;
    const names = all.slice(0, SHOWN).map(([, words]) => words);
    const others = all.length > SHOWN ? ` and ${all.length - SHOWN} others` : '';
    const done = `This call has carried out: ${names.join(', ')}${others}.`;
    if (!TELL_NOTHING.has(error.kind)) return error.advising(done);
    const { status, serverMessage, requestId } = error;
    return new UncertainError(`${done} What came after it failed: ${error.message}`, {
      cause: error,
      status,
      serverMessage,
      requestId,
      advice: 'Look at it before you repeat the call.',
    });
  }
}

/** Words for an object: "transfer 1234", "execution 7". */
function madeBy(method: string, path: string, id: string): string {
  const collection = method === 'POST' ? path.slice(path.lastIndexOf('/') + 1) : 'executions';
  return `${collection.replace(/s$/u, '').replaceAll('_', ' ')} ${id}`;
}
