import { hasTag } from '../../../src/model/note-tags';

test.each([
  ['db-01 #nightly', 'nightly', true],
  ['db-01 #nightly', '#NIGHTLY', true],
  ['#Wave-2: web', 'wave-2:', true],
  ['db-01 #nightly', 'night', false],
  ['nightly', 'nightly', false],
  [null, 'nightly', false],
  [null, ' ', true],
])('notes %j and the tag %j: %s', (notes, tag, expected) => {
  expect(hasTag(notes, tag)).toBe(expected);
});
