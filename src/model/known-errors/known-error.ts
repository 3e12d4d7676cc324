/**
 * Error texts that an entry applies to. `src`, `dst`: tasks on the source or destination side. `morph`: tasks of OS
 * morphing. `cancel`: only tasks in status CANCELED. `api`: texts without a task (answers of the API, validations,
 * events of minion pools). `any`: all, except tasks in status CANCELED. The first three also apply to texts without a
 * task.
 */
export type ErrorScope = 'any' | 'src' | 'dst' | 'morph' | 'cancel' | 'api';

/** Category of a cause. It shows who has to act. */
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
 * Advice on a new execution or deployment. `yes`: repeat it at most twice, with a pause. `after_fix`: repeat it once
 * the remedy was applied. `no`: repeating cannot help or can do harm.
 */
export type RetryAdvice = 'yes' | 'after_fix' | 'no';

/** Words about an error on one platform. */
export interface PlatformWords {
  readonly platform: RegExp;
  readonly cause?: string;
  readonly remedy?: string;
  readonly document?: string;
}

/** Error with a known cause and remedy, recognised by fragments of its text. */
export interface KnownError {
  /** Identifier for programs, which never changes. */
  readonly id: string;
  readonly scope: ErrorScope;
  /** Pattern for `ErrorText.match`. It ignores case, has no look-behind, and every gap has a maximum length. */
  readonly pattern: RegExp;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  /** Remedy for a transfer that already has the setting that `remedy` recommends. */
  readonly ifAlreadySet?: {
    readonly side: 'source' | 'destination';
    readonly setting: string;
    readonly remedy: string;
  };
  /** The platform whose texts the pattern matches, by the type of an endpoint. Between others, the entry fits nothing. */
  readonly onlyPlatform?: RegExp;
  /** Words for one platform in place of those for any, when an endpoint is of it. */
  readonly platformWords?: PlatformWords;
  readonly category: ErrorCategory;
  readonly retry: RetryAdvice;
  /**
   * Evidence for the pattern. `recording`: a recorded answer. `code`: public source code. `doc`: the documentation of
   * Coriolis. `vendor`: known texts of a platform. `assumed`: plausible wording only.
   */
  readonly evidence: 'recording' | 'code' | 'doc' | 'vendor' | 'assumed';
  /** Page of the Coriolis documentation (repository `cloudbase/coriolis-docs`, folder `source`). */
  readonly document?: string;
}
