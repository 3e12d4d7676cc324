import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const run = promisify(execFile);

/** What went wrong, in the words of the program that failed. */
const words = (error: unknown): Error => {
  const { stdout, stderr } = error as { stdout?: string; stderr?: string };
  return new Error([String(error), stdout, stderr].join('\n'));
};

const npm = (args: readonly string[], cwd: string) =>
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [...args], {
    cwd,
    timeout: 120_000,
    shell: process.platform === 'win32',
  });

/** A project of somebody else's, with nothing installed but the package as npm would publish it. */
export class Consumer {
  private constructor(private readonly folder: string) {}

  /** Packs what is built, and installs the tarball without any network. */
  static async create(): Promise<Consumer> {
    const folder = mkdtempSync(join(tmpdir(), 'coriolis-consumer-'));
    await npm(['pack', '--silent', '--pack-destination', folder], ROOT);
    const [tarball = ''] = readdirSync(folder);
    const consumer = new Consumer(folder);
    consumer.write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
    await npm(
      ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', `./${tarball}`],
      folder,
    );
    return consumer;
  }

  /** What is installed in it. */
  installed(): readonly string[] {
    return readdirSync(join(this.folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /**
   * Compiles files strictly.
   * @throws {Error} with what the compiler says
   */
  async compile(files: readonly string[], options: Readonly<Record<string, unknown>>): Promise<void> {
    const compilerOptions = {
      target: 'es2022',
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
      ...options,
    };
    this.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    await run(process.execPath, [TSC, '-p', '.'], { cwd: this.folder, timeout: 120_000 }).catch(
      (error: unknown) => {
        throw words(error);
      },
    );
  }

  /** Runs a program to its end and returns what it printed. */
  async run(program: string, environment: Readonly<Record<string, string>>): Promise<string> {
    const { stdout } = await run(process.execPath, [program], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], ...environment },
      timeout: 60_000,
    }).catch((error: unknown) => {
      throw words(error);
    });
    return stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
