import { randomBytes } from 'node:crypto';
import { ConflictError, InvalidInputError } from '../../src/api/errors';
import type { Preview } from '../../src/vocabulary/preview';
import { shortDigest } from '../results/cursor';
import type { Seal } from './seal';

/** Minutes for which a preview can be confirmed. */
export const CONFIRMATION_MINUTES = 10;

/** Data that a confirmation is bound to: the caller, the call, and everything that its preview showed. */
export interface ConfirmableCall {
  readonly caller: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly subject: Preview['subject'];
  /** Consequences as the preview showed them. */
  readonly consequences: Preview['consequences'];
}

/**
 * Way to confirm a call: the person answers the client's prompt (elicitation), or a second call brings the token.
 */
export type ConfirmedBy = 'person' | 'token';

/** A confirmation token with its id in the audit log. */
export interface IssuedToken {
  readonly id: string;
  readonly token: string;
}

/**
 * Tokens that confirm destructive calls. A token proves that the preview of this call was shown within the last ten
 * minutes, by any process with the same key. It is refused when anything that the preview showed has changed, and works
 * once in the process that redeemed it.
 */
export class ConfirmationTokens {
  /** Redeemed tokens with their expiry. */
  private readonly spent = new Map<string, number>();

  constructor(
    private readonly clock: () => number,
    private readonly seal: Seal,
  ) {}

  /** Creates a token for a preview. */
  issue(call: ConfirmableCall, means: ConfirmedBy): IssuedToken {
    const expires = this.clock() + CONFIRMATION_MINUTES * 60_000;
    const id = randomBytes(9).toString('base64url');
    const body = [expires, id, ...bindings(call, means)].join('.');
    return { id, token: `${body}.${this.seal.of(body)}` };
  }

  /**
   * Redeems a token.
   * @returns its id in the audit log
   * @throws {InvalidInputError} unknown, expired, already used, or for another call or caller
   * @throws {ConflictError} the preview would show something else now
   */
  redeem(token: string, call: ConfirmableCall, means: ConfirmedBy): string {
    const parts = token.split('.');
    const proof = parts.pop() ?? '';
    const body = parts.join('.');
    const [expires, id = '', wantedCall, wantedState] = parts;
    if (parts.length !== 4 || !this.seal.matches(body, proof)) {
      throw wrong('was not issued by this server, or the server was restarted');
    }
    if (this.clock() >= Number(expires)) throw wrong(`is older than ${CONFIRMATION_MINUTES} minutes`);
    const [callNow, stateNow] = bindings(call, means);
    if (wantedCall !== callNow) throw wrong('belongs to a call with other arguments');
    if (this.spent.has(body)) throw wrong('was used already');
    this.spend(body, Number(expires));
    if (wantedState !== stateNow) {
      throw new ConflictError('The object has changed since the preview; nothing was done.', {
        advice: 'Call again without a confirmation_token for a new preview.',
      });
    }
    return id;
  }

  private spend(body: string, expires: number): void {
    const now = this.clock();
    for (const [one, end] of this.spent) if (end <= now) this.spent.delete(one);
    this.spent.set(body, expires);
  }
}

const bindings = (
  { caller, tool, input, subject, consequences }: ConfirmableCall,
  means: ConfirmedBy,
): readonly [string, string] => [
  shortDigest([caller, tool, input, means]),
  shortDigest([subject, consequences]),
];

const wrong = (what: string): InvalidInputError =>
  new InvalidInputError(`confirmation_token ${what}; nothing was done.`, {
    field: 'confirmation_token',
    advice: 'Call again without a confirmation_token for a new preview.',
  });
