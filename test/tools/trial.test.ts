import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { startSandbox } from '../../sandbox/sandbox';
import { introduceTrial } from '../../tools/n8n/trial-introduction';

/** What `npm run n8n` prints: while it starts, and when it is ready. */

test('the introduction has every address, login and value that a person needs', async () => {
  const sandbox = await startSandbox();
  const { connection } = sandbox;
  const owner = { email: 'owner@example.com', password: 'Owner-1234' };
  const trial = {
    n8n: { url: 'http://127.0.0.1:5678', owner },
    mail: { url: 'http://127.0.0.1:1080' },
    sandbox: connection,
    workflows: [{}, {}],
    table: '/tmp/machines.xlsx',
    forms: [{ name: 'Migrate a VM', address: 'http://127.0.0.1:5678/form/x?Wave=1' }],
  } as unknown as Parameters<typeof introduceTrial>[0];
  await sandbox.stop();

  const lines = introduceTrial(trial, 60);

  expect(lines).toEqual(
    expect.arrayContaining([
      'n8n      http://127.0.0.1:5678/home/workflows',
      `e-mail   ${owner.email}`,
      `password ${owner.password}`,
      expect.stringContaining('http://127.0.0.1:1080'),
      expect.stringContaining(`${connection.auth_url}, 60 times as fast`),
      '  Migrate a VM',
      '    http://127.0.0.1:5678/form/x?Wave=1',
      expect.stringContaining(trial.table),
      expect.stringMatching(/^2 workflows are there/u),
    ]),
  );
  for (const [name, value] of Object.entries(loginVariablesOf(connection)))
    expect(lines).toContain(`  export ${name}='${value}'`);
  expect(lines.filter((line) => line.includes('export OS_')).length).toBeGreaterThan(5);
});

/** Runs code as a module of its own. @returns what it prints to standard error */
async function printedBy(code: string): Promise<string> {
  const tools = pathToFileURL(join(__dirname, '../../tools/install.mjs')).href;
  const module = `import { withHeartbeat } from ${JSON.stringify(tools)};\n${code}`;
  const run = promisify(execFile);
  return (await run(process.execPath, ['--input-type=module', '--eval', module])).stderr;
}

describe('a silent step', () => {
  it('says that it goes on until it ends', async () => {
    const printed = await printedBy(`
      let beats = 0;
      const write = process.stderr.write.bind(process.stderr);
      await withHeartbeat('Starting something', () => new Promise((resolve) => {
        process.stderr.write = (text) => {
          beats += 1;
          if (beats === 2) resolve();
          return write(text);
        };
      }), 1);
      process.stderr.write = write;
      setTimeout(() => console.error('end'), 50);
    `);

    expect(printed).toMatch(/^Starting something\n(?: {2}still at work, \d+ s\n){2}end\n$/u);
  });

  it('ends with the error of its work', async () => {
    const printed = await printedBy(`
      await withHeartbeat('Failing', () => Promise.reject(new Error('no')), 1).catch(({ message }) => console.error(message));
    `);

    expect(printed).toBe('Failing\nno\n');
  });
});
