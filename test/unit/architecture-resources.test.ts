import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, '../../src/resources');
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** Parts of a resource in their order, by the names of what is exported. */
const PARTS = [
  { part: 'rows', names: /(?:View|Keys|Subject)$/u },
  { part: 'reads', names: /^(?:fetch|find|list|latest|resolve|download|tail|preview)[A-Z]/u },
  { part: 'changes', names: /^(?:create|start|ensure|update|register|refresh|cancel|delete|store)[A-Z]/u },
] as const;

const partOf = (name: string): number => PARTS.findIndex(({ names }) => names.test(name));

/** Exported parts that stand behind a later one. */
function misplaced(text: string): string[] {
  let last = -1;
  return [...text.matchAll(/^export (?:const|(?:async )?function\*?) (\w+)/gmu)].flatMap(([, name = '']) => {
    const part = partOf(name);
    if (part === -1) return [];
    const isWrong = part < last;
    last = Math.max(last, part);
    return isWrong ? [name] : [];
  });
}

describe('a resource', () => {
  it.each(files)('%s has its rows first, then its reads, then its changes', (file) => {
    expect(misplaced(readFileSync(join(FOLDER, file), 'utf8'))).toEqual([]);
  });

  it('with another order is found', () => {
    const text =
      'export const createOne = 1;\nexport async function fetchOne() {}\nexport const oneView = 2;\n';
    expect(misplaced(text)).toEqual(['fetchOne', 'oneView']);
    expect(files.length).toBeGreaterThan(15);
  });
});
