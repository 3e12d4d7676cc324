import { nothing } from '../acts';
import type { SetUps } from '../replay';

/** The worker processes, and what all processes tell about themselves. */
export const service: SetUps = {
  diagnostics: nothing,
  'service-create-missing-400': nothing,
  'service-delete-403': nothing,
  'service-list': nothing,
  'service-show': nothing,
  'service-show-404': nothing,
  'service-update': nothing,
};
