import { randomBytes } from 'node:crypto';
import { ConflictError, InvalidInputError } from '../../src/api/errors';
import { isActive } from '../../src/model/status';
import { formatCount } from '../../src/model/display-texts';
import { quoteText } from '../../src/model/untrusted-text';
import type { Preview } from '../../src/vocabulary/preview';
import { shortDigestOf } from '../results/page-cursor';
import type { Seal } from './seal';

/** Minutes for which a preview can be confirmed. */
export const MAX_CONFIRMATION_MINUTES = 10;

/** Data that a confirmation token is bound to: the caller, the call, and everything that its preview showed. */
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
export type ConfirmationMethod = 'person' | 'token';

/** A confirmation token with its id in the audit log. */
export interface IssuedConfirmationToken {
  readonly id: string;
  readonly token: string;
}

/**
 * Tokens that confirm destructive calls. A token proves that a process with the same key has returned the preview of
 * this call within the last ten minutes. It is refused when anything that the preview showed has changed. A process
 * accepts each token once.
 */
export class ConfirmationTokens {
  /** Tokens that this process has accepted, with their expiry in milliseconds since 1970. */
  private readonly spent = new Map<string, number>();

  constructor(
    private readonly clock: () => number,
    private readonly seal: Seal,
  ) {}

  /** Creates a token for a preview. */
  issue(call: ConfirmableCall, means: ConfirmationMethod): IssuedConfirmationToken {
    const expires = this.clock() + MAX_CONFIRMATION_MINUTES * 60_000;
    const id = randomBytes(9).toString('base64url');
    const body = [expires, id, ...bindings(call, means)].join('.');
    return { id, token: `${body}.${this.seal.sign(body)}` };
  }

  /**
   * Redeems a token.
   * @returns its id in the audit log
   * @throws {InvalidInputError} unknown, expired, already used, or for another call or caller
   * @throws {ConflictError} the preview would show something else now
   */
  redeem(token: string, call: ConfirmableCall, means: ConfirmationMethod): string {
    const parts = token.split('.');
    const proof = parts.pop() ?? '';
    const body = parts.join('.');
    const [expires, id = '', wantedCall, wantedState, wantedFacts = ''] = parts;
    if (parts.length !== 5 || !this.seal.verifies(body, proof)) {
      throw tokenError('was not issued by this server, or the server was restarted');
    }
    if (this.clock() >= Number(expires))
      throw tokenError(`is older than ${MAX_CONFIRMATION_MINUTES} minutes`);
    const [callNow, stateNow] = bindings(call, means);
    if (wantedCall !== callNow) throw tokenError('belongs to a call with other arguments');
    if (this.spent.has(body)) throw tokenError('was used already');
    this.spend(body, Number(expires));
    if (wantedState !== stateNow) {
      const changes = changedFacts(wantedFacts, call);
      throw new ConflictError(
        `The object has changed since the preview: ${changes.join('; ')}. Nothing was done.`,
        { advice: 'Call again without a confirmation_token for a new preview.' },
      );
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
  means: ConfirmationMethod,
): readonly [call: string, state: string, facts: string] => [
  shortDigestOf([caller, tool, input, means]),
  shortDigestOf([subjectFacts(subject), consequences]),
  [...subjectFacts(subject).map(([, value]) => value), ...consequences].map(factDigest).join(''),
];

/**
 * Number of characters of the digest of one fact. These digests are short, because they only tell which facts have
 * changed: the digest of the whole preview decides whether the token is valid.
 */
const FACT_LENGTH = 6;
const factDigest = (fact: string): string => shortDigestOf(fact).slice(0, FACT_LENGTH);

/**
 * Id, name, status and time of the last change of a preview's object, each with the words that errors use for it. The
 * time is empty for an active object, because progress changes it all the time.
 */
const subjectFacts = ({ id, name, status, changed }: Preview['subject']) =>
  [
    ['id', id],
    ['name', name],
    ['status', status],
    ['time of the last change', isActive(status) ? '' : changed],
  ] as const;

const MAX_FACTS_NAMED = 5;
const MAX_FACT_LENGTH = 200;

/**
 * Names the facts that a preview shows now and did not show when its token was issued, each with its present value.
 *
 * @param shown digests in the token, in the order of `bindings`
 */
function changedFacts(shown: string, { subject, consequences }: ConfirmableCall): readonly string[] {
  const digests = shown.match(new RegExp(`.{${FACT_LENGTH}}`, 'gu')) ?? [];
  const facts = subjectFacts(subject);
  const changed = facts
    .filter(([, value], place) => factDigest(value) !== digests[place])
    .map(([words, value]) => `its ${words} is now ${quoted(value)}`);
  const before = digests.slice(facts.length);
  const added = consequences.filter((consequence) => !before.includes(factDigest(consequence)));
  const now = new Set(consequences.map(factDigest));
  const gone = before.filter((digest) => !now.has(digest)).length;
  const named = [...changed, ...added.map((consequence) => `now: ${quoted(consequence)}`)];
  const more = named.length - MAX_FACTS_NAMED;
  return [
    ...named.slice(0, MAX_FACTS_NAMED),
    ...(more > 0 ? [`${more} more`] : []),
    // Only removed sentences are counted: of a replaced one, the error names the new text.
    ...(gone > added.length
      ? [`${formatCount(gone - added.length, 'sentence')} of the preview no longer true`]
      : []),
    ...(named.length === 0 && gone <= added.length ? ['its sentences in another order'] : []),
  ];
}

/** Quotes a fact in « »; these characters inside it are replaced, because the text is untrusted. */
const quoted = (fact: string): string => `«${quoteText(fact, MAX_FACT_LENGTH).replace(/[«»]/gu, '"')}»`;

const tokenError = (what: string): InvalidInputError =>
  new InvalidInputError(`confirmation_token ${what}; nothing was done.`, {
    field: 'confirmation_token',
    advice: 'Call again without a confirmation_token for a new preview.',
  });
