// One process at a time: for what several commands of this repository would otherwise install or build at once.
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 100;
/** Pauses before a wait is worth a message. */
const SHORT_WAIT = 20;

/** Whether an error of the file system has one of these codes. */
const hasCode = (/** @type {unknown} */ error, /** @type {readonly string[]} */ codes) =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** Whether a process is running, of whichever user. */
function isRunning(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, ['EPERM']);
  }
}

/** Holders of this process: a lock of its process id that is none of them was left by an earlier process. */
const own = new Set();

/** Time at which a process started, in the system's own unit; empty where the system does not tell it (not Linux). */
function startOf(/** @type {number} */ pid) {
  try {
    // The name of the program, in parentheses, may hold spaces. The start is the 20th field after it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/**
 * Whether the holder of a lock has ended. Process ids are used again, in containers at once, so a process that runs now
 * is the holder only when it started when the holder did.
 */
function hasEnded(/** @type {string} */ lock, /** @type {string} */ holder) {
  const pid = Number.parseInt(holder, 10);
  if (pid === process.pid) return !own.has(holder);
  if (!isRunning(pid)) return true;
  try {
    const start = readFileSync(join(lock, holder), 'utf8');
    return start !== '' && start !== startOf(pid);
  } catch (error) {
    // The holder has released it meanwhile.
    if (hasCode(error, ['ENOENT'])) return false;
    throw error;
  }
}

/** Removes a folder when it is empty. */
function removeEmpty(/** @type {string} */ folder) {
  try {
    rmdirSync(folder);
  } catch {
    // Another process holds it now, or has removed it.
  }
}

/** The holder of a lock, a process id and a random text; undefined when nobody holds it. */
function holderOf(/** @type {string} */ lock) {
  if (!existsSync(lock)) return undefined;
  try {
    return readdirSync(lock)[0];
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return undefined;
    throw error;
  }
}

/**
 * Takes a lock that nobody holds: a folder with the holder's file in it is moved to its place, which the system refuses
 * when the folder there has a file.
 * @returns {boolean} false when another process was faster
 */
function take(/** @type {string} */ lock, /** @type {string} */ holder) {
  const prepared = `${lock}.${holder}`;
  mkdirSync(prepared, { recursive: true });
  writeFileSync(join(prepared, holder), startOf(process.pid));
  try {
    renameSync(prepared, lock);
    return true;
  } catch (error) {
    rmSync(prepared, { recursive: true });
    const refusals = process.platform === 'win32' ? ['EPERM', 'EACCES', 'EEXIST'] : ['ENOTEMPTY', 'EEXIST'];
    if (hasCode(error, refusals)) return false;
    throw error;
  }
}

/**
 * Runs `work` while no other process, and no other call in this one, runs under the same lock. A lock whose process has
 * ended is taken over, so one that was killed blocks nobody.
 * @template T
 * @param {string} lock path of the lock, which is a folder while it is held
 * @param {() => Promise<T>} work must not ask for the same lock
 * @param {(pid: number) => void} [onLongWait] told once, with the process that holds the lock, after two seconds
 * @returns {Promise<T>}
 */
export async function withLock(lock, work, onLongWait) {
  const self = `${process.pid}-${randomUUID()}`;
  own.add(self);
  for (let pauses = 0; ;) {
    const holder = holderOf(lock);
    if (holder === undefined) {
      if (take(lock, self)) break;
      // Windows moves nothing to the place of a folder, not even of an empty one.
      removeEmpty(lock);
      continue;
    }
    if (!hasEnded(lock, holder)) {
      pauses += 1;
      if (pauses === SHORT_WAIT) onLongWait?.(Number.parseInt(holder, 10));
      await sleep(PAUSE_MS);
      continue;
    }
    // The file of the dead holder by its name: that of the next holder, who may be faster, has another one.
    rmSync(join(lock, holder), { force: true });
    removeEmpty(lock);
  }
  try {
    return await work();
  } finally {
    own.delete(self);
    rmSync(join(lock, self), { force: true });
    removeEmpty(lock);
  }
}
