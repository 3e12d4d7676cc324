import { answerDifferences, seriesDifferences } from './comparison';
import type { Strictness } from './comparison';
import type { Answer, Sample } from './recording';
import { Substitution } from './substitution';

const RECORDED_ID = '9d4559cd-0eeb-4fbf-955a-e72c5a8cdf05';
const OUR_ID = '11111111-2222-4333-8444-555555555555';

function substitution(): Substitution {
  const result = new Substitution('http://127.0.0.1:40000');
  result.set(RECORDED_ID, OUR_ID);
  return result;
}

function answer(body: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body };
}

function differences(recorded: Answer, actual: Answer, strictness?: Strictness): string[] {
  return answerDifferences(recorded, actual, substitution(), strictness);
}

describe('comparing an answer with the recorded one', () => {
  test('other values of the same types are no difference', () => {
    const recorded = answer({ task: { id: RECORDED_ID, host: 'worker-1', process_id: null } });
    const actual = answer({ task: { id: OUR_ID, host: 'worker-2', process_id: null } });

    expect(differences(recorded, actual)).toEqual([]);
  });

  test.each([
    ['a missing key', { endpoint: { host: 'x' } }, 'body.endpoint.port: recorded, missing'],
    [
      'an extra key',
      { endpoint: { host: 'x', port: 1, more: 2 } },
      'body.endpoint.more: not recorded, got 2',
    ],
    [
      'another type',
      { endpoint: { host: 'x', port: '1' } },
      'body.endpoint.port: recorded number, got string "1"',
    ],
    [
      'null for a value',
      { endpoint: { host: null, port: 1 } },
      'body.endpoint.host: recorded string, got null null',
    ],
  ])('%s is a difference', (_what, actual, expected) => {
    expect(differences(answer({ endpoint: { host: 'vcenter', port: 443 } }), answer(actual))).toEqual([
      expected,
    ]);
  });

  test('another status is a difference, whatever the body says', () => {
    expect(differences(answer({}, 404), answer({}, 400))).toEqual(['status: recorded 404, got 400 {}']);
  });

  test('a header that reads differently or is absent is a difference', () => {
    const recorded = {
      ...answer({}),
      headers: { 'content-type': 'application/json', 'x-compute-request-id': 'req-…' },
    };
    const actual = { ...answer({}), headers: { 'content-type': 'text/plain' } };

    expect(differences(recorded, actual)).toEqual([
      'header content-type: recorded application/json, got text/plain',
      'header x-compute-request-id: recorded present, got the opposite',
    ]);
  });

  test('an error text must name the id that stands for the recorded one, and may name any id of its own', () => {
    const text = (first: string, second: string): Answer => {
      return answer({ error: { message: `Transfer ${first} has execution ${second}` } }, 400);
    };
    const recorded = text(RECORDED_ID, 'aaaaaaaa-0000-4000-8000-000000000001');

    expect(differences(recorded, text(OUR_ID, 'bbbbbbbb-0000-4000-8000-000000000002'))).toEqual([]);
    expect(differences(recorded, text(RECORDED_ID, 'bbbbbbbb-0000-4000-8000-000000000002'))).toHaveLength(1);
    expect(differences(recorded, text(OUR_ID, 'none'))).toHaveLength(1);
  });

  test('another state of the same shape is a difference', () => {
    const recorded = answer({ execution: { status: 'COMPLETED' } });

    expect(differences(recorded, answer({ execution: { status: 'ERROR' } }))).toEqual([
      'status: recorded "COMPLETED", got "ERROR"',
    ]);
  });

  test('a key may be missing in an item of a list only if a recorded item lacks it', () => {
    const recorded = answer({ networks: [{ id: '1', name: 'a' }, { id: '2' }] });

    expect(differences(recorded, answer({ networks: [{ id: '3' }] }))).toEqual([]);
    expect(differences(recorded, answer({ networks: [{ name: 'b' }] }))).toEqual([
      'body.networks[].id: recorded, missing',
    ]);
    expect(differences(recorded, answer({ networks: [] }))).toEqual([
      'body.networks: recorded elements, got none',
    ]);
  });

  test('the order of a list matters where it is known', () => {
    const recorded = answer({ executions: [{ number: 2 }, { number: 1 }] });
    const actual = answer({ executions: [{ number: 1 }, { number: 2 }] });

    expect(differences(recorded, actual)).toEqual([]);
    expect(differences(recorded, actual, 'list')).toHaveLength(1);
  });

  test('where every value is known, every value matters', () => {
    const recorded = answer({ networks: [{ id: '1', name: 'a' }] });
    const actual = answer({ networks: [{ id: '1', name: 'b' }] });

    expect(differences(recorded, recorded, 'values')).toEqual([]);
    expect(differences(recorded, actual, 'values')).toEqual(['body: not all values are as recorded']);
  });

  test('what somebody chose must be what was recorded, whatever the ids are', () => {
    const chosen = (...mapped_regions: readonly string[]): Answer => answer({ endpoint: { mapped_regions } });
    const other = 'cccccccc-0000-4000-8000-000000000003';

    expect(differences(chosen(RECORDED_ID, other), chosen(other, OUR_ID))).toEqual([]);
    expect(differences(chosen(RECORDED_ID), chosen(other))).toEqual([
      `mapped_regions: recorded ["${OUR_ID}"], got ["${other}"]`,
    ]);
  });

  test('a minion pool must have had the same events, whatever its machines are called', () => {
    const pool = (...messages: readonly string[]): Answer => {
      return answer({ minion_pool: { events: messages.map((message) => ({ message })) } });
    };
    const recorded = pool('Validating', `Allocating ${RECORDED_ID}`);

    expect(differences(recorded, pool(`Allocating ${OUR_ID}`, 'Validating'))).toEqual([]);
    expect(differences(recorded, pool('Validating', `Deallocating ${OUR_ID}`))).toEqual([
      'event recorded, missing: Allocating {id}',
      'event not recorded: Deallocating {id}',
    ]);
  });

  test('a finished execution must have had the same tasks with the same outcomes', () => {
    const execution = (type: string, status: string): Answer => {
      const task = { index: 2, task_type: type, status, on_error: false, exception_details: null };
      return answer({ execution: { status: 'COMPLETED', tasks: [task] } });
    };
    const recorded = execution('REPLICATE_DISKS', 'COMPLETED');

    expect(differences(recorded, execution('REPLICATE_DISKS', 'COMPLETED'))).toEqual([]);
    expect(differences(recorded, execution('OS_MORPHING', 'COMPLETED'))).toHaveLength(1);
    expect(differences(recorded, execution('REPLICATE_DISKS', 'ERROR'))).toHaveLength(1);
  });
});

