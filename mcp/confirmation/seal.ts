import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Proves that this server wrote a text which a client returns later, such as a confirmation token or a task id. The
 * proof is a message authentication code: it hides nothing of the text, nothing is stored, and any process with the
 * same key can check it.
 */
export interface Seal {
  /** Authentication code of `text`. */
  sign(text: string): string;
  /** Compares `proof` with the code of `text` in constant time; true when they are equal. */
  verifies(text: string, proof: string): boolean;
}

/**
 * Creates one seal for each purpose, each with a key of its own.
 *
 * @param key secret that all processes of this server share; undefined makes a random key for this process alone
 */
export function createSealMaker(key: string | undefined): (purpose: string) => Seal {
  const master = key ?? randomBytes(32);
  return (purpose) => {
    const own = new Uint8Array(hkdfSync('sha256', master, 'coriolis-mcp', purpose, 32));
    const sign = (text: string): string => createHmac('sha256', own).update(text).digest('base64url');
    return { sign: sign, verifies: (text, proof) => isSameText(proof, sign(text)) };
  };
}

/** Compares two texts in constant time. */
function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
