import {
  executionTypeLabelOf,
  isActive,
  isFinal,
  isActiveUncanceled,
  outcomeOf,
  purposeOf,
  statusLabelOf,
  taskPhaseOf,
} from '../../../src/model/status';

describe('statuses of runs', () => {
  test.each([
    ['COMPLETED', 'completed'],
    ['ERROR', 'failed'],
    ['CANCELED', 'canceled'],
    ['CANCELED_FOR_DEBUGGING', 'failed'],
    ['DEADLOCKED', 'failed'],
    ['ERROR_ALLOCATING_MINIONS', 'failed'],
  ])('%s is final: %s', (status, outcome) => {
    expect({ final: isFinal(status), active: isActive(status), outcome: outcomeOf(status) }).toEqual({
      final: true,
      active: false,
      outcome,
    });
  });

  test.each(['RUNNING', 'CANCELLING', 'AWAITING_MINION_ALLOCATIONS'])('%s is active', (status) => {
    expect([isFinal(status), isActive(status), outcomeOf(status)]).toEqual([false, true, undefined]);
  });

  test('what is being canceled does not go on', () => {
    expect(['RUNNING', 'AWAITING_MINION_ALLOCATIONS'].map(isActiveUncanceled)).toEqual([true, true]);
    expect(['CANCELLING', 'COMPLETED', 'PENDING', 'RESUMING'].map(isActiveUncanceled)).toEqual(
      Array<boolean>(4).fill(false),
    );
  });

  // A word of a newer server must never be taken for an end; names of object members are words too.
  test.each(['UNEXECUTED', 'PENDING', 'RESUMING', 'constructor', '', 'completed'])(
    '%s is neither final nor active',
    (status) => {
      expect([isFinal(status), isActive(status), outcomeOf(status)]).toEqual([false, false, undefined]);
    },
  );

  test('have words for people, unknown ones stay', () => {
    expect(statusLabelOf('CANCELLING')).toBe('cancelling or cleaning up');
    expect(statusLabelOf('RESUMING')).toBe('RESUMING');
  });
});

describe('tasks', () => {
  test.each([
    ['SCHEDULED', 'waiting'],
    ['SYNCING', 'active'],
    ['CANCELLING_AFTER_COMPLETION', 'active'],
    ['COMPLETED', 'completed'],
    ['FAILED_TO_SCHEDULE', 'failed'],
    ['FORCE_CANCELED', 'stopped'],
    ['A_NEW_WORD', 'active'],
  ])('%s is %s', (status, phase) => {
    expect(taskPhaseOf(status)).toBe(phase);
  });
});

describe('types of executions', () => {
  test.each([
    ['transfer_execution', 'sync'],
    ['replica_execution', 'sync'],
    ['replica_disks_delete', 'disks_delete'],
    ['transfer_update', 'update'],
    ['migration', 'deployment'],
    ['something_new', undefined],
  ])('%s is for %s', (type, purpose) => {
    expect(purposeOf(type)).toBe(purpose);
  });

  test('have words for people, the familiar beside the new', () => {
    expect(executionTypeLabelOf('transfer_execution')).toBe('Transfer execution (replica sync)');
    expect(executionTypeLabelOf('something_new')).toBe('something_new');
  });
});
