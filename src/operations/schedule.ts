import { InvalidInputError } from '../api/errors';
import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { flag, reference, text } from '../vocabulary/fields';
import type { JsonObject } from '../model/json';
import { hasSettings } from '../model/same-settings';
import { describeSchedule, nextRuns } from '../model/schedule';
import { parseTime, toIsoTime } from '../model/timing';
import type { Schedule } from '../model/types';
import { defineList, defineOperation } from '../operation';
import { subjectOf, type Preview } from '../vocabulary/preview';
import { key, view } from '../vocabulary/shape';
import { deletedView, shutdownCaution, transferId } from '../resources/inputs';
import { given } from '../resources/payload';
import { asUtc, expirationBody, formHint, shownRuns, times, timesBody } from '../resources/schedule-times';

const scheduleId = reference('schedule', 'Schedule', 'Id of the schedule.', { within: 'transferId' });

/** A schedule with the server's time of the answer, in milliseconds. */
interface Observed extends Schedule {
  readonly observed_at: number;
}

const scheduleView = view<Observed>()(
  {
    id: key.text('Schedule id'),
    transfer_id: key.text('Transfer it executes'),
    when: key.text('When it fires, in words, UTC'),
    next_runs: key.texts('Next five times, UTC; none while disabled or expired'),
    enabled: key.flag('Whether it fires'),
    shutdown_instances: key.flag('Whether it shuts the source machines down before the sync'),
    auto_deploy: key.flag('Whether it deploys when the execution completes', { nullable: true }),
    expires_at: key.time('From then on it no longer fires', { nullable: true }),
    created_at: key.time('Created'),
  },
  (schedule) => ({
    id: schedule.id,
    transfer_id: schedule.transfer_id,
    when: describeSchedule(schedule.schedule),
    next_runs: schedule.enabled
      ? nextRuns(
          schedule.schedule,
          schedule.observed_at,
          shownRuns,
          parseTime(schedule.expiration_date) ?? undefined,
        ).map(asUtc)
      : [],
    enabled: schedule.enabled,
    // The API has the singular here and the plural on executions (trap 2); results have one spelling.
    shutdown_instances: schedule.shutdown_instance,
    auto_deploy: schedule.auto_deploy ?? null,
    expires_at: toIsoTime(schedule.expiration_date),
    created_at: schedule.created_at,
  }),
);

const switches = {
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
  expiresAt: text('Expires At', 'No run from this time on: ISO 8601, UTC unless it names a zone.', {
    optional: true,
    advanced: true,
    placeholder: '2027-12-31T23:59:59Z',
  }),
};

async function observed(coriolis: Coriolis, call: Promise<{ schedule: Schedule }>): Promise<Observed> {
  const { schedule } = await call;
  return { ...schedule, observed_at: coriolis.clock() };
}

/** Whether a schedule already has the changed values. The server formats times differently. */
const holds = (schedule: Schedule, { expiration_date: expires, ...changes }: JsonObject): boolean =>
  (expires === undefined ||
    parseTime(schedule.expiration_date) === parseTime(expires === null ? null : String(expires))) &&
  hasSettings(schedule, changes);

const fetchSchedule = ({ client }: Coriolis, transfer: string, id: string) =>
  client.get<{ schedule: Schedule }>(path`/transfers/${transfer}/schedules/${id}`);

/** Finds a schedule with these times that was created recently. */
async function findCreated(
  { client }: Coriolis,
  transfer: string,
  when: Schedule['schedule'],
  lately: (createdAt: string) => boolean,
  isIt: (one: Schedule) => boolean = () => true,
): Promise<Schedule | undefined> {
  const { schedules } = await client.get<{ schedules: Schedule[] }>(path`/transfers/${transfer}/schedules`);
  const words = describeSchedule(when);
  return schedules.find(
    (one) => lately(one.created_at) && describeSchedule(one.schedule) === words && isIt(one),
  );
}

