// npm run docs:site [-- options]: see USAGE.
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { installTool, printLine, repositoryRoot, runProgram } from '../install.mjs';
import { readPackageIdentity } from '../packages/package-identity';
import { findDeadLinks } from './find-dead-links';
import { serveSite } from './site-server';
import { SIDE_BAR_GROUPS, readPages, sitePathOf } from './site-pages';

const USAGE = `npm run docs:site [-- options]

Builds the documentation as a site that can be searched, and checks its links. It needs no server of others.
The first run installs the generator, VitePress: 100 MB.

  --serve    serves the site on this machine until Ctrl-C
  --port N   its port, 4173 unless given
  --help     this text`;

const WORK = join(repositoryRoot, '.cache', 'site');

/** Builds the site. @returns the folder with its files @throws when a link is dead, naming each */
export async function buildSite(): Promise<string> {
  const tool = await installTool('docs-site', 'the generator of the site (once, a minute, 100 MB)');
  const source = join(WORK, 'source');
  const outDir = join(WORK, 'html');
  rmSync(WORK, { recursive: true, force: true });
  const pages = readPages();
  for (const { path, text } of pages) write(join(source, sitePathOf(path)), text);
  cpSync(join(repositoryRoot, 'docs', 'images'), join(source, 'docs', 'images'), { recursive: true });
  symlinkSync(join(tool, 'node_modules'), join(source, 'node_modules'), 'junction');
  const titles = new Map(pages.map(({ path, title }) => [path, title]));
  const sidebar = Object.entries(SIDE_BAR_GROUPS).map(([text, paths]) => ({
    text,
    items: paths.map((path) => ({
      text: path === 'README.md' ? 'Overview' : (titles.get(path) ?? path),
      link: `/${sitePathOf(path).replace(/(?:index)?\.md$/u, '')}`,
    })),
  }));
  const { repository } = readPackageIdentity();
  write(
    join(source, '.vitepress', 'config.mjs'),
    [
      `import { makeSiteConfig } from ${JSON.stringify(join(repositoryRoot, 'tools', 'docs', 'site-config.ts'))};`,
      `export default makeSiteConfig(${JSON.stringify({ outDir, repository, sidebar })});`,
    ].join('\n'),
  );
  await runProgram(process.execPath, [
    join(tool, 'node_modules', 'vitepress', 'bin', 'vitepress.js'),
    'build',
    source,
  ]);
  const dead = findDeadLinks(outDir);
  if (dead.length > 0) throw new Error(`The site has dead links:\n${dead.join('\n')}`);
  return outDir;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      serve: { type: 'boolean', default: false },
      port: { type: 'string', default: '4173' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    printLine(USAGE);
    return;
  }
  const folder = await buildSite();
  printLine(`The site is in ${folder}`);
  if (!values.serve) return;
  await serveSite(folder, Number(values.port));
  printLine(`It is served on http://127.0.0.1:${values.port} until Ctrl-C`);
}

if (require.main === module)
  main(process.argv.slice(2)).catch((error: unknown) => {
    printLine(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
