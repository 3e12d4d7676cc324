/** Kind of an error answer, which HTTP converts to a status and a body (docs/reference/coriolis-api.md §2). */
export type ApiErrorKind = 'badRequest' | 'forbidden' | 'notFound' | 'conflict' | 'unavailable' | 'internal';

const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect.';

/** Error answer of the server to a request. */
export class ApiError extends Error {
  static readonly INTERNAL =
    'The server has either erred or is incapable of performing the requested operation.';

  constructor(
    readonly kind: ApiErrorKind,
    message: string,
    /**
     * Text of the server's exception. The generic 500 hides it, errors of body checks show it. Default: the message.
     */
    readonly detail = message,
  ) {
    super(message);
  }
}

/** 404 for an unknown id. */
export const notFound = (message: string): ApiError => new ApiError('notFound', message);
/** 404 whose message begins with the exception's class, `NotFound_Remote`, because it came over the message queue. */
export const notFoundWithClassName = (message: string): ApiError =>
  new ApiError('notFound', `NotFound_Remote: ${message}`);
export const badRequest = (message: string): ApiError => new ApiError('badRequest', message);
export const invalidInput = (message: string): ApiError =>
  new ApiError('badRequest', `Invalid input received: ${message}`);
/** The generic 500, which hides the reason. */
export const internalError = (message: string = ApiError.INTERNAL): ApiError =>
  new ApiError('internal', message);
/** The generic 400 for a TypeError of Python. */
export const malformedRequest = (): ApiError => badRequest(MALFORMED);
