/** The classes of Python exceptions that a request can raise in the server. */
export type PythonErrorType = 'TypeError' | 'KeyError' | 'AttributeError' | 'ValueError';

/** An exception of Python in the server's code. The place where it is raised decides on the answer. */
export class PythonError extends Error {
  /** @param message as `str(error)` gives it; of a KeyError: the key */
  constructor(
    readonly type: PythonErrorType,
    message: string,
  ) {
    super(message);
  }
}

export const pythonTypeError = (message: string): PythonError => new PythonError('TypeError', message);
export const pythonValueError = (message: string): PythonError => new PythonError('ValueError', message);
