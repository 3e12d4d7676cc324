import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { SandboxConnection } from '../../sandbox/sandbox';

const ROOT = join(__dirname, '..', '..');

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command coriolis-sandbox', () => {
  let folder: string;
  let program: string;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coriolis-sandbox-'));
    program = join(folder, 'coriolis-sandbox.cjs');
    await build({
      entryPoints: [join(ROOT, 'sandbox/main.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
    });
  });

  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  /** Runs the command; `ready` resolves with its first output, `finished` when it has ended. */
  function run(...args: string[]) {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    return {
      child,
      ready: new Promise<string>((resolve) => {
        child.stdout.once('data', (chunk) => {
          resolve(String(chunk));
        });
      }),
      finished: new Promise<Finished>((resolve) => {
        child.on('close', (code) => {
          resolve({ code, stdout, stderr });
        });
      }),
    };
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints one line of JSON when ready and ends well on %s',
    async (signal) => {
      const { child, ready, finished } = run('--json', '--speed', '50');
      await ready;
      child.kill(signal);

      const { code, stdout } = await finished;

      expect(code).toBe(0);
      expect(stdout.trimEnd().split('\n').length).toBe(1);
      const connection = JSON.parse(stdout) as SandboxConnection;
      expect(Object.keys(connection)).toEqual([
        'auth_url',
        'username',
        'password',
        'user_domain',
        'project',
        'project_domain',
        'region',
        'coriolis_url',
        'generation',
        'other',
        'reader',
        'admin',
      ]);
      expect(new URL(connection.auth_url).hostname).toBe('127.0.0.1');
    },
  );

  it('speaks the legacy generation when asked to', async () => {
    const { child, ready, finished } = run('--json', '--generation', 'legacy');
    const connection = JSON.parse(await ready) as SandboxConnection;
    child.kill('SIGTERM');

    await finished;

    expect(connection.generation).toBe('legacy');
  });

  it('does wrong from the start what it is asked to', async () => {
    const { child, ready, finished } = run('--json', '--fault', 'GET /v3 status=503', '--fault', 'stall');
    const { auth_url: authUrl } = JSON.parse(await ready) as SandboxConnection;

    const statuses = [(await fetch(authUrl)).status, (await fetch(authUrl)).status];
    const planned: unknown = await (await fetch(new URL('/sandbox/faults', authUrl))).json();
    child.kill('SIGTERM');
    await finished;

    expect(statuses).toEqual([503, 200]);
    expect(planned).toMatchObject({
      faults: [
        { fault: 'GET /v3 status=503', struck: 1 },
        { fault: 'stall', struck: null },
      ],
    });
  });

  it('ends although a client keeps its connection open', async () => {
    const { child, ready, finished } = run('--json');
    const { auth_url: authUrl } = JSON.parse(await ready) as SandboxConnection;
    await (await fetch(authUrl)).text();

    child.kill('SIGTERM');

    expect((await finished).code).toBe(0);
  });

  it('otherwise prints what to paste into a shell', async () => {
    const { child, ready, finished } = run();
    await ready;
    child.kill('SIGTERM');

    const { stdout } = await finished;

    expect(stdout).toContain('export OS_AUTH_URL=http://127.0.0.1:');
    expect(stdout).toContain('export OS_PROJECT_NAME=migration');
  });

  it.each([
    ['--port', 'abc'],
    ['--port', '70000'],
    ['--fault', 'nonsense'],
    ['--speed', '0'],
    ['--speed', 'fast'],
    ['--seed', '-1'],
    ['--transfers', '1.5'],
    ['--generation', 'next'],
    ['--release', '1.1'],
    ['--nonsense', '1'],
    ['--seeed', '1'],
  ])('refuses %s %s, naming the option', async (option, value) => {
    const { code, stdout, stderr } = await run(option, value).finished;

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(option);
  });

  it('says that a port is taken', async () => {
    const first = run('--json');
    const { auth_url: authUrl } = JSON.parse(await first.ready) as SandboxConnection;

    const { code, stderr } = await run('--port', new URL(authUrl).port).finished;

    first.child.kill('SIGTERM');
    expect(code).toBe(1);
    expect(stderr).toContain('EADDRINUSE');
  });

  it('explains itself', async () => {
    const help = await run('--help').finished;
    const version = await run('--version').finished;

    expect(help.code).toBe(0);
    for (const option of ['--port', '--host', '--json', '--speed', '--seed', '--transfers']) {
      expect(help.stdout).toContain(option);
    }
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});