const scheduleSubject = (schedule: Schedule) =>
  subjectOf(schedule, describeSchedule(schedule.schedule), schedule.enabled ? 'enabled' : 'disabled');

/** Preview of a schedule that shuts machines down, for create and update. */
const shutdownPreview = (subject: Preview['subject']) => ({
  subject,
  consequences: ['Each run shuts the source machines down, and Coriolis does not start them again.'],
});

const list = defineList({
  resource: 'schedule',
  name: 'getAll',
  title: 'Get Many',
  tool: 'list_schedules',
  summary: 'List the schedules of a transfer (replica)',
  description: 'Shows when each fires next. A run that falls into another one is skipped by the server.',
  effect: 'read',
  serves: ['L-SCH-LIST', 'C-SCH-LIST'],
  input: {
    transferId,
    hideExpired: flag('Hide Expired', 'Whether to leave out those that have expired.', { advanced: true }),
  },
  output: scheduleView,
  position: ({ created_at, id }) => `${created_at} ${id}`,
  async *run(coriolis, { transferId: transfer, hideExpired }, { after }) {
    const { schedules } = await coriolis.client.get<{ schedules: Schedule[] }>(
      path`/transfers/${transfer}/schedules`,
      { query: { show_expired: hideExpired ? false : undefined } },
    );
    // An unknown transfer has an empty list, not a 404 (trap 18), so the transfer is read.
    if (schedules.length === 0) await coriolis.client.get(path`/transfers/${transfer}`);
    const rows = schedules
      .map((schedule) => ({ ...schedule, observed_at: coriolis.clock() }))
      .sort((one, other) => list.position(one).localeCompare(list.position(other)));
    for (const row of rows) if (after === undefined || list.position(row) > after) yield row;
  },
});

const get = defineOperation({
  resource: 'schedule',
  name: 'get',
  title: 'Get',
  tool: 'get_schedule',
  summary: 'Get a schedule of a transfer (replica)',
  description: 'Shows when it fires next.',
  effect: 'read',
  serves: ['L-SCH-SHOW', 'C-SCH-SHOW'],
  input: { transferId, scheduleId },
  output: scheduleView,
  run: (coriolis, { transferId: transfer, scheduleId: id }) =>
    observed(coriolis, fetchSchedule(coriolis, transfer, id)),
});

const create = defineOperation({
  resource: 'schedule',
  name: 'create',
  title: 'Create',
  tool: 'create_schedule',
  caution:
    'Times are UTC unless a time zone is given. Coriolis keeps UTC, so daylight saving moves them by an hour.',
  summary: 'Schedule executions of a transfer (replica)',
  description: 'Times are UTC. The result shows the next five runs: check them.',
  effect: 'write',
  serves: ['L-SCH-CREATE', 'C-SCH-CREATE'],
  input: {
    transferId,
    ...times,
    enabled: flag('Enabled', 'Whether it fires.', { default: true }),
    ...switches,
  },
  formHint,
  output: scheduleView,
  preview: async (coriolis, { transferId: transfer }) => {
    await coriolis.client.get(path`/transfers/${transfer}`);
    return shutdownPreview({ id: transfer, name: 'new schedule', status: 'new', changed: '' });
  },
  async run(coriolis, input) {
    const schedule = timesBody(input, coriolis.clock());
    if (schedule === undefined) {
      throw new InvalidInputError('A schedule needs at least a minute.', {
        field: 'minute',
        advice: 'Without any time it would fire every minute.',
      });
    }
    const schedules = path`/transfers/${input.transferId}/schedules`;
    const body = {
      schedule,
      enabled: input.enabled,
      shutdown_instance: input.shutdownInstances ?? false,
      ...given({ auto_deploy: input.autoDeploy, expiration_date: expirationBody(input.expiresAt) }),
    };
    const { client } = coriolis;
    return await observed(
      coriolis,
      client.post<{ schedule: Schedule }>(schedules, body, {
        recover: async (createdSince) => {
          const found = await findCreated(coriolis, input.transferId, schedule, createdSince);
          return found && { schedule: found };
        },
      }),
    );
  },
  retry: {
    async findDuplicate(coriolis, input, isRecent) {
      const schedule = timesBody(input, coriolis.clock());
      const settings = {
        enabled: input.enabled,
        shutdown_instance: input.shutdownInstances ?? false,
        auto_deploy: input.autoDeploy ?? false,
        expiration_date: expirationBody(input.expiresAt) ?? null,
      };
      const isSame = (one: Schedule) => holds(one, settings);
      const found = schedule && (await findCreated(coriolis, input.transferId, schedule, isRecent, isSame));
      return found && (await observed(coriolis, Promise.resolve({ schedule: found })));
    },
    durable: true,
  },
});

