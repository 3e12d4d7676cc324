import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { lintSpreadsOfProgram } from '../../tools/checks/lint-spreads';

const CONDITION = 'use withoutUndefined instead of a condition';

describe('a spread is reported', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spreads-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const findingsOf = (expression: string): readonly string[] => {
    const path = join(folder, 'case.ts');
    writeFileSync(
      path,
      `interface Loose { a?: number | undefined; b?: number }
interface Strict { a?: number; b?: number }
declare const loose: Loose, strict: Strict, x: number | undefined, o: { x?: number };
export const made = ${expression};`,
    );
    const options = { strict: true, exactOptionalPropertyTypes: true, noLib: true, types: [] };
    return lintSpreadsOfProgram(ts.createProgram([path], options)).map((line) => line.replace(/^\S+ /u, ''));
  };

  it.each([
    ['{ ...(x === undefined ? {} : { x }) }', CONDITION],
    ['{ ...(x !== undefined && { x }) }', CONDITION],
    ['{ ...(o.x === undefined ? {} : { y: o.x }) }', CONDITION],
    ['{ a: 1, ...loose }', 'an undefined a overrides the value before it'],
    ['{ ...strict, ...loose }', 'an undefined a overrides the value before it'],
    ['{ inner: { a: 1, ...loose } }', 'an undefined a overrides the value before it'],
  ])('%s', (expression, words) => {
    expect(findingsOf(expression)).toEqual([words]);
  });

  it.each([
    '{ ...(x === undefined ? {} : { x, y: 1 }) }',
    '{ ...(x === undefined ? {} : { y: x + 1 }) }',
    '{ a: 1, ...strict }',
    '{ c: 1, ...loose }',
    '{ ...loose, a: 1 }',
  ])('but not %s', (expression) => {
    expect(findingsOf(expression)).toEqual([]);
  });
});
