import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../support/until';

const CACHE = join(__dirname, '../../../.cache/tools/nginx');
const UNPACKED = join(CACHE, 'usr/sbin/nginx');
const INSTALLED = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx', UNPACKED];

/**
 * nginx: the one of this machine, or else Debian's package, unpacked into the cache without being installed.
 * @throws when there is none and it cannot be fetched, with how to install it
 */
function findNginx(): string {
  const found = INSTALLED.find((path) => existsSync(path));
  if (found !== undefined) return found;
  try {
    mkdirSync(CACHE, { recursive: true });
    execFileSync('apt-get', ['download', 'nginx'], { cwd: CACHE, stdio: 'pipe', timeout: 60_000 });
    const [file = ''] = readdirSync(CACHE).filter((name) => name.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: CACHE, stdio: 'pipe', timeout: 60_000 });
    return UNPACKED;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new Error(`This test needs nginx: install it ("apt-get install nginx") and run again. ${reason}`);
  }
}

export interface Balancer {
  /** Of MCP. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts nginx before these servers: requests go to each in turn, and to the next when one is gone. */
export async function startNginx(origins: readonly string[]): Promise<Balancer> {
  const program = findNginx();
  const folder = mkdtempSync(join(tmpdir(), 'coriolis-mcp-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events {}
http {
  access_log off; ${temporary}
  upstream replicas { ${origins.map((origin) => `server ${new URL(origin).host} max_fails=0;`).join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://replicas; proxy_set_header Host mcp.example.com; proxy_buffering off; proxy_read_timeout 300s; }
  }
}
`,
  );
  const child = spawn(program, ['-e', 'stderr', '-p', folder, '-c', file], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await answering(`http://127.0.0.1:${port}/healthz`, child);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(url: string, child: { readonly exitCode: number | null }): Promise<void> {
  const isUp = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    return answer?.ok === true;
  };
  await until('an answer of nginx', isUp, (up) => up);
}
