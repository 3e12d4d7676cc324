import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Proves that a text was given out by this server, or by another one with the same key, for the same purpose: what a
 * client brings back later needs no memory on our side, and any replica can judge it.
 */
export interface Seal {
  /** The proof to give out with `text`. */
  of(text: string): string;
  /** Whether `proof` belongs to `text`; compared in constant time. */
  matches(text: string, proof: string): boolean;
}

/**
 * Makes seals, one for each purpose, so that what was given out for one is worth nothing for another.
 *
 * @param key shared by all replicas; when undefined a random one is made, which ends with this process
 */
export function createSeals(key: string | undefined): (purpose: string) => Seal {
  const master = key ?? randomBytes(32);
  return (purpose) => {
    const own = new Uint8Array(hkdfSync('sha256', master, 'coriolis-mcp', purpose, 32));
    const of = (text: string): string => createHmac('sha256', own).update(text).digest('base64url');
    return { of, matches: (text, proof) => sameText(proof, of(text)) };
  };
}

/** Whether two texts are the same, in a time that tells nothing about where they differ. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
