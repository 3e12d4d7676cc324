// Servers that the end-to-end tests need. Those installed on the machine are used; missing ones come from Debian's
// packages, unpacked into the cache. Nothing is installed system-wide, and root is not needed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installAlone, repositoryRoot, runProgram, printLine } from '../install.mjs';

const CACHE = join(repositoryRoot, '.cache', 'tools', 'debian');

/** Packages that are unpacked together into one folder. */
interface Bundle {
  readonly what: string;
  readonly packages: readonly string[];
  /** Whether everything is present, on the machine or below the folder. */
  readonly works: (unpacked: string) => boolean;
}

const BUNDLES = {
  queue: {
    what: 'Redis and PostgreSQL (up to 95 MB)',
    packages: ['redis-server', 'postgresql'],
    works: (unpacked) => {
      const { find } = findDebianServers(unpacked);
      return ['redis-server', 'initdb', 'postgres'].every((program) => find(program) !== undefined);
    },
  },
  keystone: {
    what: 'Keystone (up to 85 MB)',
    packages: ['python3-keystone', 'python3-psycopg2', 'python3-waitress'],
    works: (unpacked) => {
      const { python, env } = findDebianPython(unpacked);
      try {
        execFileSync(python, ['-c', 'import keystone, psycopg2, waitress'], { env, stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    },
  },
} as const satisfies Record<string, Bundle>;

export type DebianBundleName = keyof typeof BUNDLES;

const folderOf = (name: DebianBundleName): string => join(CACHE, name);

/** Folders with programs, below `/` or below the unpacked packages. */
function foldersIn(base: string): string[] {
  const postgres = join(base, 'usr', 'lib', 'postgresql');
  const releases = existsSync(postgres) ? readdirSync(postgres) : [];
  return [
    ...releases.map((release) => join(postgres, release, 'bin')),
    join(base, 'usr', 'bin'),
    join(base, 'usr', 'sbin'),
  ];
}

/** Environment with the library paths of unpacked programs. */
function withLibraries(unpacked: string): NodeJS.ProcessEnv {
  const folders = [join(unpacked, 'usr', 'lib'), join(unpacked, 'lib')].flatMap((libraries) =>
    (existsSync(libraries) ? readdirSync(libraries) : [])
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(libraries, name)),
  );
  return folders.length === 0 ? process.env : { ...process.env, LD_LIBRARY_PATH: folders.join(':') };
}

/** Programs of this machine and below `unpacked`, with the environment for the latter. */
export function findDebianServers(unpacked = folderOf('queue')): {
  readonly find: (program: string) => string | undefined;
  /**
   * Path of a program.
   * @throws when it is not there: call `downloadDebianPackages` before
   */
  readonly program: (name: string) => string;
  readonly env: NodeJS.ProcessEnv;
} {
  const find = (program: string): string | undefined =>
    [...(process.env['PATH'] ?? '').split(':'), ...foldersIn('/'), ...foldersIn(unpacked)]
      .map((folder) => join(folder, program))
      .find((file) => existsSync(file));
  return {
    find,
    program: (name) => {
      const found = find(name);
      if (found === undefined) throw new Error(`${name} is not installed`);
      return found;
    },
    env: withLibraries(unpacked),
  };
}

/** Debian's own Python, never another one in the path, with installed and unpacked modules. */
export function findDebianPython(unpacked = folderOf('keystone')): {
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
} {
  const own = join(unpacked, 'usr', 'bin', 'python3');
  const modules = [unpacked, '/'].map((base) => join(base, 'usr', 'lib', 'python3', 'dist-packages'));
  return {
    python: existsSync(own) ? own : '/usr/bin/python3',
    env: {
      ...withLibraries(unpacked),
      PYTHONPATH: modules.join(':'),
      PYTHONHOME: undefined,
      PYTHONNOUSERSITE: '1',
    },
  };
}

/** Folder of the unpacked Redis and PostgreSQL; undefined when they are installed. */
export const findUnpackedServersFolder = (): string | undefined =>
  existsSync(folderOf('queue')) ? folderOf('queue') : undefined;

/** Downloads the packages that the machine lacks, once. @throws when the programs and apt-get are both missing */
export async function downloadDebianPackages(name: DebianBundleName): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  await installAlone(folderOf(name), () => downloadMissing(name));
}

async function downloadMissing(name: DebianBundleName): Promise<void> {
  const { what, packages, works }: Bundle = BUNDLES[name];
  if (works(folderOf(name))) return;
  printLine(`Downloading ${what}, once`);
  const work = join(CACHE, `${name}.partial`);
  rmSync(work, { recursive: true, force: true });
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'packages', 'root']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  // Own lists and caches, because those of the system belong to root and are often empty in containers.
  const options = [
    `Dir::State=${join(work, 'state')}`,
    `Dir::State::status=/var/lib/dpkg/status`,
    `Dir::Cache=${join(work, 'cache')}`,
    // Otherwise apt downloads as a user without access to this folder.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await runProgram('apt-get', [...options, '-qq', 'update']);
  const plan = execFileSync(
    'apt-get',
    [...options, '-s', '--no-install-recommends', 'install', ...packages],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  ).toString();
  // "Inst name (version …)" is new, "Inst name [installed version] (version …)" an update of what is there.
  const missing = [...plan.matchAll(/^Inst (\S+) \(/gm)].map(([, name]) => name ?? '');
  const archives = join(work, 'packages');
  await runProgram('apt-get', [...options, '-qq', 'download', ...missing], { cwd: archives });
  const unpacked = join(work, 'root');
  for (const file of readdirSync(archives)) await runProgram('dpkg', ['-x', join(archives, file), unpacked]);
  // Moved into place only when complete.
  rmSync(folderOf(name), { recursive: true, force: true });
  renameSync(unpacked, folderOf(name));
  rmSync(work, { recursive: true, force: true });
  if (!works(folderOf(name))) throw new Error(`What was downloaded of ${what} does not work here`);
}
