import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';

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
    timeout: 500_000,
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
    await run(process.execPath, [TSC, '-p', '.'], { cwd: this.folder, timeout: 500_000 }).catch(
      (error: unknown) => {
        throw words(error);
      },
    );
  }

  /**
   * What an editor says of the methods and of their inputs: for each place, such as `transfers.list` and
   * `transfers.list.status`, its comment.
   */
  documentation(): ReadonlyMap<string, string> {
    this.write(
      'api.mts',
      `import type { Groups } from 'n8n-nodes-coriolis/core';\nexport type Api = Groups;\n`,
    );
    const program = ts.createProgram([join(this.folder, 'api.mts')], {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      types: [],
    });
    const checker = program.getTypeChecker();
    const file = program.getSourceFile(join(this.folder, 'api.mts'));
    const alias = file?.statements.find(ts.isTypeAliasDeclaration);
    if (alias === undefined) throw new Error('The types of the package are not found');
    const found = new Map<string, string>();
    const note = (place: string, symbol: ts.Symbol): void => {
      found.set(place, ts.displayPartsToString(symbol.getDocumentationComment(checker)));
    };
    for (const group of checker.getTypeAtLocation(alias.type).getProperties()) {
      for (const method of checker.getTypeOfSymbol(group).getProperties()) {
        const place = `${group.name}.${method.name}`;
        note(place, method);
        const [call] = checker.getTypeOfSymbol(method).getCallSignatures();
        const [given] = call?.parameters ?? [];
        if (given === undefined) continue;
        // The parameters are a tuple: its first entry is what is given.
        const [first] = checker.getTypeArguments(checker.getTypeOfSymbol(given) as ts.TypeReference);
        const inputs = first && checker.getNonNullableType(first).getProperties();
        for (const input of inputs ?? []) note(`${place}.${input.name}`, input);
      }
    }
    return found;
  }

  /** Runs a program to its end and returns what it printed. */
  async run(program: string, environment: Readonly<Record<string, string>>): Promise<string> {
    const { stdout } = await run(process.execPath, [program], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], ...environment },
      timeout: 500_000,
    }).catch((error: unknown) => {
      throw words(error);
    });
    return stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
