import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { floors } from '../checks/floors.cjs';

const root = join(__dirname, '../..');

/** The floors of a folder as a Markdown table, lowest first. */
export function floorsTable(folder: string): string {
  const written = (name: string): string =>
    `\`${name}${existsSync(join(root, folder, `${name}.ts`)) ? '.ts' : '/'}\``;
  return [
    '| Floor | Subject |',
    '| --- | --- |',
    ...(floors[folder] ?? []).map(
      ({ names, subject }) => `| ${names.map(written).join(', ')} | ${subject} |`,
    ),
  ].join('\n');
}
