import { toLegacyAnswer } from './legacy/answers';
import { toCurrentPath } from './legacy/paths';
import { toCurrentRequestBody } from './legacy/requests';
import type { ReleaseFeatures, Generation } from '../world/releases';
import type { Dialect } from './dialect';
import { makeReleaseDialect } from './release-dialect';

/** Chooses the dialect of a server, by its generation and features. */
export function chooseDialect(generation: Generation, features: ReleaseFeatures): Dialect {
  if (generation === 'legacy')
    return {
      convertPath: toCurrentPath,
      convertRequestBody: toCurrentRequestBody,
      convertAnswerBody: toLegacyAnswer,
    };
  return makeReleaseDialect(features);
}
