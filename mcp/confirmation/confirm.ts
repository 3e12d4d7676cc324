import { randomBytes } from 'node:crypto';
import { ConflictError, InvalidInputError } from '../../src/api/errors';
import type { Preview } from '../../src/vocabulary/preview';
import { digest } from '../results/cursor';
import type { Seal } from './seal';

/** How long a preview may be confirmed. */
export const CONFIRMATION_MINUTES = 10;

/** What a confirmation is for: this call of this caller, on this object, in the state that was shown. */
export interface Confirmable {
  readonly caller: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly subject: Preview['subject'];
}

/** Who agrees: the person whom the client asks, or whoever brings the token in a second call. */
export type Means = 'person' | 'token';

/** A token, and what it is called in the audit log. */
export interface Issued {
  readonly id: string;
  readonly token: string;
}

/**
 * Confirmations of destructive calls. A token proves that the preview of exactly this call was shown within the last ten
 * minutes, whichever process showed it: it holds all that is needed, under a seal. It is worthless once the object has
 * changed or is gone; in the process that redeemed it, it works once.
 */
export class Confirmations {
  /** Tokens already used here, with their expiry. */
  private readonly spent = new Map<string, number>();

  constructor(
    private readonly clock: () => number,
    private readonly seal: Seal,
  ) {}

  /** A token for what a preview has shown. */
  issue(call: Confirmable, means: Means): Issued {
    const expires = this.clock() + CONFIRMATION_MINUTES * 60_000;
    const id = randomBytes(9).toString('base64url');
    const body = [expires, id, ...bindings(call, means)].join('.');
    return { id, token: `${body}.${this.seal.of(body)}` };
  }

  /**
   * Uses a token up, before anything is done.
   * @returns what it is called in the audit log
   * @throws {InvalidInputError} not ours, for another call or caller, used, or expired
   * @throws {ConflictError} the object has changed since the preview
   */
  redeem(token: string, call: Confirmable, means: Means): string {
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

const bindings = ({ caller, tool, input, subject }: Confirmable, means: Means): readonly [string, string] => [
  digest([caller, tool, input, means]),
  digest([subject.id, subject.changed, subject.status]),
];

const wrong = (what: string): InvalidInputError =>
  new InvalidInputError(`confirmation_token ${what}; nothing was done.`, {
    field: 'confirmation_token',
    advice: 'Call again without a confirmation_token for a new preview.',
  });
