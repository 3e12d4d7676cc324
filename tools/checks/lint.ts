// Static checks of the source. Runs one check by name, or all of them: npm run lint [-- format | published | rest |
// forms | spreads]
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintForms } from './lint-forms';
import { lintSpreads } from './lint-spreads';
import { repositoryRoot, printLine, installTool } from '../install.mjs';
import { setup } from '../setup.mjs';

const LINTER = "n8n's own linter (once, 700 MB, about two minutes)";
/** Paths that the n8n package publishes, checked with n8n's strict configuration. */
const PUBLISHED = ['credentials', 'nodes', 'library', 'src', 'package.json'];
const REST = ['command-line', 'mcp', 'sandbox', 'test', 'demo', 'tools'];

const node = (script: string, args: string[]): boolean =>
  spawnSync(process.execPath, [script, ...args], { cwd: repositoryRoot, stdio: 'inherit' }).status === 0;

const withoutSpaces = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Checks the format of the whole repository with Prettier. */
const format = async (): Promise<boolean> =>
  node(join(repositoryRoot, 'node_modules/prettier/bin/prettier.cjs'), [
    '--check',
    '--log-level',
    'warn',
    '.',
  ]);

/**
 * Lints the published code with n8n's strict configuration. Strict mode requires eslint.config.mjs to be n8n's own two
 * lines. They import from the linter's package, which is in the cache, so the linter gets a copy beside that package.
 */
async function published(): Promise<boolean> {
  const folder = await installTool('n8n-lint', LINTER);
  const wanted = readFileSync(
    join(folder, 'node_modules/@n8n/node-cli/dist/template/templates/shared/default/eslint.config.mjs'),
    'utf8',
  );
  if (
    withoutSpaces(readFileSync(join(repositoryRoot, 'eslint.config.mjs'), 'utf8')) !== withoutSpaces(wanted)
  ) {
    printLine(`eslint.config.mjs must be n8n's default, as n8n.strict is true in package.json:\n${wanted}`);
    return false;
  }
  const config = join(folder, 'eslint.config.mjs');
  copyFileSync(join(repositoryRoot, 'eslint.config.mjs'), config);
  return node(join(folder, 'node_modules/eslint/bin/eslint.js'), [
    '--config',
    config,
    '--max-warnings',
    '0',
    ...PUBLISHED,
  ]);
}

/** Lints everything else with the project's own configuration. */
const rest = async (): Promise<boolean> =>
  node(join(repositoryRoot, 'node_modules/eslint/bin/eslint.js'), [
    '--config',
    'tools/checks/eslint.config.mjs',
    '--max-warnings',
    '0',
    ...REST,
  ]);

/** Lints the rendered forms, which n8n's rules cannot see in the source; see lint-forms.ts. */
async function forms(): Promise<boolean> {
  await setup({ build: 'stale' });
  const findings = await lintForms(await installTool('n8n-lint', LINTER));
  for (const finding of findings) printLine(finding);
  return findings.length === 0;
}

/** Finds spreads that repeat a condition, or replace a default by undefined; see lint-spreads.ts. */
async function spreads(): Promise<boolean> {
  const findings = lintSpreads(repositoryRoot);
  for (const finding of findings) printLine(finding);
  return findings.length === 0;
}

const checks = { format, published, rest, forms, spreads };
type Check = keyof typeof checks;
const isCheck = (name: string): name is Check => name in checks;

async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !isCheck(name));
  if (unknown.length > 0) {
    printLine(`unknown check: ${unknown.join(', ')}; one of ${Object.keys(checks).join(', ')}`);
    return 2;
  }
  let failed = 0;
  for (const name of names.length > 0 ? names.filter(isCheck) : (Object.keys(checks) as Check[])) {
    const passed = await checks[name]();
    printLine(`lint ${name}: ${passed ? 'clean' : 'FAILED'}`);
    if (!passed) failed += 1;
  }
  return failed > 0 ? 1 : 0;
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
