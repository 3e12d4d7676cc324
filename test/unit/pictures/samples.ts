import type { BoardPicture } from '../../../src/pictures/board-picture';
import type { CopyAgeChart } from '../../../src/pictures/copy-age-chart';
import type { DurationChart } from '../../../src/pictures/duration-chart';
import type { EstatePictureData } from '../../../src/pictures/estate-picture';
import type { GanttChart } from '../../../src/pictures/gantt-chart';
import { PICTURE_STATES } from '../../../src/pictures/picture-state';

/** Data for pictures with any number of rows. */

const START = Date.UTC(2026, 10, 28, 20);
const time = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();
const AS_OF = time(300);

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const stateOf = (index: number) => PICTURE_STATES[index % PICTURE_STATES.length] ?? 'none';

export const board = (count: number, name = (index: number) => `web-${index + 1}`): BoardPicture => ({
  title: 'Wave 1',
  as_of: AS_OF,
  rows: numbers(count).map((index) => ({
    name: name(index),
    state: stateOf(index),
    stage: ['first sync', 'final sync', 'deployment'][index % 3] ?? '',
    percent: index % 7 === 6 ? null : (index * 37) % 101,
    eta_seconds: index % 2 === 0 ? index * 95 : null,
    note: index % 4 === 2 ? 'waits for a free place (4 at once)' : null,
  })),
});

export const gantt = (count: number): GanttChart => ({
  title: 'What happened',
  as_of: AS_OF,
  lanes: numbers(count).map((index) => ({
    name: `web-${index + 1}`,
    bars: [
      { label: 'first sync', start: time(index * 3), end: time(index * 3 + 90), state: 'done' },
      {
        label: 'final sync',
        start: time(index * 3 + 120),
        end: time(index * 3 + 150),
        state: stateOf(index),
      },
      {
        label: 'deployment',
        start: time(index * 3 + 152),
        end: index % 3 === 0 ? null : time(index * 3 + 190),
        state: 'running',
      },
    ],
  })),
});

export const copyAges = (count: number): CopyAgeChart => ({
  title: 'Age of the last usable copies',
  as_of: AS_OF,
  rpo_seconds: 86_400,
  rows: numbers(count).map((index) => ({
    name: `db-${index + 1}`,
    last_copy_age_seconds: index % 5 === 3 ? null : (index + 1) * 9000,
    reason: index % 5 === 3 ? 'disks_deleted' : null,
  })),
});

export const durations = (count: number): DurationChart => ({
  title: 'Durations of db-01',
  usual_seconds: 1500,
  points: numbers(count).map((index) => ({
    start: time(index * 1440),
    seconds: index === 0 ? 7200 : 1300 + ((index * 7919) % 700),
    state: index % 9 === 4 ? 'failed' : 'done',
    full: index === 0,
    label: `execution #${index + 1}`,
  })),
});

export const estate: EstatePictureData = {
  title: 'Estate',
  as_of: AS_OF,
  groups: [
    {
      name: 'Transfers',
      parts: [
        { state: 'done', count: 412, label: 'completed' },
        { state: 'running', count: 31, label: 'running' },
        { state: 'failed', count: 12, label: 'failed' },
        { state: 'stalled', count: 2, label: 'stalled' },
        { state: 'none', count: 43, label: 'never executed' },
      ],
    },
    {
      name: 'Deployments',
      parts: [
        { state: 'done', count: 120, label: 'completed' },
        { state: 'waiting', count: 4, label: 'waiting' },
      ],
    },
    { name: 'Minion pools', parts: [] },
  ],
  attention: [
    '2 runs stand still: db-01 since 4 h.',
    '12 failed within 24 h: diagnose them before they run again.',
  ],
};

/** An estate of about so many objects; without any, nothing needs attention. */
export const estateOf = (count: number): EstatePictureData => ({
  ...estate,
  groups: estate.groups.map(({ name, parts }) => ({
    name,
    parts: count === 0 ? [] : parts.map((part) => ({ ...part, count: Math.ceil((part.count * count) / 30) })),
  })),
  attention: count === 0 ? [] : estate.attention,
});
