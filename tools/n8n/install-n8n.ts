// The releases of n8n that the nodes are tested in, installed into the cache when missing.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { installAlone, installTool, printLine, repositoryRoot, runNpm, withHeartbeat } from '../install.mjs';
import { findNodejs } from '../servers/find-nodejs';

interface Release {
  /** Folder below tools/locks with its lock file. */
  readonly tool: string;
  readonly what: string;
  /** Oldest major version of Node.js that it runs on. */
  readonly nodeMajor: number;
  readonly env: NodeJS.ProcessEnv;
}

const RELEASES = {
  current: { tool: 'n8n', what: 'n8n (once, 3 GB, about five minutes)', nodeMajor: 24, env: {} },
  oldest: {
    tool: 'n8n-oldest',
    what: 'n8n 1.123, the oldest one supported (once, 2 GB, about three minutes)',
    nodeMajor: 20,
    // The other expression engine is native code without a prebuilt file for Node.js 20.
    env: { N8N_EXPRESSION_ENGINE: 'legacy', N8N_RUNNERS_ENABLED: 'true' },
  },
} as const satisfies Record<string, Release>;
export type ReleaseName = keyof typeof RELEASES;

/** An installed n8n. */
export interface InstalledN8n {
  readonly release: ReleaseName;
  /** Version, such as `2.41.1`. */
  readonly version: string;
  /** Command that starts n8n; append the subcommand. */
  readonly command: readonly [program: string, script: string];
  readonly env: NodeJS.ProcessEnv;
  /** Loads a package of the installed n8n. */
  readonly require: NodeJS.Require;
}

const sqliteOf = (folder: string): { version: string; file: string } => {
  const home = join(folder, 'node_modules', 'sqlite3');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  return { version, file: join(home, 'build', 'Release', 'node_sqlite3.node') };
};

/**
 * Builds the database, the only package of n8n that needs its install script. One build works for all releases and
 * Node.js versions.
 */
async function buildSqlite(folder: string): Promise<void> {
  const { version, file } = sqliteOf(folder);
  if (existsSync(file)) return;
  for (const { tool: other } of Object.values(RELEASES)) {
    const cached = join(repositoryRoot, '.cache', 'tools', other);
    if (!existsSync(join(cached, 'node_modules', 'sqlite3', 'package.json'))) continue;
    const built = sqliteOf(cached);
    if (built.version !== version || !existsSync(built.file)) continue;
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(built.file, file);
    return;
  }
  const started = Date.now();
  await withHeartbeat(
    'Building the database of n8n (once, up to three minutes; needs a C++ compiler, make and Python when it cannot be downloaded)',
    () => runNpm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--loglevel=error'], { cwd: folder }),
  );
  printLine(`Built in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** Installs a release of n8n into the cache, unless it is there. */
export async function installN8n(release: ReleaseName): Promise<InstalledN8n> {
  const { tool: name, what, nodeMajor, env }: Release = RELEASES[release];
  const folder = await installTool(name, what, (into) =>
    // One build at a time for all releases, because each copies what another has built.
    installAlone(join(dirname(into), 'sqlite3'), () => buildSqlite(into)),
  );
  const require = createRequire(join(folder, 'package.json'));
  const { version } = require('n8n/package.json') as { version: string };
  const script = join(folder, 'node_modules', 'n8n', 'bin', 'n8n');
  return { release, version, command: [findNodejs(folder, nodeMajor), script], env, require };
}
