import fc from 'fast-check';
import { findJsonSyntaxError } from '../../../src/vocabulary/json-syntax-error';

test.each<[string, number, number]>([
  ['', 1, 1],
  ['{"a": 1', 1, 8],
  ['{"a": 1,}', 1, 9],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{"a": tru}', 1, 7],
  ["{'a': 1}", 1, 2],
  ['[1, 2] x', 1, 8],
  ['{"a" 1}', 1, 6],
  ['"no end', 1, 1],
  ['[01]', 1, 3],
])('%j has its mistake in line %d, column %d', (text, line, column) => {
  expect(findJsonSyntaxError(text)).toEqual({ line, column });
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('finds a mistake where the parser finds one, and none elsewhere', () => {
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', 'x', '\n', '\\', ':'))
    .map(([text, at, put]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + put + text.slice(index + 1);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      expect(findJsonSyntaxError(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});
