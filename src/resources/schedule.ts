import type { Coriolis } from '../api/operation-context';
import { InvalidInputError } from '../api/errors';
import { tolerateErrors } from '../api/tolerate-errors';
import { withoutUndefined, type JsonObject } from '../model/json';
import { matchesChanges, matchesSettings } from '../model/compare-settings';
import {
  describeSchedule,
  computeNextRunTimes,
  combineScheduleStates,
  type CombinedScheduleState,
} from '../model/schedule';
import { parseServerTime, toIsoTime } from '../model/timestamps';
import type { Schedule } from '../model/api-objects';
import { makePreviewSubject } from '../vocabulary/preview';
import { key, view } from '../vocabulary/result-keys';
import {
  createOne,
  deleteOne,
  fetchAll,
  fetchOne,
  sortOldestFirst,
  requireChanges,
  updateOne,
} from '../requests/object-requests';
import {
  makeExpirationDate,
  formatRunTime,
  SHOWN_RUN_COUNT,
  makeScheduleTimes,
  type ScheduleTimesInput,
} from '../fields/schedule-time-fields';

/**
 * A schedule with the time at which it was read, milliseconds since 1970. Its next runs are computed from that time.
 */
export interface ObservedSchedule extends Schedule {
  readonly observed_at: number;
}

export const scheduleView = view<ObservedSchedule>()({
  id: key.text('Schedule id'),
  transfer_id: key.text('Transfer that the schedule executes'),
  when: key.text('Times of the schedule in words, UTC', ({ schedule }: Schedule) =>
    describeSchedule(schedule),
  ),
  next_runs: key.texts('Next five runs, UTC; none while disabled or expired', (one: ObservedSchedule) =>
    nextExecutionTimesOf(one),
  ),
  enabled: key.flag('Whether the schedule is enabled'),
  // The API calls this `shutdown_instance` in schedules and `shutdown_instances` in executions
  // (docs/reference/coriolis-api.md §17, trap 2). Results always use the plural.
  shutdown_instances: key.flag(
    'Whether each run shuts the source machines down before the sync',
    ({ shutdown_instance: shutdown }: Schedule) => shutdown,
  ),
  auto_deploy: key.flag('Whether each run deploys when its execution completes', { nullable: true }),
  expires_at: key.time(
    'Time from which no run starts',
    ({ expiration_date: expires }: Schedule) => toIsoTime(expires),
    { nullable: true },
  ),
  created_at: key.time('Created'),
});

/** Next times at which a schedule executes its transfer, as texts in UTC; none while it is disabled or expired. */
export function nextExecutionTimesOf(
  { schedule, enabled, expiration_date, observed_at }: ObservedSchedule,
  count = SHOWN_RUN_COUNT,
): readonly string[] {
  if (!enabled) return [];
  const expires = parseServerTime(expiration_date) ?? undefined;
  return computeNextRunTimes(schedule, observed_at, count, expires).map(formatRunTime);
}

/** The schedule as the subject of a preview. */
export const makeSchedulePreviewSubject = (schedule: Schedule) =>
  makePreviewSubject(
    schedule,
    describeSchedule(schedule.schedule),
    schedule.enabled ? 'enabled' : 'disabled',
  );

/** Adds the time of reading to a schedule. */
export const withObservedAt = ({ clock }: Coriolis, schedule: Schedule): ObservedSchedule => ({
  ...schedule,
  observed_at: clock(),
});

/** Reads a schedule. */
export const fetchSchedule = async (
  coriolis: Coriolis,
  transferId: string,
  id: string,
): Promise<ObservedSchedule> =>
  withObservedAt(coriolis, await fetchOne(coriolis, 'schedule', transferId, id));

/** Finds the schedules of a transfer; null when they cannot be read. */
export const fetchSchedulesIfReadable = async (
  coriolis: Coriolis,
  id: string,
): Promise<readonly Schedule[] | null> =>
  await tolerateErrors(fetchAll(coriolis, 'schedule', id), ['forbidden', 'not_found'], null);

/** Finds whether a schedule executes a transfer (see `combineScheduleStates`); null when its schedules cannot be read. */
export async function fetchCombinedScheduleState(
  coriolis: Coriolis,
  id: string,
  now: number,
): Promise<CombinedScheduleState | null> {
  const schedules = await fetchSchedulesIfReadable(coriolis, id);
  return schedules && combineScheduleStates(schedules, now);
}

/** Settings of a schedule besides its times. Undefined settings are not changed. */
interface ScheduleSettings extends ScheduleTimesInput {
  readonly enabled: boolean | undefined;
  readonly shutdownInstances: boolean | undefined;
  readonly autoDeploy: boolean | undefined;
  readonly expiresAt: string | undefined;
}

/** Input of the creation of a schedule. */
export interface NewSchedule extends ScheduleSettings {
  readonly enabled: boolean;
}

/** Input of the change of a schedule. */
export interface ScheduleChanges extends ScheduleSettings {
  readonly noExpiration: boolean;
}

