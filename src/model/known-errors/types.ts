/**
 * Task types that an entry applies to: the source or destination side, OS morphing, tasks in status CANCELED only,
 * texts without a task (answers of the API, validations, pool events), or everything.
 */
export type ErrorScope = 'any' | 'src' | 'dst' | 'morph' | 'cancel' | 'api';

/** Category of a cause; it says who has to act. */
export type ErrorCategory =
  | 'credentials'
  | 'network'
  | 'capacity/quota'
  | 'configuration'
  | 'source VM'
  | 'guest OS/morphing'
  | 'platform'
  | 'licence'
  | 'worker/infrastructure'
  | 'bug';

/**
 * Advice on a new execution or deployment: `yes` twice at most with a pause, `after_fix` once the remedy was applied,
 * `no` when repeating cannot help or can harm.
 */
export type RetryAdvice = 'yes' | 'after_fix' | 'no';

/** An error with a known cause and remedy, matched by fragments of its text. */
export interface KnownError {
  /** Identifier for programs. Never changes. */
  readonly id: string;
  readonly scope: ErrorScope;
  /** Matched against the normalised text. Ignores case; no look-behind; every gap is bounded. */
  readonly pattern: RegExp;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  /** Remedy for a transfer that already has the setting named in `remedy`. */
  readonly ifAlreadySet?: {
    readonly side: 'source' | 'destination';
    readonly setting: string;
    readonly remedy: string;
  };
  readonly category: ErrorCategory;
  readonly retry: RetryAdvice;
  /**
   * Evidence for the pattern: a recorded answer, public source, vendor documentation, well-known texts of a platform,
   * or plausible wording only.
   */
  readonly confidence: 'recording' | 'code' | 'doc' | 'vendor' | 'assumed';
  /** Page of the Coriolis documentation (repository `cloudbase/coriolis-docs`, folder `source`). */
  readonly document?: string;
}
