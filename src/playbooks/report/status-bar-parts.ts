import { isObject } from '../../model/json';
import { isActive, outcomeOf, statusLabelOf } from '../../model/status';
import type { EstateStateCount } from '../../pictures/estate-picture';
import { PICTURE_STATES, type PictureState } from '../../pictures/picture-state';

/** Picture states of ended runs, by outcome. */
const STATES_OF_OUTCOMES = { completed: 'done', failed: 'failed', canceled: 'canceled' } as const;

/** State of a transfer or deployment in pictures, such as done or running, from the server's status. */
export function pictureStateOf(status: string): PictureState {
  const outcome = outcomeOf(status);
  if (outcome !== undefined) return STATES_OF_OUTCOMES[outcome];
  if (isActive(status)) return 'running';
  return status === 'PENDING' ? 'waiting' : 'none';
}

/** Makes the parts of a status bar from counts by status, in the order of the legend. */
export function makeStatusBarParts(counts: unknown): readonly EstateStateCount[] {
  const parts = Object.entries(isObject(counts) ? counts : {}).map(([status, count]) => ({
    state: pictureStateOf(status),
    count: Number(count),
    label: statusLabelOf(status).toLowerCase(),
  }));
  return parts.sort((one, other) => PICTURE_STATES.indexOf(one.state) - PICTURE_STATES.indexOf(other.state));
}