/** Finds the recently created schedules with these times and settings, the oldest first. */
export async function findCreatedSchedules(
  coriolis: Coriolis,
  transferId: string,
  input: NewSchedule,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly ObservedSchedule[]> {
  const schedule = makeScheduleTimes(input, coriolis.clock());
  if (schedule === undefined) return [];
  const settings = {
    enabled: input.enabled,
    shutdown_instance: input.shutdownInstances ?? false,
    auto_deploy: input.autoDeploy ?? false,
    expiration_date: makeExpirationDate(input.expiresAt) ?? null,
  };
  const isSame = (one: Schedule) => matchesSettings(comparable(one), comparable(settings));
  const found = await findCreated(coriolis, transferId, schedule, isRecent, isSame);
  return found.map((one) => withObservedAt(coriolis, one));
}

/**
 * Creates a schedule.
 * @throws {InvalidInputError} no time is given: the schedule would execute the transfer every minute
 */
export async function createSchedule(
  coriolis: Coriolis,
  transferId: string,
  input: NewSchedule,
): Promise<ObservedSchedule> {
  const schedule = makeScheduleTimes(input, coriolis.clock());
  if (schedule === undefined) {
    throw new InvalidInputError('A schedule needs at least a minute.', {
      field: 'minute',
      advice: 'Without any time it would fire every minute.',
    });
  }
  const body = {
    schedule,
    enabled: input.enabled,
    shutdown_instance: input.shutdownInstances ?? false,
    ...withoutUndefined({
      auto_deploy: input.autoDeploy,
      expiration_date: makeExpirationDate(input.expiresAt),
    }),
  };
  const created = await createOne(coriolis, 'schedule', [transferId], body, {
    find: (createdSince) => findCreated(coriolis, transferId, schedule, createdSince),
  });
  return withObservedAt(coriolis, created);
}

/**
 * Creates an enabled schedule with these times, unless there is one. When two callers create equal schedules at the
 * same moment, the older schedule stays and the other caller deletes its own.
 */
export async function ensureSchedule(
  coriolis: Coriolis,
  transferId: string,
  schedule: Schedule['schedule'],
): Promise<Schedule> {
  const findEnabled = async () =>
    (await findCreated(coriolis, transferId, schedule, () => true)).filter(({ enabled }) => enabled);
  const [existing] = await findEnabled();
  if (existing !== undefined) return existing;
  const body = { schedule, enabled: true, shutdown_instance: false };
  const created = await createOne(coriolis, 'schedule', [transferId], body, {
    // After a lost answer, an equal schedule of another caller serves as well.
    find: async () => (await findEnabled()).slice(0, 1),
  });
  const [first = created, ...others] = await findEnabled();
  if (others.some(({ id }) => id === created.id)) {
    await deleteOne(coriolis, 'schedule', transferId, created.id);
  }
  return first;
}

/**
 * Changes a schedule. Given times replace all earlier times.
 * @throws {InvalidInputError} nothing is to be changed, or both an expiration and its removal are given
 * @throws {NotFoundError} the schedule does not exist
 */
export async function updateSchedule(
  coriolis: Coriolis,
  transferId: string,
  id: string,
  input: ScheduleChanges,
): Promise<ObservedSchedule> {
  if (input.noExpiration && input.expiresAt !== undefined) {
    throw new InvalidInputError('Give either an expiration or No Expiration, not both.', {
      field: 'expiresAt',
    });
  }
  const changes = withoutUndefined({
    schedule: makeScheduleTimes(input, coriolis.clock()),
    enabled: input.enabled,
    shutdown_instance: input.shutdownInstances,
    auto_deploy: input.autoDeploy,
    expiration_date: input.noExpiration ? null : makeExpirationDate(input.expiresAt),
  });
  requireChanges(changes, 'a time or a setting');
  // The server answers the update of an unknown schedule with a 500 (docs/reference/coriolis-api.md §17, trap 18), so
  // the schedule is read first.
  await fetchOne(coriolis, 'schedule', transferId, id);
  const updated = await updateOne(coriolis, 'schedule', [transferId, id], changes, {
    async find() {
      const now = await fetchOne(coriolis, 'schedule', transferId, id);
      return matchesChanges(comparable(now), comparable(changes)) ? now : undefined;
    },
  });
  return withObservedAt(coriolis, updated);
}

/** Finds the recently created schedules with these times for which `isSame` is true, the oldest first. */
async function findCreated(
  coriolis: Coriolis,
  transferId: string,
  times: Schedule['schedule'],
  isRecent: (createdAt: string) => boolean,
  isSame: (one: Schedule) => boolean = () => true,
): Promise<readonly Schedule[]> {
  const words = describeSchedule(times);
  const schedules = await fetchAll(coriolis, 'schedule', transferId);
  return sortOldestFirst(
    schedules.filter(
      (one) => isRecent(one.created_at) && describeSchedule(one.schedule) === words && isSame(one),
    ),
  );
}

/**
 * Makes settings comparable: turns the expiration into milliseconds, because the server writes the same time
 * differently.
 */
const comparable = (settings: JsonObject | Schedule): JsonObject => {
  const { expiration_date: expires } = settings;
  return {
    ...settings,
    ...('expiration_date' in settings && {
      expiration_date: typeof expires === 'string' ? parseServerTime(expires) : null,
    }),
  };
};
