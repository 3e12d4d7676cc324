import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Message authentication codes of texts that clients return later, such as confirmation tokens and task ids. Nothing is
 * stored: any process with the same key can verify them.
 */
export interface Seal {
  /** Authentication code of `text`. */
  of(text: string): string;
  /** Whether `proof` is the code of `text`; compared in constant time. */
  verifies(text: string, proof: string): boolean;
}

/**
 * Creates one seal for each purpose, each with a key of its own.
 *
 * @param key secret shared by all replicas; a random one of this process when undefined
 */
export function createSeals(key: string | undefined): (purpose: string) => Seal {
  const master = key ?? randomBytes(32);
  return (purpose) => {
    const own = new Uint8Array(hkdfSync('sha256', master, 'coriolis-mcp', purpose, 32));
    const sign = (text: string): string => createHmac('sha256', own).update(text).digest('base64url');
    return { of: sign, verifies: (text, proof) => isSameText(proof, sign(text)) };
  };
}

/** Compares two texts in constant time. */
function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
