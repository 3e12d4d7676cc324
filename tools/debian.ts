// Redis and PostgreSQL for the tests of n8n's queue: those of the machine, or Debian's packages unpacked into the cache. Nothing
// is installed into the system and nobody has to be root.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, say } from './install.mjs';

const CACHE = join(root, '.cache', 'tools', 'debian');
const UNPACKED = join(CACHE, 'root');
const PACKAGES = ['redis-server', 'postgresql'];

/** Folders that may hold programs, below `/` or below the unpacked packages. */
function foldersIn(base: string): string[] {
  const postgres = join(base, 'usr', 'lib', 'postgresql');
  const releases = existsSync(postgres) ? readdirSync(postgres) : [];
  return [
    ...releases.map((release) => join(postgres, release, 'bin')),
    join(base, 'usr', 'bin'),
    join(base, 'usr', 'sbin'),
  ];
}

/** The programs of this machine and those unpacked below `unpacked`, with the environment in which the latter find their libraries. */
export function debianServers(unpacked = UNPACKED): {
  readonly find: (program: string) => string | undefined;
  /** @throws when it is not there: call `installDebianServers` before */
  readonly program: (name: string) => string;
  readonly env: NodeJS.ProcessEnv;
} {
  const find = (program: string): string | undefined =>
    [...(process.env['PATH'] ?? '').split(':'), ...foldersIn('/'), ...foldersIn(unpacked)]
      .map((folder) => join(folder, program))
      .find((file) => existsSync(file));
  const libraries = join(unpacked, 'usr', 'lib');
  const folders = (existsSync(libraries) ? readdirSync(libraries) : [])
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(libraries, name));
  return {
    find,
    program: (name) => {
      const found = find(name);
      if (found === undefined) throw new Error(`${name} is not installed`);
      return found;
    },
    env: folders.length === 0 ? process.env : { ...process.env, LD_LIBRARY_PATH: folders.join(':') },
  };
}

/** The folder of the unpacked packages, when some had to be downloaded. */
export const unpackedDebian = (): string | undefined => (existsSync(UNPACKED) ? UNPACKED : undefined);

/** Downloads what the machine lacks. @throws where there is neither the programs nor apt-get */
export async function installDebianServers(): Promise<void> {
  const { find } = debianServers();
  if (['redis-server', 'initdb', 'postgres'].every((program) => find(program) !== undefined)) return;
  say('Downloading Redis and PostgreSQL (once, up to 80 MB)');
  rmSync(CACHE, { recursive: true, force: true });
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'packages', 'root']) {
    mkdirSync(join(CACHE, folder), { recursive: true });
  }
  // Lists and caches of our own, because those of the system are root's, and often empty in containers.
  const options = [
    `Dir::State=${join(CACHE, 'state')}`,
    `Dir::State::status=/var/lib/dpkg/status`,
    `Dir::Cache=${join(CACHE, 'cache')}`,
    // Without this, root's downloads are handed to a user who may not enter here.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await run('apt-get', [...options, '-qq', 'update']);
  const plan = execFileSync(
    'apt-get',
    [...options, '-s', '--no-install-recommends', 'install', ...PACKAGES],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  ).toString();
  // "Inst name (version …)" is new, "Inst name [installed version] (version …)" an update of what is there.
  const missing = [...plan.matchAll(/^Inst (\S+) \(/gm)].map(([, name]) => name ?? '');
  const packages = join(CACHE, 'packages');
  await run('apt-get', [...options, '-qq', 'download', ...missing], { cwd: packages });
  for (const file of readdirSync(packages)) await run('dpkg', ['-x', join(packages, file), UNPACKED]);
  for (const leftover of ['state', 'cache', 'packages']) {
    rmSync(join(CACHE, leftover), { recursive: true, force: true });
  }
}
