import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until';

/** Commands that start at once install a tool once, and one that was killed blocks nobody. Each is a process. */

const TOOLS = join(__dirname, '..', '..', 'tools');
/** Does what npm does: what it installed stands in a hidden lock file, which others can read before it is whole. */
const NPM = `
  const fs = require('node:fs');
  fs.appendFileSync('../../../npm.log', 'begin\\n');
  fs.rmSync('node_modules', { recursive: true, force: true });
  fs.mkdirSync('node_modules');
  const whole = fs.readFileSync('package-lock.json', 'utf8');
  fs.writeFileSync('node_modules/.package-lock.json', whole.slice(0, 20));
  const timer = setInterval(() => {
    if (!fs.existsSync('../../../go')) return;
    clearInterval(timer);
    fs.writeFileSync('node_modules/.package-lock.json', whole);
    fs.appendFileSync('../../../npm.log', 'end\\n');
  }, 10);
`;

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coriolis-install-'));
  mkdirSync(join(folder, 'tools'));
  for (const file of ['install.mjs', 'lock.mjs']) cpSync(join(TOOLS, file), join(folder, 'tools', file));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<unknown>;
}

/** Runs a module in the folder, in a process of its own. */
function run(code: string): Run {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: folder,
    env: { ...process.env, npm_execpath: join(folder, 'npm-cli.js') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  const ended = once(child, 'close').then(([exitCode, signal]: unknown[]) => exitCode ?? signal);
  return { child, output: () => text, ended };
}

test('of four commands that need a tool at once, one installs it and all have it', async () => {
  writeFileSync(join(folder, 'npm-cli.js'), NPM);
  const lock = { packages: { '': {}, 'node_modules/demo': { version: '1.2.3' } } };
  mkdirSync(join(folder, 'tools/locks/demo'), { recursive: true });
  for (const [file, content] of Object.entries({ 'package.json': {}, 'package-lock.json': lock }))
    writeFileSync(join(folder, 'tools/locks/demo', file), JSON.stringify(content, undefined, 2));
  const code = `
    import { installTool, isInstalled } from './tools/install.mjs';
    console.log('started');
    console.log('installed', isInstalled(await installTool('demo', 'a tool')));
  `;

  const runs = Array.from({ length: 4 }, () => run(code));
  await until(
    'four commands',
    () => runs.map(({ output }) => output()),
    (outputs) => outputs.every((output) => output.includes('started')),
  );
  writeFileSync(join(folder, 'go'), '');

  expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
  for (const { output } of runs) expect(output()).toContain('installed true');
  expect(readFileSync(join(folder, 'npm.log'), 'utf8')).toBe('begin\nend\n');
});

test('a lock is held by one at a time, and that of a killed process is taken over', async () => {
  const hold = `
    import { withLock } from './tools/lock.mjs';
    await withLock('the.lock', () => new Promise(() => setInterval(() => console.log('held'), 20)));
  `;
  const dies = run(hold);
  await until('the holder', dies.output, (output) => output.includes('held'));
  writeFileSync(join(folder, 'count'), '0');
  // Reads, waits and writes: whoever is not alone loses a count.
  const count = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { withLock } from './tools/lock.mjs';
    console.log('started');
    for (let turn = 0; turn < 5; turn += 1) {
      await withLock('the.lock', async () => {
        const before = Number(readFileSync('count', 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, 5));
        writeFileSync('count', String(before + 1));
      });
    }
  `;
  const runs = Array.from({ length: 3 }, () => run(count));
  await until(
    'those who wait',
    () => runs.map(({ output }) => output()),
    (outputs) => outputs.every((output) => output.includes('started')),
  );
  expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('0');

  dies.child.kill('SIGKILL');

  expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('15');
  expect(existsSync(join(folder, 'the.lock'))).toBe(false);
});

test('two calls in one process wait for each other, and an error lets the next one in', async () => {
  const { output, ended } = run(`
    import { withLock } from './tools/lock.mjs';
    const calls = ['first', 'second'].map((name) =>
      withLock('the.lock', async () => {
        console.log('begins', name);
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.log('ends', name);
        throw new Error(name);
      }),
    );
    const results = await Promise.allSettled(calls);
    console.log(results.map(({ reason }) => reason.message).join(' '));
  `);

  expect(await ended).toBe(0);
  expect(output().trim().split('\n')).toEqual([
    'begins first',
    'ends first',
    'begins second',
    'ends second',
    'first second',
  ]);
});

test.each([
  ['this process', '${process.pid}'],
  ['another process that runs', '${process.ppid}'],
])('a lock of an earlier process with the id of %s blocks nobody', async (_who, pid) => {
  const { output, ended } = run(`
    import { mkdirSync, writeFileSync } from 'node:fs';
    import { withLock } from './tools/lock.mjs';
    mkdirSync('the.lock');
    writeFileSync(\`the.lock/${pid}-earlier\`, 'another start');
    console.log(await withLock('the.lock', async () => 'ran'));
  `);

  expect(await ended).toBe(0);
  expect(output().trim()).toBe('ran');
});
