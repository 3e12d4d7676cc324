import { USUAL, nothing, quick, then, unexecuted } from '../acts';
import type { Lab } from '../lab';
import type { Scene, SetUp, SetUps } from '../replay';

const transfer = unexecuted(USUAL);

/** Makes a schedule of the transfer from the body of a recording. */
const make = (lab: Lab, scene: Scene, recording: string): Promise<string> =>
  lab.made(`transfers/${scene.transfer}/schedules`, recording);

/** The schedule that most recordings are about: Sundays at 03:30. */
const weekly: SetUp = then(transfer, async (lab, scene) => ({
  schedule: await make(lab, scene, 'schedule-create'),
}));

const change = (before: SetUp, recording: string): SetUp =>
  then(before, async (lab, { transfer: id, schedule }) => {
    await lab.call('PUT', `transfers/${id}/schedules/${schedule}`, lab.bodyOf(recording));
  });

const updated = change(weekly, 'schedule-update');
const withoutExpiration = change(updated, 'schedule-update-remove-expiration');

/** All schedules that the recorded server had accepted for this transfer. */
const several: SetUp = then(weekly, async (lab, scene) => {
  for (const recording of [
    'schedule-create-minimal',
    'schedule-create-disabled',
    'schedule-create-expiration-offset',
    'schedule-create-expiration-no-timezone',
    'schedule-create-expiration-date-only',
    'schedule-create-unknown-field',
  ]) {
    await make(lab, scene, recording);
  }
});

const deleted: SetUp = then(weekly, async (lab, { transfer: id, schedule }) => {
  await lab.call('DELETE', `transfers/${id}/schedules/${schedule}`);
});

/** Schedules of transfers. */
export const schedule: SetUps = {
  'schedule-create': transfer,
  'schedule-create-disabled': transfer,
  'schedule-create-enabled-string-400': transfer,
  'schedule-create-every-minute': unexecuted(quick('test-vm-02')),
  'schedule-create-expiration-date-only': transfer,
  'schedule-create-expiration-no-timezone': transfer,
  'schedule-create-expiration-offset': transfer,
  'schedule-create-expiration-past-400': transfer,
  'schedule-create-hour-out-of-range-400': transfer,
  'schedule-create-hour-string-400': transfer,
  'schedule-create-minimal': transfer,
  'schedule-create-missing-schedule-400': transfer,
  'schedule-create-unknown-field': transfer,
  'schedule-create-unknown-transfer': nothing,
  'schedule-delete-204': weekly,
  'schedule-delete-again': deleted,
  'schedule-list': several,
  'schedule-list-hide-expired': several,
  'schedule-list-show-expired-invalid': weekly,
  'schedule-list-unknown-transfer': weekly,
  'schedule-show': weekly,
  'schedule-show-404': transfer,
  'schedule-update': weekly,
  'schedule-update-400': weekly,
  'schedule-update-empty': withoutExpiration,
  'schedule-update-remove-expiration': updated,
  'schedule-update-unknown-500': transfer,
};
