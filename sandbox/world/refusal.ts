/** Why the world does not do what it was asked; HTTP turns it into a status and a body (coriolis-api.md §2). */
export type RefusalKind = 'badRequest' | 'forbidden' | 'notFound' | 'conflict' | 'unavailable' | 'internal';

const INTERNAL = 'The server has either erred or is incapable of performing the requested operation.';

export class Refusal extends Error {
  constructor(
    readonly kind: RefusalKind,
    message: string,
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
export const internalError = (message: string = INTERNAL): Refusal => new Refusal('internal', message);
