import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { floors } from '../checks/floors.cjs';

const root = join(__dirname, '../..');

/**
 * Formats the floors of a folder as a Markdown table, lowest first. A floor is a group of folders and files; each of
 * them imports only from lower floors and from itself (tools/checks/floors.cjs).
 */
export function renderFloorsTable(folder: string): string {
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
