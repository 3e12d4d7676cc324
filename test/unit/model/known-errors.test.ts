import { withoutUndefined } from '../../../src/model/json';
import { readErrorText } from '../../../src/model/error-text';
import { findFailureCause } from '../../../src/model/failed-task';
import {
  KNOWN_ERRORS,
  matchKnownError,
  sideOfTaskType,
} from '../../../src/model/known-errors/match-known-error';
import { recordedRun } from './recordings';
import vectors from './known-error-vectors.json';

const match = (raw: string, taskType?: string, taskStatus?: string): string | null => {
  const text = readErrorText(raw);
  if (text === null) return null;
  return matchKnownError({ text, ...withoutUndefined({ taskType, taskStatus }) }, undefined)?.id ?? null;
};

describe('the catalogue of known errors', () => {
  test.each(vectors)('recognises $expect in "$text"', ({ where, status, text, expect: id }) => {
    const isTask = status !== '';
    expect(match(text, isTask ? where : undefined, isTask ? status : undefined)).toBe(id);
  });

  test.each([
    ['execution-show-error', 'connection-broken'],
    ['deployment-show-error', 'quota-exceeded'],
    ['execution-show-bad-network-map-error', 'network-not-found'],
    ['execution-show-unknown-instance-error', 'instance-not-found'],
    ['execution-show-update-error', 'update-not-possible'],
    ['execution-show-canceled', 'process-ended-or-cancelled'],
  ])('explains the recorded %s as %s', (name, id) => {
    const cause = findFailureCause(recordedRun(name).tasks ?? []);
    expect(match(cause?.task.exception_details ?? '', cause?.task.task_type, cause?.task.status)).toBe(id);
  });

  test('reads what a minion pool reports about its machines', () => {
    const event =
      "Failure occurred for one or more operations on minion pool 'f668dcfa'. Please check the logs for additional details. Error messages were:\n Error message for task 'pool-f668dcfa-machine-7ab0bd35-allocation': coriolis.exception.TaskProcessException: Flavor 'no-such-flavor' could not be found";
    expect(match(event)).toBe('flavor-not-found');
    expect(readErrorText(event)?.textToShow).toBe("Flavor 'no-such-flavor' could not be found");
  });

  test('tries texts of the guest only where a guest is prepared', () => {
    const text = 'No space left on device';
    expect(match(text, 'OS_MORPHING', 'ERROR')).toBe('disk-full-in-guest');
    expect(match(text, 'GET_INSTANCE_INFO', 'ERROR')).toBeNull();
  });

  test('has unique ids and says what to do', () => {
    const ids = KNOWN_ERRORS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(70);
    expect(KNOWN_ERRORS.filter(({ title, cause, remedy }) => !title || !cause || !remedy)).toEqual([]);
  });

  test('gives no pattern a text on which it would search for long', () => {
    // Work is counted in characters of text for which all patterns together still finish: long runs of the beginnings of
    // patterns are what makes a search start over and over.
    const fragments = [
      'quiesce ', 'error ', 'licence ', 'no more licence', 'grub2-install ', 'dracut ', 'dism ', 'BitLocker ',
      ':902', ':5986', 'port=5986', 'Error caused by file ', "minion machine '", 'a', ' ', "'", 'Cannot delete ',
      'specified parameter was not correct: deviceKe', 'task parameters for instance ',
    ]; // prettier-ignore
    for (const fragment of fragments) {
      const text = {
        match: fragment.repeat(Math.ceil(65_535 / fragment.length)),
        shown: '',
        peerTaskId: null,
        wrappers: [],
      };
      for (const { id, pattern } of KNOWN_ERRORS) {
        const started = process.cpuUsage();
        pattern.test(text.match);
        const { user, system } = process.cpuUsage(started);
        // A pattern that backtracks without bound needs minutes; the bound leaves room for a busy machine.
        expect({ id, fragment, slow: (user + system) / 1000 > 2000 }).toEqual({ id, fragment, slow: false });
      }
    }
  });
});

describe('the side on which a task works', () => {
  test.each([
    ['GET_INSTANCE_INFO', 'source'],
    ['DEPLOY_REPLICA_SOURCE_RESOURCES', 'source'],
    ['DEPLOY_TRANSFER_DISKS', 'destination'],
    ['DEPLOY_INSTANCE_RESOURCES', 'destination'],
    ['REPLICATE_DISKS', 'both'],
    ['OS_MORPHING', 'guest'],
    ['SOMETHING_NEW', null],
  ])('%s: %s', (taskType, side) => {
    expect(sideOfTaskType(taskType)).toBe(side);
  });
});

describe('words for any platform', () => {
  // Texts that only VMware writes may be answered in its words.
  const general = KNOWN_ERRORS.filter(({ onlyPlatform }) => onlyPlatform === undefined);

  test.each(general.map((known) => [known.id, known] as const))('%s names none', (_id, known) => {
    const { cause, remedy, document = '' } = known;
    expect(`${cause} ${remedy} ${document}`).not.toMatch(/ESXi|vCenter|VMware|\bCBT\b|vMotion|migr_|AWS/iu);
  });
});
