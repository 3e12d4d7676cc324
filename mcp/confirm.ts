import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConflictError, InvalidInputError } from '../src/api/errors';
import type { Preview } from '../src/operation';
import { digest } from './cursor';

/** How long a preview may be confirmed. */
export const CONFIRMATION_MINUTES = 10;

/** What a confirmation is for: this call, on this object, in the state that was shown. */
export interface Confirmable {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly subject: Preview['subject'];
}

/**
 * Confirmations of destructive calls. A token proves that the preview of exactly this call was shown within the last ten
 * minutes; it works once, in this process, while the object has not changed.
 */
export class Confirmations {
  private readonly key = randomBytes(32);
  /** Tokens already used, with their expiry. */
  private readonly spent = new Map<string, number>();

  constructor(private readonly clock: () => number) {}

  /** A token for what a preview has shown. */
  issue(call: Confirmable): string {
    const expires = this.clock() + CONFIRMATION_MINUTES * 60_000;
    const body = [expires, randomBytes(9).toString('base64url'), ...this.bindings(call)].join('.');
    return `${body}.${this.seal(body)}`;
  }

  /**
   * Uses a token up, before anything is done.
   * @throws {InvalidInputError} not ours, for another call, used, or expired
   * @throws {ConflictError} the object has changed since the preview
   */
  redeem(token: string, call: Confirmable): void {
    const parts = token.split('.');
    const seal = parts.pop() ?? '';
    const body = parts.join('.');
    const [expires, , wantedCall, wantedState] = parts;
    if (parts.length !== 4 || !sameText(seal, this.seal(body))) {
      throw wrong('was not issued by this server, or the server was restarted');
    }
    if (this.clock() >= Number(expires)) throw wrong(`is older than ${CONFIRMATION_MINUTES} minutes`);
    const [callNow, stateNow] = this.bindings(call);
    if (wantedCall !== callNow) throw wrong('belongs to a call with other arguments');
    if (this.spent.has(body)) throw wrong('was used already');
    this.spend(body, Number(expires));
    if (wantedState !== stateNow) {
      throw new ConflictError('The object has changed since the preview; nothing was done.', {
        advice: 'Call again without a confirmation_token for a new preview.',
      });
    }
  }

  private bindings({ tool, input, subject }: Confirmable): readonly [string, string] {
    return [digest([tool, input]), digest([subject.id, subject.changed, subject.status])];
  }

  private seal(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('base64url');
  }

  private spend(body: string, expires: number): void {
    const now = this.clock();
    for (const [one, end] of this.spent) if (end <= now) this.spent.delete(one);
    this.spent.set(body, expires);
  }
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const wrong = (what: string): InvalidInputError =>
  new InvalidInputError(`confirmation_token ${what}; nothing was done.`, {
    field: 'confirmation_token',
    advice: 'Call again without a confirmation_token for a new preview.',
  });
