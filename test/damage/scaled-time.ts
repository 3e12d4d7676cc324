import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '../../src/api/core-runtime';

/** How much faster time passes. Callers agree within 13 s, which must be long enough for a few requests. */
export const SCALE = 10;
const BEGIN = Date.now();

const scaledNow = (): number => BEGIN + Math.round((Date.now() - BEGIN) * SCALE);

/** Clock of a sandbox in scaled time. */
export const scaledClock = { now: scaledNow };

/** Waits for a time of the scaled clock. */
export const scaledDelay = async (ms: number): Promise<void> => {
  await delay(ms / SCALE);
};

/** Runtime of the core in scaled time. */
export const scaledRuntime: Runtime = { clock: scaledNow, random: Math.random, sleep: scaledDelay };

const PRELOAD = join(__dirname, 'preload.cjs');

/** Environment that puts a Node.js process into scaled time. */
export const scaledEnvironment = (): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`,
  SCALED_TIME: String(SCALE),
  SCALED_TIME_BEGIN: String(BEGIN),
});
