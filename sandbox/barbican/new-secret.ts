import { pythonRepr } from '../python/value-texts';
import { BarbicanError, invalidSecretError } from './errors';

/** Checked body of a new secret. */
export interface NewSecret {
  readonly name: string | null;
  readonly payload: string | null;
  readonly algorithm: string | null;
  readonly bitLength: number | null;
  readonly mode: string | null;
  readonly expiration: string | null;
}

/** Barbican's default limits, in bytes. */
const MAX_REQUEST_BYTES = 25_000;
const MAX_SECRET_BYTES = 20_000;
const PAYLOAD_TYPES = [
  'text/plain',
  'text/plain;charset=utf-8',
  'text/plain; charset=utf-8',
  'application/octet-stream',
  'application/pkcs8',
];

/**
 * Reads the body of a new secret. Unknown fields are ignored.
 * @throws BarbicanError with the recorded texts
 */
export function readNewSecret(text: string): NewSecret {
  const body = parsed(text);
  const { payload, payload_content_type: type } = body;
  if (payload !== undefined && payload !== null) {
    if (typeof payload !== 'string')
      throw invalidSecretError(`${pythonRepr(payload)} is not of type 'string'`, 'payload');
    if (payload === '') throw invalidSecretError("If 'payload' specified, must be non empty", 'payload');
    if (type === undefined) {
      const reason = "If 'payload' is supplied, 'payload_content_type' must also be supplied.";
      throw invalidSecretError(reason, 'payload_content_type');
    }
    if (typeof type !== 'string' || !PAYLOAD_TYPES.includes(type)) {
      throw invalidSecretError(
        `payload_content_type is not one of ${pythonRepr(PAYLOAD_TYPES)}`,
        'payload_content_type',
      );
    }
    refuseLargePayload(payload);
  }
  return {
    payload: typeof payload === 'string' ? payload : null,
    name: textOf(body['name']),
    algorithm: textOf(body['algorithm']),
    bitLength: typeof body['bit_length'] === 'number' ? body['bit_length'] : null,
    mode: textOf(body['mode']),
    expiration: textOf(body['expiration'])?.replace(/(\.\d+)?Z?$/, '') ?? null,
  };
}

/**
 * Refuses a payload of more than 20,000 bytes.
 * @throws BarbicanError 413
 */
export function refuseLargePayload(payload: string): void {
  if (Buffer.byteLength(payload) > MAX_SECRET_BYTES) {
    throw new BarbicanError(413, 'Provided information too large to process');
  }
}

function parsed(text: string): Record<string, unknown> {
  // A request that is too large counts as truncated.
  if (Buffer.byteLength(text) <= MAX_REQUEST_BYTES) {
    try {
      const body: unknown = JSON.parse(text);
      if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
    } catch {
      // Reported below.
    }
  }
  throw new BarbicanError(400, 'Malformed JSON');
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