const update = defineOperation({
  resource: 'schedule',
  name: 'update',
  title: 'Update',
  tool: 'update_schedule',
  caution: 'Times are UTC unless a time zone is given, and those given here replace all earlier ones.',
  summary: 'Update a schedule of a transfer (replica)',
  description: 'Only what is given changes; times replace all earlier times.',
  effect: 'write',
  idempotent: true,
  serves: ['L-SCH-UPDATE', 'C-SCH-UPDATE'],
  input: {
    transferId,
    scheduleId,
    ...times,
    enabled: flag('Enabled', 'Whether it fires.', { optional: true }),
    ...switches,
    noExpiration: flag('No Expiration', 'Whether to remove the expiration.', { advanced: true }),
  },
  formHint,
  output: scheduleView,
  preview: async (coriolis, { transferId: transfer, scheduleId: id }) => {
    const { schedule } = await fetchSchedule(coriolis, transfer, id);
    return shutdownPreview(scheduleSubject(schedule));
  },
  async run(coriolis, input) {
    const { transferId: transfer, scheduleId: id } = input;
    if (input.noExpiration && input.expiresAt !== undefined) {
      throw new InvalidInputError('Give either an expiration or No Expiration, not both.', {
        field: 'expiresAt',
      });
    }
    const changes = given({
      schedule: timesBody(input, coriolis.clock()),
      enabled: input.enabled,
      shutdown_instance: input.shutdownInstances,
      auto_deploy: input.autoDeploy,
      expiration_date: input.noExpiration ? null : expirationBody(input.expiresAt),
    });
    if (Object.keys(changes).length === 0) {
      throw new InvalidInputError('Nothing to update: give a time or a setting.');
    }
    // The server answers 500 for an unknown schedule here (trap 18), so it is read first.
    await fetchSchedule(coriolis, transfer, id);
    return await observed(
      coriolis,
      coriolis.client.put<{ schedule: Schedule }>(path`/transfers/${transfer}/schedules/${id}`, changes, {
        recover: async () => {
          const now = await fetchSchedule(coriolis, transfer, id);
          return holds(now.schedule, changes) ? now : undefined;
        },
      }),
    );
  },
});

const remove = defineOperation({
  resource: 'schedule',
  name: 'delete',
  title: 'Delete',
  tool: 'delete_schedule',
  summary: 'Delete a schedule of a transfer (replica)',
  description: 'The transfer stays, and is no longer executed by this schedule.',
  effect: 'destroy',
  whole: true,
  serves: ['L-SCH-DELETE', 'C-SCH-DELETE'],
  input: { transferId, scheduleId },
  output: deletedView,
  async preview(coriolis, { transferId: transfer, scheduleId: id }) {
    const { schedule } = await fetchSchedule(coriolis, transfer, id);
    return {
      subject: scheduleSubject(schedule),
      consequences: ['The transfer is no longer executed at these times.'],
    };
  },
  async run({ client }, { transferId: transfer, scheduleId: id }) {
    await client.delete(path`/transfers/${transfer}/schedules/${id}`);
    return { id };
  },
});

export const scheduleOperations = [create, list, get, update, remove] as const;
