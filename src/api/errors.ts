/**
 * One class per thing a caller can act on. Every error says what failed and on what, in the server's own words where
 * there are any, with the request id for support, and what to do next. None ever holds a token, a password or a request
 * body.
 */
export interface ErrorDetails {
  /** What to do next, one sentence. */
  readonly advice?: string;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** The server's own words, without the class prefix of its language. */
  readonly serverMessage?: string;
  /** `x-compute-request-id` or `x-openstack-request-id` of the answer (coriolis-api.md §1.2). */
  readonly requestId?: string;
  readonly cause?: unknown;
}

export abstract class CoriolisError extends Error {
  /** Stable word for programs: part of the published interface. */
  abstract readonly kind: string;
  readonly advice: string | undefined;
  readonly status: number | undefined;
  readonly serverMessage: string | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.advice = details.advice;
    this.status = details.status;
    this.serverMessage = details.serverMessage;
    this.requestId = details.requestId;
  }

  /** This error, with one more sentence about what to do next. */
  advising(more: string): this {
    return Object.assign(this, { advice: this.advice === undefined ? more : `${this.advice} ${more}` });
  }
}

/** The login was refused, or a token no longer works after a new login. */
export class AuthenticationError extends CoriolisError {
  readonly kind = 'authentication';
}

/** The user is known but may not do this (403 by policy). */
export class ForbiddenError extends CoriolisError {
  readonly kind = 'forbidden';
}

/** The object does not exist, or belongs to another project (both look alike: coriolis-domain.md §13). */
export class NotFoundError extends CoriolisError {
  readonly kind = 'not_found';
}

/** The object's state forbids it now: busy, already running, still in use, never executed. */
export class ConflictError extends CoriolisError {
  readonly kind = 'conflict';
}

/** A value is missing or wrong. `field` names the input, as the face spells it, when one is to blame. */
export class InvalidInputError extends CoriolisError {
  readonly kind = 'invalid_input';
  readonly field: string | undefined;

  constructor(message: string, details: ErrorDetails & { readonly field?: string } = {}) {
    super(message, details);
    this.field = details.field;
  }
}

/** This server, platform or version cannot do it: no worker with the feature, an older release, a legacy API. */
export class CapabilityError extends CoriolisError {
  readonly kind = 'capability';
}

/**
 * No way through: refused, reset, unknown host, TLS, or a proxy that says so (429, 502, 503, 504). `code` is the operating
 * system's word (ECONNREFUSED).
 */
export class UnreachableError extends CoriolisError {
  readonly kind = 'unreachable';
  readonly code: string | undefined;
  /** How long the answer asked to wait before another attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: ErrorDetails & { readonly code?: string; readonly retryAfterMs?: number } = {},
  ) {
    super(message, details);
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** No answer, or no end, within the given time. */
export class TimeoutError extends CoriolisError {
  readonly kind = 'timeout';
}

/** Work that was waited for did not end well: failed, canceled or deleted. */
export class OutcomeError extends CoriolisError {
  readonly kind = 'outcome';
}

/** The caller gave up (the workflow was stopped, the client cancelled). */
export class CanceledError extends CoriolisError {
  readonly kind = 'canceled';
}

/** An answer that is not Coriolis: HTML of a proxy, truncated JSON, a redirect, a wrong URL. */
export class ProtocolError extends CoriolisError {
  readonly kind = 'protocol';
  /** Whether it was a success that broke off on the way: what was asked has happened, its result is unknown. */
  readonly incomplete: boolean;

  constructor(message: string, details: ErrorDetails & { readonly incomplete?: true } = {}) {
    super(message, details);
    this.incomplete = details.incomplete ?? false;
  }
}

/** The server failed (500 and the like). The operation may have happened. */
export class ServerError extends CoriolisError {
  readonly kind = 'server';
}

/** The answer to a change was lost and nothing was found that proves it happened. Repeating may do it twice. */
export class UncertainError extends CoriolisError {
  readonly kind = 'uncertain';
}

/** Whether `error` is one of ours, also when it crossed a module copy. */
export function isCoriolisError(error: unknown): error is CoriolisError {
  return error instanceof Error && typeof (error as Partial<CoriolisError>).kind === 'string';
}

/**
 * What was caught, as an error to throw on. Whatever throws it keeps its class and its words, so nothing is lost on the way
 * to the face that knows how to show it.
 */
export const asError = (caught: unknown): Error =>
  caught instanceof Error ? caught : new Error(String(caught));
