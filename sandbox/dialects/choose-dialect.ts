import { legacyAnswer } from './legacy/answers';
import { currentPath } from './legacy/paths';
import { currentBody } from './legacy/requests';
import type { Features, Generation } from '../world/generation';
import type { Dialect } from './dialect';
import { olderDialect } from './older-releases';

/** Chooses the dialect of a server, by its generation and features. */
export function chooseDialect(generation: Generation, features: Features): Dialect {
  if (generation === 'legacy') return { path: currentPath, request: currentBody, answer: legacyAnswer };
  return olderDialect(features);
}
