// Lists all transfers of the sandbox whose connection the argument holds, and prints how much memory that took.
import { makeAxiosTransport } from '../../mcp/connection/axios-transport';
import type { SandboxConnection } from '../../sandbox/sandbox';
import { transferOperations } from '../../src/operations/transfer';
import { checkCall, fetchCallRows } from '../../src/prepared-call';
import { coriolisOver } from './coriolis';
import type { Listing } from './memory';

const SAMPLE_EVERY_ROWS = 100;
const SAMPLE_EVERY_MS = 5;

async function main(connection: SandboxConnection): Promise<void> {
  const [list] = transferOperations;
  const coriolis = coriolisOver(makeAxiosTransport({ insecure: false }), connection);
  const listed = (limit: number | undefined) => fetchCallRows(checkCall(list, {}), coriolis, { limit });
  // Logs in and compiles what a listing needs: the idle process of the comparison has done that, too.
  for await (const _row of listed(1000));

  global.gc?.();
  const idle = process.memoryUsage();
  let peakRss = 0;
  let peakHeap = 0;
  const sample = (): void => {
    const { rss, heapUsed } = process.memoryUsage();
    peakRss = Math.max(peakRss, rss - idle.rss);
    peakHeap = Math.max(peakHeap, heapUsed - idle.heapUsed);
  };
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  let rows = 0;
  for await (const _row of listed(undefined)) {
    rows += 1;
    if (rows % SAMPLE_EVERY_ROWS === 0) sample();
  }
  clearInterval(timer);
  const listing: Listing = { rows, peakRss, peakHeap };
  process.stdout.write(JSON.stringify(listing));
}

void main(JSON.parse(process.argv[2] ?? '') as SandboxConnection);
