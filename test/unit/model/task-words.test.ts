import { spellOutTaskTypes } from '../../../src/model/task-words';

test.each([
  ['DEPLOY_TRANSFER_DISKS: Quota exceeded', 'Deploy transfer disks: Quota exceeded'],
  ['Quota: raise it (REPLICATE_DISKS: no space)', 'Quota: raise it (Replicate disks: no space)'],
  ['its source is off; SHUTDOWN_INSTANCE: timed out', 'its source is off; Shutdown instance: timed out'],
  ['missing OS_AUTH_URL: set it', 'missing OS_AUTH_URL: set it'],
  ['HTTP: 413', 'HTTP: 413'],
])('%s', (text, words) => {
  expect(spellOutTaskTypes(text)).toBe(words);
});
