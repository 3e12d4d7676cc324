import { readableShapeOf } from '../../src/readable-results';
import { eventView } from '../../src/watch/event-view';
import { operationOf } from '../support/coriolis';

/**
 * A workflow reads the same keys from an event and from a result about the same object. Each key of events that a kind
 * of object lacks stands here with the reason.
 */

const ONLY_EVENTS: Readonly<Record<string, string>> = {
  event: 'what happened',
  occurred_at: 'when it was noticed or happened',
  reason: 'why a stall, a missed run or an error was reported',
  schedule_id: 'a schedule is no object of these operations',
  minion_pool_id: 'nor is a minion pool',
  last_sync_at: 'the end of the sync, beside last_copy_at',
  known_error: 'of a failure; results have it in a diagnosis',
  key: 'tells repeated events apart',
  link: 'added where the address of the web interface is known',
};

const OF_A_RUN = [
  'outcome',
  'started_at',
  'finished_at',
  'duration_seconds',
  'percent',
  'failure',
  'number',
  'type',
];
const OF_A_TRANSFER = ['last_copy_at', 'last_copy_age_seconds', 'no_copy_reason', 'notes'];

/** Keys of events that a kind of object cannot have, with operations that read it. */
const KINDS = [
  {
    kind: 'execution',
    operations: ['execution.get', 'execution.getAll', 'execution.start', 'execution.wait'],
    without: [...OF_A_TRANSFER, 'deployment_id'],
  },
  {
    kind: 'deployment',
    operations: ['deployment.get', 'deployment.getAll', 'deployment.create', 'deployment.wait'],
    without: [...OF_A_TRANSFER, 'number', 'transferred_megabytes'],
  },
  {
    kind: 'transfer',
    operations: ['transfer.get', 'transfer.getAll'],
    without: [...OF_A_RUN, 'execution_id', 'deployment_id', 'transferred_megabytes'],
  },
] as const;

/** Keys that only the details of an object have, because lists do not read them and starting work cannot know them. */
const DETAILS = ['percent', 'failure', 'transferred_megabytes', 'notes'];
/** Keys of a run that the end of a wait for it does not tell; the run itself does. */
const NOT_OF_WAITS = ['number', 'type', 'transferred_megabytes', 'execution_id'];

const CASES = KINDS.flatMap(({ kind, operations, without }) =>
  operations.map((operation) => ({ kind, operation, without })),
);

it.each(CASES)('$operation has the keys of an event about the same $kind', ({ kind, operation, without }) => {
  const name = operation.split('.')[1] ?? '';
  const left = [
    ...Object.keys(ONLY_EVENTS),
    ...without,
    ...(name === 'get' || name === 'wait' ? [] : DETAILS),
    ...(name === 'wait' ? NOT_OF_WAITS.filter((key) => key !== `${kind}_id`) : []),
  ];
  const expected = Object.keys(eventView.shape).filter((key) => !left.includes(key));

  expect(expected.filter((key) => !(key in readableShapeOf(operationOf(operation))))).toEqual([]);
  expect(expected).toContain('transfer_id');
});

it('explains no key that events do not have', () => {
  const named = [...Object.keys(ONLY_EVENTS), ...OF_A_RUN, ...OF_A_TRANSFER, ...DETAILS, ...NOT_OF_WAITS];
  expect(named.filter((key) => !(key in eventView.shape))).toEqual([]);
});