describe('comparing a series with the recorded one', () => {
  const sample = (status: string, ...tasks: readonly string[]): Sample => ({
    t_ms: 0,
    status: 200,
    body: {
      execution: {
        status,
        tasks: tasks.map((state, index) => {
          return {
            index,
            task_type: `TASK_${index}`,
            status: state,
            on_error: false,
            exception_details: null,
          };
        }),
      },
    },
  });
  const recorded = [
    sample('RUNNING', 'RUNNING', 'SCHEDULED'),
    sample('RUNNING', 'COMPLETED', 'RUNNING'),
    sample('COMPLETED', 'COMPLETED', 'COMPLETED'),
  ];

  test('how often each status is seen does not matter, their order does', () => {
    const actual = [recorded[0], recorded[0], recorded[2]].filter((one) => one !== undefined);

    expect(seriesDifferences(recorded, actual, substitution())).toEqual([]);
    expect(seriesDifferences(recorded, actual.slice(0, 1), substitution())).toEqual([
      'statuses: recorded 200 RUNNING,200 COMPLETED, got 200 RUNNING',
    ]);
  });

  test('a task that starts before one that it was recorded after is a difference', () => {
    const actual = [sample('RUNNING', 'SCHEDULED', 'RUNNING'), ...recorded.slice(1)];

    expect(seriesDifferences(recorded, actual, substitution())).toEqual([
      'order: recorded 0 TASK_0 before 1 TASK_1',
    ]);
  });
});
