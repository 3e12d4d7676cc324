import type { ErrorText } from '../error-text';
import { omitKeys } from '../json';
import { connectionErrors } from './connection';
import { coriolisErrors } from './coriolis';
import { destinationErrors } from './destination';
import { morphingErrors } from './morphing';
import { sourceErrors } from './source';
import type { KnownError, ErrorScope } from './known-error';

export type { KnownError } from './known-error';

/** All known errors in matching order: specific ones before generic ones. */
export const KNOWN_ERRORS: readonly KnownError[] = [
  ...coriolisErrors,
  ...sourceErrors,
  ...destinationErrors,
  ...morphingErrors,
  ...connectionErrors,
];

const SIDES = {
  // Only `_SOURCE` or a leading `SOURCE` counts, because "RESOURCES" contains "SOURCE" too.
  src: /(?:^|_)SOURCE|GET_INSTANCE_INFO|SHUTDOWN_INSTANCE|REPLICATE_DISKS/,
  dst: /DESTINATION|TARGET|DEPLOY_(?:TRANSFER|REPLICA)_DISKS|DELETE_(?:TRANSFER|REPLICA)_DISKS|CREATE_INSTANCE_DISKS|INSTANCE_(?:RESOURCES|DEPLOYMENT)|DISK_SNAPSHOTS|OS_?MORPHING|OPTIMAL_FLAVOR|DEPLOYMENT_INPUTS|MINION|REPLICATE_DISKS/,
  morph: /OS_?MORPHING/,
} as const;

/**
 * An error text with its origin. With `taskType` it comes from a task. Without, it comes from an answer of the API, a
 * validation message or an event of a minion pool.
 */
export interface ObservedError {
  readonly text: ErrorText;
  readonly taskType?: string;
  readonly taskStatus?: string;
}

function fits(scope: ErrorScope, { taskType, taskStatus }: ObservedError): boolean {
  // The text of a canceled task is always about the cancellation.
  if (taskStatus === 'CANCELED') return scope === 'cancel';
  switch (scope) {
    case 'any':
      return true;
    case 'cancel':
      return false;
    case 'api':
      return taskType === undefined;
    default:
      return taskType === undefined || SIDES[scope].test(taskType);
  }
}

/**
 * First known error that matches an error, in words for its platforms; undefined when none does, which is common.
 * @param platforms types of the endpoints; undefined when they are not known, so that entries of any platform match
 */
export function matchKnownError(
  error: ObservedError,
  platforms: readonly string[] | undefined,
): KnownError | undefined {
  const found = KNOWN_ERRORS.find(
    ({ scope, onlyPlatform, pattern }) =>
      fits(scope, error) &&
      (onlyPlatform === undefined || platforms === undefined || isAmong(platforms, onlyPlatform)) &&
      pattern.test(error.text.textToMatch),
  );
  return found && inWordsFor(found, platforms ?? []);
}

const isAmong = (platforms: readonly string[], platform: RegExp): boolean =>
  platforms.some((type) => platform.test(type));

const inWordsFor = (known: KnownError, platforms: readonly string[]): KnownError =>
  known.platformWords === undefined || !isAmong(platforms, known.platformWords.platform)
    ? known
    : { ...known, ...omitKeys(known.platformWords, 'platform') };

/** Whether a known error depends on the platforms, so that they are worth a look. */
export const dependsOnPlatform = ({ onlyPlatform, platformWords }: KnownError): boolean =>
  onlyPlatform !== undefined || platformWords !== undefined;

/** Side on which to look for the cause of an error whose text does not name it. */
export type ErrorSide = 'source' | 'destination' | 'both' | 'guest';

/** Side on which a task works, by its type; null for all other and for unknown types. */
export function sideOfTaskType(taskType: string): ErrorSide | null {
  if (SIDES.morph.test(taskType)) return 'guest';
  const source = SIDES.src.test(taskType);
  const destination = SIDES.dst.test(taskType);
  if (source && destination) return 'both';
  if (source) return 'source';
  return destination ? 'destination' : null;
}
