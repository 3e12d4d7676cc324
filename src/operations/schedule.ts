import { fetchMoveDescription, previewShutdownSchedule } from '../playbooks/transfer-preview';
import { choice, flag, list as listField, number, reference, text } from '../vocabulary/field-constructors';
import { fetchScheduleRows, MAX_TRANSFERS_OF_SCHEDULES, scheduleRowView } from '../lookup/schedule-rows';
import { defineListOperation, defineOperation, defineBulkOperation } from '../operation';
import {
  deletedView,
  optionalTransferIdField,
  shutdownCaution,
  transferIdField,
} from '../fields/common-fields';
import { deleteOne, fetchOne } from '../requests/object-requests';
import {
  createSchedule,
  fetchSchedule,
  findCreatedSchedules,
  makeSchedulePreviewSubject,
  scheduleView,
  updateSchedule,
} from '../resources/schedule';
import { nextRunTimesHint, scheduleTimeFields } from '../fields/schedule-time-fields';

const scheduleId = reference('schedule', 'Schedule', 'Id of the schedule.', { within: 'transferId' });

const scheduleSettings = {
  shutdownInstances: flag(
    'Shut Down Instances',
    'Whether each run shuts the source machines down before the sync.',
    { optional: true, advanced: true, effect: 'destroy', caution: shutdownCaution },
  ),
  autoDeploy: flag('Auto Deploy', 'Whether each run deploys when its execution completes.', {
    optional: true,
    advanced: true,
    since: 'auto_deploy',
  }),
  expiresAt: text('Expires At', 'Time from which no run starts: ISO 8601, UTC unless it names a zone.', {
    optional: true,
    advanced: true,
    placeholder: '2027-12-31T23:59:59Z',
  }),
};

const list = defineListOperation({
  resource: 'schedule',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_schedules',
  summary: 'List the schedules of a transfer (replica), of several or of all',
  description: 'Shows when each fires next. The server skips a run while another runs.',
  effect: 'read',
  input: {
    transferId: optionalTransferIdField,
    transferIds: listField('Transfers', 'Several instead; #word means all with this word in their notes.', {
      optional: true,
      maximum: MAX_TRANSFERS_OF_SCHEDULES,
    }),
    state: choice(
      'State',
      'Only schedules in this state.',
      [
        { value: 'enabled', title: 'Enabled' },
        { value: 'disabled', title: 'Disabled' },
        { value: 'expired', title: 'Expired' },
      ],
      { optional: true },
    ),
    withinHours: number('Within Hours', 'Only schedules that fire within so many hours.', {
      optional: true,
      advanced: true,
      minimum: 1,
      maximum: 8760,
    }),
    hideExpired: flag('Hide Expired', 'Whether to leave out expired schedules.', { advanced: true }),
  },
  output: scheduleRowView,
  position: fetchScheduleRows.position,
  run: fetchScheduleRows,
});

const get = defineOperation({
  resource: 'schedule',
  name: 'get',
  title: 'Get',
  tool: 'get_schedule',
  summary: 'Get a schedule of a transfer (replica)',
  description: 'Shows when it fires next.',
  effect: 'read',
  input: { transferId: transferIdField, scheduleId },
  output: scheduleView,
  run: (coriolis, { transferId: transfer, scheduleId: id }) => fetchSchedule(coriolis, transfer, id),
});

const create = defineBulkOperation({
  resource: 'schedule',
  name: 'create',
  title: 'Create',
  tool: 'create_schedule',
  form: {
    caution:
      'Times are UTC unless a time zone is given. Coriolis stores UTC, so daylight saving shifts the runs by an hour.',
    hint: nextRunTimesHint,
  },
  summary: 'Schedule executions of a transfer (replica)',
  description: 'Check the next runs in the result.',
  effect: 'write',
  input: {
    transferId: transferIdField,
    ...scheduleTimeFields,
    enabled: flag('Enabled', 'Whether the schedule fires.', { default: true }),
    ...scheduleSettings,
  },
  output: scheduleView,
  preview: (coriolis, { transferId: transfer }) =>
    previewShutdownSchedule(coriolis, transfer, {
      id: transfer,
      name: 'new schedule',
      status: 'new',
      changed: '',
    }),
  run: (coriolis, { transferId: transfer, ...settings }) => createSchedule(coriolis, transfer, settings),
  deduplication: {
    findDuplicates: (coriolis, { transferId: transfer, ...settings }, isRecent) =>
      findCreatedSchedules(coriolis, transfer, settings, isRecent),
    durable: true,
    withdraw: (coriolis, { id }, { transferId }) => deleteOne(coriolis, 'schedule', transferId, id),
  },
  bulk: { maximum: 20, rowKeys: ['id', 'when', 'next_runs'] },
});

const update = defineOperation({
  resource: 'schedule',
  name: 'update',
  title: 'Update',
  tool: 'update_schedule',
  form: {
    caution: 'Times are UTC unless a time zone is given. The times given here replace all earlier times.',
    hint: nextRunTimesHint,
  },
  summary: 'Update a schedule of a transfer (replica)',
  description: 'Only given values change; given times replace all earlier times.',
  effect: 'write',
  idempotent: true,
  input: {
    transferId: transferIdField,
    scheduleId,
    ...scheduleTimeFields,
    enabled: flag('Enabled', 'Whether the schedule fires.', { optional: true }),
    ...scheduleSettings,
    noExpiration: flag('No Expiration', 'Whether to remove the expiration.', { advanced: true }),
  },
  output: scheduleView,
  preview: async (coriolis, { transferId: transfer, scheduleId: id }) =>
    await previewShutdownSchedule(
      coriolis,
      transfer,
      makeSchedulePreviewSubject(await fetchSchedule(coriolis, transfer, id)),
    ),
  run: (coriolis, { transferId: transfer, scheduleId: id, ...settings }) =>
    updateSchedule(coriolis, transfer, id, settings),
});

const remove = defineOperation({
  resource: 'schedule',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_schedule',
  summary: 'Delete a schedule of a transfer (replica)',
  description: 'The transfer stays.',
  effect: 'destroy',
  input: { transferId: transferIdField, scheduleId },
  output: deletedView,
  result: { whole: true },
  async preview(coriolis, { transferId: transfer, scheduleId: id }) {
    return {
      subject: makeSchedulePreviewSubject(await fetchSchedule(coriolis, transfer, id)),
      consequences: [
        'The transfer is no longer executed at these times.',
        ...(await fetchMoveDescription(coriolis, await fetchOne(coriolis, 'transfer', transfer))),
      ],
    };
  },
  run: (coriolis, { transferId: transfer, scheduleId: id }) => deleteOne(coriolis, 'schedule', transfer, id),
});

export const scheduleOperations = [create, list, get, update, remove] as const;
