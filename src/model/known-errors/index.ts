import type { ErrorText } from '../error-text';
import { connectionErrors } from './connection';
import { coriolisErrors } from './coriolis';
import { destinationErrors } from './destination';
import { morphingErrors } from './morphing';
import { sourceErrors } from './source';
import type { KnownError, Scope } from './types';

export type { Category, KnownError, Retry, Scope } from './types';

/** All entries in matching order: the specific before the generic. */
export const KNOWN_ERRORS: readonly KnownError[] = [
  ...coriolisErrors,
  ...sourceErrors,
  ...destinationErrors,
  ...morphingErrors,
  ...connectionErrors,
];

const SIDES = {
  // "RESOURCES" contains "SOURCE".
  src: /(?:^|_)SOURCE|GET_INSTANCE_INFO|SHUTDOWN_INSTANCE|REPLICATE_DISKS/,
  dst: /DESTINATION|TARGET|DEPLOY_(?:TRANSFER|REPLICA)_DISKS|DELETE_(?:TRANSFER|REPLICA)_DISKS|CREATE_INSTANCE_DISKS|INSTANCE_(?:RESOURCES|DEPLOYMENT)|DISK_SNAPSHOTS|OS_?MORPHING|OPTIMAL_FLAVOR|DEPLOYMENT_INPUTS|MINION|REPLICATE_DISKS/,
  morph: /OS_?MORPHING/,
} as const;

/** Where a text comes from. Without a task it is an answer of the API, a validation's message or an event of a pool. */
export interface ErrorSource {
  readonly taskType?: string;
  readonly taskStatus?: string;
}

function fits(scope: Scope, { taskType, taskStatus }: ErrorSource): boolean {
  // What a canceled task says is only ever about its cancellation.
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

/** The first entry that recognises the text; undefined when it is not known, which is a normal result. */
export function matchKnownError(text: ErrorText, source: ErrorSource): KnownError | undefined {
  return KNOWN_ERRORS.find((known) => fits(known.scope, source) && known.pattern.test(text.match));
}

/** Where to look when the text does not tell. */
export type Side = 'source' | 'destination' | 'both' | 'guest';

/** The side on which a task works, by its type; null for tasks of neither or unknown ones. */
export function sideOf(taskType: string): Side | null {
  if (SIDES.morph.test(taskType)) return 'guest';
  const source = SIDES.src.test(taskType);
  const destination = SIDES.dst.test(taskType);
  if (source && destination) return 'both';
  if (source) return 'source';
  return destination ? 'destination' : null;
}
