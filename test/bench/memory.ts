import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atMost, median, type Benchmark } from './figure';
import { withSandboxProcess } from '../support/sandbox-process';

const ROUNDS = 3;
const MIB = 1024 * 1024;

/** What the process that lists tells. */
export interface Listing {
  readonly rows: number;
  /** Bytes above what the idle process had, after a garbage collection. */
  readonly peakRss: number;
  readonly peakHeap: number;
}

/** Memory that listing takes while its rows are consumed one by one. */
export const memory: Benchmark = {
  name: 'memory',
  title: 'listing 100,000 transfers',
  run: () =>
    withSandboxProcess({ transfers: 100_000 }, async (connection) => {
      const listings: Listing[] = [];
      for (let round = 0; round < ROUNDS; round += 1) listings.push(await listOnce(connection));
      const rows = Math.min(...listings.map((listing) => listing.rows));
      if (rows < 100_000) throw new Error(`Only ${rows} transfers were listed`);
      const against = `above the idle process, ${rows.toLocaleString('en-US')} transfers streamed through the core and axios, median of ${ROUNDS} processes`;
      return [
        {
          name: 'peak memory while listing (RSS)',
          value: median(listings.map(({ peakRss }) => peakRss)) / MIB,
          unit: 'MiB',
          against,
          budget: atMost(64),
        },
        {
          name: 'peak memory while listing (heap)',
          value: median(listings.map(({ peakHeap }) => peakHeap)) / MIB,
          unit: 'MiB',
          against,
        },
      ];
    }),
};

async function listOnce(connection: object): Promise<Listing> {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', join(__dirname, 'memory-process.ts'), JSON.stringify(connection)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The listing process ended with ${code ?? 'a signal'}`);
  return JSON.parse(text) as Listing;
}
