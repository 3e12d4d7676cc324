/** The kind of a refusal; HTTP turns it into a status and a body (coriolis-api.md §2). */
export type RefusalKind = 'badRequest' | 'forbidden' | 'notFound' | 'conflict' | 'unavailable' | 'internal';

const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect.';

/** An error of the server in answer to a request. */
export class Refusal extends Error {
  static readonly INTERNAL =
    'The server has either erred or is incapable of performing the requested operation.';

  constructor(
    readonly kind: RefusalKind,
    message: string,
    /** The text of the exception behind the generic 500, which the check of a body shows; the message when absent. */
    readonly detail = message,
  ) {
    super(message);
  }
}

/** An unknown id. Some routes show the class of the exception that crossed the message queue, others do not. */
export const notFound = (message: string): Refusal => new Refusal('notFound', message);
export const remoteNotFound = (message: string): Refusal =>
  new Refusal('notFound', `NotFound_Remote: ${message}`);
export const badRequest = (message: string): Refusal => new Refusal('badRequest', message);
export const invalidInput = (message: string): Refusal =>
  new Refusal('badRequest', `Invalid input received: ${message}`);
/** The generic 500: the server hides the reason. */
export const internalError = (message: string = Refusal.INTERNAL): Refusal =>
  new Refusal('internal', message);
/** The generic 400 for a TypeError of Python. */
export const malformed = (): Refusal => badRequest(MALFORMED);
