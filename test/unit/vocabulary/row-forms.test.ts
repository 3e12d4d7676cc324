import type { JsonObject } from '../../../src/model/json';
import { makeUserScriptsField } from '../../../src/fields/user-scripts-field';
import { textSuggestionsOf, rowFormOf } from '../../../src/vocabulary/row-forms';

/** Objects that forms let people fill in row by row. */

const field = makeUserScriptsField(['transferId']);
const scripts = (...rows: JsonObject[]) => rowFormOf(field)?.objectFromRows(rows, 'userScripts');

test('one script at the usual time is one text: servers before 1.2.3 know nothing else', () => {
  expect(scripts({ system: 'linux', phase: 'osmorphing_post_os_mount', script: 'echo one' })).toEqual({
    global: { linux: 'echo one' },
  });
  expect(scripts({ script: 'echo one' })).toEqual({ global: { linux: 'echo one' } });
});

test('a machine counts more than the operating system beside it', () => {
  expect(scripts({ instance: 'web-01', system: 'windows', script: 'echo one' })).toEqual({
    instances: { 'web-01': 'echo one' },
  });
});

test('several for the same keep their order', () => {
  expect(
    scripts(
      { instance: 'web-01', phase: 'replica_first_boot', script: 'echo boot' },
      { instance: 'web-01', script: 'echo disk' },
    ),
  ).toEqual({
    instances: {
      'web-01': [
        { phase: 'replica_first_boot', payload: 'echo boot' },
        { phase: 'osmorphing_post_os_mount', payload: 'echo disk' },
      ],
    },
  });
});

test('no rows, and rows without anything in them, are nothing', () => {
  expect(scripts()).toEqual({});
  expect(scripts({ instance: '', system: 'linux', script: '' })).toEqual({});
});

test('machines are offered from what is moved', () => {
  expect(textSuggestionsOf(field)).toEqual([{ side: 'movedInstance', within: ['transferId'] }]);
});
