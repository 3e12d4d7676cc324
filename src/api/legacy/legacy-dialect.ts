import type { Dialect } from '../api-request';
import { toCurrentBody } from './answers';
import { needsTranslation, toLegacyRequest } from './requests';

/**
 * Dialect of releases before 1.1: replicas and migrations instead of transfers and deployments
 * (docs/reference/coriolis-domain.md §10).
 */
export const legacyDialect: Dialect = {
  generation: 'legacy',
  convertRequest: toLegacyRequest,
  convertAnswerBody: (request, body) => (needsTranslation(request.path) ? toCurrentBody(body) : body),
};
