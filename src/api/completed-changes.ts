import { formatCount } from '../model/display-texts';
import { isCoriolisError, UncertainError } from './errors';

/** A change that the server has carried out. */
export interface CompletedChange {
  readonly method: string;
  readonly path: string;
  /** Id of the object that the change created, or of the execution that it started. */
  readonly id?: string | undefined;
  /** Id that the server gave the request; undefined when the answer was lost. */
  readonly requestId?: string | undefined;
}

/** Kinds of errors that do not show whether a change happened. */
const INCONCLUSIVE_KINDS: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'server', 'protocol']);
/** Maximum number of changes that one error names. */
const MAX_NAMED_CHANGES = 5;

/**
 * Changes that one call of an operation has made so far. When a later request of the call fails, the error names these
 * changes; otherwise a caller would assume that nothing happened, and repeat the call.
 */
export class ChangeRecorder {
  private readonly changes = new Map<string, string>();

  /** Records a change. An object that the call created and then deleted again is dropped. */
  readonly record = ({ method, path, id }: CompletedChange): void => {
    const object = path.slice(path.lastIndexOf('/') + 1);
    if (method === 'DELETE' && this.changes.delete(object)) return;
    this.changes.set(
      id ?? `${method} ${path}`,
      id === undefined ? `${method} ${path}` : describeCreated(method, path, id),
    );
  };

  /**
   * Adds the recorded changes to the error of the call. When the error does not show whether its own request happened,
   * returns an `UncertainError` instead.
   */
  addTo(error: Error): Error {
    const all = [...this.changes];
    if (!isCoriolisError(error) || all.length === 0) return error;
    const known = `${error.message} ${error.advice ?? ''}`;
    if (all.every(([id]) => known.includes(id))) return error;
    const names = all.slice(0, MAX_NAMED_CHANGES).map(([, words]) => words);
    const others =
      all.length > MAX_NAMED_CHANGES ? ` and ${formatCount(all.length - MAX_NAMED_CHANGES, 'other')}` : '';
    const done = `This call has carried out: ${names.join(', ')}${others}.`;
    if (!INCONCLUSIVE_KINDS.has(error.kind)) return error.advising(done);
    const { status, serverMessage, requestId } = error;
    return new UncertainError(`${done} What came after it failed: ${error.message}`, {
      cause: error,
      status,
      serverMessage,
      requestId,
      advice: 'Look at these objects before you repeat the call.',
    });
  }
}

/** Describes a created object: "transfer 1234", "execution 7". */
function describeCreated(method: string, path: string, id: string): string {
  const collection = method === 'POST' ? path.slice(path.lastIndexOf('/') + 1) : 'executions';
  return `${collection.replace(/s$/u, '').replaceAll('_', ' ')} ${id}`;
}
