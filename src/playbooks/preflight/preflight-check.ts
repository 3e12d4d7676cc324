import { asError, isCoriolisError, type CoriolisError } from '../../api/errors';
import type { CopyState } from '../../model/last-copy';
import type { Deployment, Endpoint, Execution, Transfer } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import { key, type OutputOf } from '../../vocabulary/result-keys';

/** Kind of run that a preflight is made for. */
export type PreflightPurpose = 'execution' | 'deployment';

/** Result keys of one check. */
export const preflightCheckKeys = {
  check: key.text('Subject of the check'),
  status: key.text('blocking, warning or ok'),
  message: key.text('Finding', { untrusted: true }),
};

/** Result of one check: its subject, its status and a message. */
export interface PreflightCheck extends OutputOf<typeof preflightCheckKeys> {
  readonly status: 'blocking' | 'warning' | 'ok';
}

/** Objects of the server that all checks use, read once. */
export interface PreflightSituation {
  readonly purpose: PreflightPurpose;
  /** The transfer, with the server's data about its machines (`info`) where the server shows them. */
  readonly transfer: Transfer;
  /** Last usable copy of the transfer; undefined when the history is too long to find it. */
  readonly lastCopy: CopyState | undefined;
  /** Executions of the transfer, newest first, at most ten. */
  readonly executions: readonly Execution[];
  /** Deployments of the transfer, newest first. */
  readonly deployments: readonly Deployment[];
  /** Origin endpoint; null when it was deleted. */
  readonly origin: Endpoint | null;
  /** Destination endpoint; null when it was deleted. */
  readonly destination: Endpoint | null;
  /** The server's time, milliseconds since 1970. */
  readonly now: number;
}

/** Makes the result of a check that blocks the run. */
export const makeBlockingCheck = (check: string, message: string): PreflightCheck => ({
  check,
  status: 'blocking',
  message,
});
/** Makes the result of a check that warns and does not block the run. */
export const makeWarningCheck = (check: string, message: string): PreflightCheck => ({
  check,
  status: 'warning',
  message,
});
/** Makes the result of a passed check. */
export const makeOkCheck = (check: string, message: string): PreflightCheck => ({
  check,
  status: 'ok',
  message,
});

/** Error that a platform or worker returned instead of an answer: its kind and the server's message. */
export class FailedAnswer {
  constructor(
    readonly kind: CoriolisError['kind'],
    readonly words: string,
  ) {}
}

/** Awaits an answer. Errors of the given kinds are returned instead of thrown. */
export async function awaitAnswerOrFailure<Answer>(
  asked: Promise<Answer>,
  kinds: ReadonlyArray<CoriolisError['kind']>,
): Promise<Answer | FailedAnswer> {
  try {
    return await asked;
  } catch (error) {
    if (!isCoriolisError(error) || !kinds.includes(error.kind)) throw asError(error);
    const words = error.serverMessage?.trim();
    return new FailedAnswer(
      error.kind,
      quoteText(words === undefined || words === '' ? error.message : words, 200),
    );
  }
}

/** Kinds of errors by which a platform leaves a question unanswered. */
export const UNANSWERED_ERROR_KINDS = [
  'capability',
  'timeout',
  'server',
  'unreachable',
  'invalid_input',
  'not_found',
] as const;

/** Maximum number of names in a message. */
const SHOWN = 5;

/** Joins the first `SHOWN` names of a list and counts the others: "a, b and 3 more". */
export const quoteFirstNames = (texts: readonly string[]): string =>
  texts
    .slice(0, SHOWN)
    .map((text) => quoteText(text, 60))
    .join(', ') + (texts.length > SHOWN ? ` and ${texts.length - SHOWN} more` : '');
