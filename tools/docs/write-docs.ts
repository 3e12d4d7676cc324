import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { formatFlagsAsMarkdown } from '../../command-line/format-flags';
import { flagGroups as mcpFlags } from '../../mcp/configuration/flags';
import { flagGroups as sandboxFlags } from '../../sandbox/flags';
import { specialMachines } from '../../sandbox/platforms/special-machines';
import {
  readPackageIdentity,
  readWrittenPackageIdentity,
  filesWithIdentity,
  replacePackageIdentity,
} from '../packages/package-identity';
import { makeBadgeTexts, drawBadge, drawButton } from './badges-and-buttons';
import { renderDefaultToolsTable } from './default-tools-table';
import { renderFloorsTable } from './floors-table';
import { BUTTON_FILES_BY_LABEL, renderInstallButtons } from './install-buttons';
import { renderEventIndex, renderEvents } from './events-page';

/**
 * Command `npm run docs`: writes the files, and the parts of pages, that are generated from the code. With `-- --check` it
 * only compares them.
 */

const root = join(__dirname, '../..');

/** Generated files in the order of their generation: pages are rendered with the index of the events. */
const files: Readonly<Record<string, () => string | Promise<string>>> = {
  'src/watch/kinds/index.ts': renderEventIndex,
  'docs/events.md': renderEvents,
  'docs/operations.md': async () => (await import('./operations-page')).renderOperations(),
};

/** Pictures that are made of text, which prettier does not format. */
const pictures: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(makeBadgeTexts()).map(([file, [label, value]]) => [file, drawBadge(label, value)]),
  ),
  ...Object.fromEntries(
    Object.entries(BUTTON_FILES_BY_LABEL).map(([words, file]) => [file, drawButton(words)]),
  ),
};

/** Pages with generated parts, each between `<!-- generated: name -->` and `<!-- end of generated -->`. */
const pages: readonly string[] = ['README.md', 'docs/architecture.md', 'docs/mcp.md', 'docs/sandbox.md'];

const parts: Readonly<Record<string, (page: string) => string>> = {
  'flags of coriolis-mcp': () => formatFlagsAsMarkdown(mcpFlags),
  'flags of coriolis-sandbox': () => formatFlagsAsMarkdown(sandboxFlags),
  'floors of src': () => renderFloorsTable('src'),
  'floors of mcp': () => renderFloorsTable('mcp'),
  'floors of nodes': () => renderFloorsTable('nodes'),
  'floors of sandbox': () => renderFloorsTable('sandbox'),
  'default tools': renderDefaultToolsTable,
  badges: () =>
    Object.entries(makeBadgeTexts())
      .map(([file, [label, value]]) => `![${label}: ${value}](docs/images/${file}.svg)`)
      .join('\n'),
  'install buttons': renderInstallButtons,
  'special machines': () =>
    [
      '| Machine | Behaviour |',
      '| --- | --- |',
      ...specialMachines.map(
        ({ names, behaviour }) => `| ${names.map((name) => `\`${name}\``).join(', ')} | ${behaviour} |`,
      ),
    ].join('\n'),
};

const withParts = (page: string): string =>
  readFileSync(join(root, page), 'utf8').replaceAll(
    /(<!-- generated: (.+) -->\n)[^]*?(<!-- end of generated -->)/gu,
    (_, start: string, name: string, end: string) => {
      const render = parts[name];
      if (render === undefined) throw new Error(`${page} has an unknown generated part "${name}"`);
      return `${start}\n${render(page)}\n\n${end}`;
    },
  );

async function main(check: boolean): Promise<void> {
  const before = readWrittenPackageIdentity();
  const identified = filesWithIdentity.map((name): [string, () => string] => [
    name,
    () => replacePackageIdentity(readFileSync(join(root, name), 'utf8'), before, readPackageIdentity()),
  ]);
  const all = {
    ...Object.fromEntries(identified),
    ...files,
    ...Object.fromEntries(pages.map((page) => [page, () => withParts(page)])),
  };
  for (const [name, render] of Object.entries(all)) {
    const filepath = join(root, name);
    writeOrCompare(
      name,
      await format(await render(), { ...(await resolveConfig(filepath)), filepath }),
      check,
    );
  }
  for (const [name, picture] of Object.entries(pictures))
    writeOrCompare(`docs/images/${name}.svg`, `${picture}\n`, check);
}

/** Writes a file; with `check` only reports when its text differs. */
function writeOrCompare(name: string, text: string, check: boolean): void {
  const filepath = join(root, name);
  if (!check) writeFileSync(filepath, text);
  else if (!existsSync(filepath) || readFileSync(filepath, 'utf8') !== text) {
    console.error(`${name} is not up to date: run \`npm run docs\``);
    process.exitCode = 1;
  }
}

void main(process.argv.includes('--check'));
