import { isConsequence, readErrorText } from '../../../src/model/error-text';

describe('the text of a failed task', () => {
  test.each([[null], [''], ['  \n']])('is none when the server sends %j', (raw) => {
    expect(readErrorText(raw)).toBeNull();
  });

  test('loses what Coriolis puts around it, and the peer that failed is remembered', () => {
    const text = readErrorText(
      "Aborted: peer task '5b0a2a5e-3f0c-4c57-9a0e-0c1b6a1f7d11' failed during clustered execution. Original error: (vim.fault.InvalidLogin) { msg = 'Cannot complete login due to an incorrect user name or password.' }",
    );
    expect(text?.peerTaskId).toBe('5b0a2a5e-3f0c-4c57-9a0e-0c1b6a1f7d11');
    expect(text?.textToMatch).toMatch(/^\(vim\.fault\.InvalidLogin\)/);
    expect(text?.wrappers).toEqual(['peer']);
  });

  test('loses several wrappers, one inside the other', () => {
    const text = readErrorText(
      "Aborted: peer task 'a1' failed during clustered execution. Original error: An error has occured during OSMorphing. Cleanup will not be performed. Original error was: 'root partition not found'",
    );
    expect(text).toMatchObject({ textToShow: 'root partition not found', wrappers: ['peer', 'debugging'] });
  });

  test('is the last line of a stack trace', () => {
    const raw =
      'Traceback (most recent call last):\n  File "x.py", line 1, in run\n    go()\nOSError: [Errno 28] No space left on device';
    expect(readErrorText(raw)).toMatchObject({
      textToMatch: 'OSError: [Errno 28] No space left on device',
      textToShow: '[Errno 28] No space left on device',
    });
  });

  test('ends where an exception that crossed the message queue begins its trace', () => {
    const raw =
      "Remote error: NotFound Image 'x' could not be found\n['Traceback (most recent call last):\\n', '  File']";
    expect(readErrorText(raw)?.textToShow).toBe("Image 'x' could not be found");
  });

  test('is one line, without class names for people but with them for matching', () => {
    const text = readErrorText(
      'coriolis.exception.InstanceNotFound_Remote: Instance "a"\r\n  could not be found',
    );
    expect(text?.textToMatch).toBe('coriolis.exception.InstanceNotFound: Instance "a" could not be found');
    expect(text?.textToShow).toBe('Instance "a" could not be found');
  });

  test('is cut for people', () => {
    expect(readErrorText('x'.repeat(100_000))?.textToShow).toHaveLength(300);
  });

  test.each([
    ['Unscheduled due to the unscheduling of all parent tasks.', true],
    [
      "This task was user-cancelled. Additional cancellation info from worker service: 'Unable to find process 12'",
      true,
    ],
    ['Quota exceeded for cores', false],
  ])('tells consequences from causes: %s', (raw, expected) => {
    const text = readErrorText(raw);
    expect(text !== null && isConsequence(text)).toBe(expected);
  });
});
