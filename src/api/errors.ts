import { maskSecrets, stripInvisible } from '../model/untrusted-text';

/**
 * Details of an error. Every error says what failed, and what to do next; it quotes the server's message and request id
 * where there are any. No error contains a token, a password or a request body.
 */
export interface ErrorDetails {
  /** Advice on the next step, one sentence. */
  readonly advice?: string | undefined;
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** The server's message, without the class name of the server's programming language in front. */
  readonly serverMessage?: string | undefined;
  /**
   * Id that the server gave the request: the header `x-compute-request-id` or `x-openstack-request-id` of the answer
   * (docs/reference/coriolis-api.md §1.2).
   */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
  /** Calls that help after the error, as operation id (`provider.getSchema`) and input. */
  readonly next?: readonly FollowUp[] | undefined;
  /** Whether the call ended before anything was sent to Coriolis, because its login failed. */
  readonly nothingSent?: boolean | undefined;
}

/** A call that helps after an error. */
export interface FollowUp {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * The text without secrets and invisible characters. A message may quote texts of others, such as the names of similar
 * objects.
 */
const fitToShow = (text: string): string => stripInvisible(maskSecrets(text));

/** Error of a call to Coriolis, with advice on what to do next. Its subclasses are the kinds of errors. */
export abstract class CoriolisError extends Error {
  /** Kind of the error for programs. Part of the published interface. */
  abstract readonly kind: string;
  readonly advice: string | undefined;
  readonly status: number | undefined;
  readonly serverMessage: string | undefined;
  readonly requestId: string | undefined;
  /** Calls that help. */
  readonly next: readonly FollowUp[];
  /** Whether the call ended before anything was sent to Coriolis, because its login failed. */
  readonly nothingSent: boolean;

  constructor(message: string, details: ErrorDetails = {}) {
    super(fitToShow(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.advice = details.advice === undefined ? undefined : fitToShow(details.advice);
    this.status = details.status;
    this.serverMessage = details.serverMessage === undefined ? undefined : fitToShow(details.serverMessage);
    this.requestId = details.requestId;
    this.next = details.next ?? [];
    this.nothingSent = details.nothingSent ?? false;
  }

  /** Adds calls that help. */
  following(calls: readonly FollowUp[]): this {
    return Object.assign(this, { next: [...this.next, ...calls] });
  }

  /** Adds a sentence to the advice. */
  advising(more: string): this {
    const advice = fitToShow(more);
    return Object.assign(this, { advice: this.advice === undefined ? advice : `${this.advice} ${advice}` });
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

/**
 * The object does not exist, or belongs to another project (both look alike: docs/reference/coriolis-domain.md §13).
 */
export class NotFoundError extends CoriolisError {
  readonly kind = 'not_found';
}

/** The object's state forbids the call now: busy, already running, still in use, never executed. */
export class ConflictError extends CoriolisError {
  readonly kind = 'conflict';
}

/**
 * A value is missing or wrong. When one input is responsible, `field` names it as n8n, MCP or the library spells it.
 */
export class InvalidInputError extends CoriolisError {
  readonly kind = 'invalid_input';
  readonly field: string | undefined;

  constructor(message: string, details: ErrorDetails & { readonly field?: string | undefined } = {}) {
    super(message, details);
    this.field = details.field;
  }
}

/**
 * This server, platform or release does not support the call: no worker has the feature, the release is older, or the
 * API is legacy.
 */
export class CapabilityError extends CoriolisError {
  readonly kind = 'capability';
}

/**
 * No usable connection: it was refused or reset, the host is unknown, TLS failed, or a gateway answered with an error
 * (429, 502, 503, 504). `code` is the error code of the operating system (ECONNREFUSED).
 */
export class UnreachableError extends CoriolisError {
  readonly kind = 'unreachable';
  readonly code: string | undefined;
  /** Delay that the answer requests before another attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly code?: string | undefined;
      readonly retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(message, details);
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** No answer arrived within the timeout, or the awaited work did not end within the time of a wait. */
export class TimeoutError extends CoriolisError {
  readonly kind = 'timeout';
}

/** The awaited work did not end well: it failed, was canceled or was deleted. */
export class OutcomeError extends CoriolisError {
  readonly kind = 'outcome';
}

/** The caller canceled the call: the workflow was stopped, or the client canceled. */
export class CanceledError extends CoriolisError {
  readonly kind = 'canceled';
}

/**
 * The answer does not come from Coriolis, or is incomplete: HTML of a proxy, truncated JSON, a redirect, a wrong URL.
 */
export class ProtocolError extends CoriolisError {
  readonly kind = 'protocol';
  /** Whether the change may have happened, because the answer does not prove the contrary. */
  readonly incomplete: boolean;
  /** Whether the answer belongs to another request. A read is then repeated. */
  readonly mixedUp: boolean;

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly incomplete?: boolean | undefined;
      readonly mixedUp?: boolean | undefined;
    } = {},
  ) {
    super(message, details);
    this.incomplete = details.incomplete ?? false;
    this.mixedUp = details.mixedUp ?? false;
  }
}

/** The server failed (HTTP 500 and similar). */
export class ServerError extends CoriolisError {
  readonly kind = 'server';
  /** Whether the change may still happen, because the server gave up waiting for work that goes on. */
  readonly incomplete: boolean;

  constructor(message: string, details: ErrorDetails & { readonly incomplete?: boolean | undefined } = {}) {
    super(message, details);
    this.incomplete = details.incomplete ?? false;
  }
}

/**
 * The answer to a change was lost, and no object shows that the change happened. A repetition may make the change
 * twice.
 */
export class UncertainError extends CoriolisError {
  readonly kind = 'uncertain';
}

/** Whether `error` is a `CoriolisError`, also when another loaded copy of this module made it. */
export function isCoriolisError(error: unknown): error is CoriolisError {
  return error instanceof Error && typeof (error as Partial<CoriolisError>).kind === 'string';
}

/** Converts a caught value to an `Error`. Errors keep their class and message. */
export const asError = (caught: unknown): Error =>
  caught instanceof Error ? caught : new Error(String(caught));
