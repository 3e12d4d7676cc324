/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2). */
const ROUND_CONSTANTS = fractions(64, (prime) => Math.cbrt(prime));
/** First 32 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4 §5.3.3). */
const INITIAL = fractions(8, (prime) => Math.sqrt(prime));

function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (isPrime(candidate)) found.push((root(candidate) % 1) * 2 ** 32);
  }
  return Uint32Array.from(found, Math.floor);
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
    if (candidate % divisor === 0) return false;
  }
  return true;
}

const BLOCK = 64;

/**
 * SHA-256 of a text in UTF-8, as 64 hexadecimal digits. Implemented here because the core may use neither Node.js nor
 * the browser, and a plan must have the same hash everywhere.
 */
export function sha256(text: string): string {
  const bytes = padded(utf8(text));
  const state = Uint32Array.from(INITIAL);
  const schedule = new Uint32Array(BLOCK);
  for (let start = 0; start < bytes.length; start += BLOCK) compress(state, schedule, bytes, start);
  return [...state].map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** UTF-8 bytes of a text. A lone surrogate becomes U+FFFD, as in every UTF-8 encoder. */
function utf8(text: string): readonly number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return bytes;
}

const tail = (code: number): number => 0x80 | (code & 0x3f);

/** Pads a message with a single bit, zeros and its length in bits (FIPS 180-4 §5.1.1). */
function padded(message: readonly number[]): Uint8Array {
  const length = Math.ceil((message.length + 9) / BLOCK) * BLOCK;
  const bytes = new Uint8Array(length);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(length - 8, Math.floor(message.length / 2 ** 29));
  view.setUint32(length - 4, (message.length * 8) >>> 0);
  return bytes;
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** Processes one block (FIPS 180-4 §6.2.2). */
function compress(state: Uint32Array, w: Uint32Array, bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, start, BLOCK);
  const at = (index: number): number => w[index] ?? 0;
  for (let t = 0; t < 64; t += 1) {
    if (t < 16) {
      w[t] = view.getUint32(t * 4);
      continue;
    }
    const small0 = rotate(at(t - 15), 7) ^ rotate(at(t - 15), 18) ^ (at(t - 15) >>> 3);
    const small1 = rotate(at(t - 2), 17) ^ rotate(at(t - 2), 19) ^ (at(t - 2) >>> 10);
    w[t] = at(t - 16) + small0 + at(t - 7) + small1;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t += 1) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + big1 + choice + (ROUND_CONSTANTS[t] ?? 0) + at(t)) | 0;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + big0 + majority) | 0];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] ?? 0) + word;
}
