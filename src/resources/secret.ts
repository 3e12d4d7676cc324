import { path } from '../api/path';
import { asError, ServerError, UncertainError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import type { JsonObject } from '../model/json';
import type { Endpoint } from '../model/types';
import { tolerate } from '../api/tolerate';

/**
 * Connection details in Barbican instead of Coriolis, the way its web interface does it (coriolis-api.md §12). What is
 * stored is never read back.
 */

const barbican = ({ client }: Coriolis) => client.service('key-manager');

/** The host in a reference may be an internal one: only the id at its end counts. */
const idOf = (reference: string): string => reference.replace(/\/+$/, '').replace(/^.*\//s, '');

/** The reference that an endpoint holds instead of connection details. */
export const secretOf = ({ connection_info: info }: Endpoint): string | undefined =>
  typeof info['secret_ref'] === 'string' ? info['secret_ref'] : undefined;

const TRIES = 10;
const PAUSE_MS = 2000;

/**
 * Stores connection details and waits until they can be read; gives the reference for Coriolis.
 * @throws {CapabilityError} there is no Barbican
 * @throws {ForbiddenError} the user lacks its role
 */
export async function storeSecret(coriolis: Coriolis, connection: JsonObject): Promise<string> {
  const { secret_ref: reference } = await barbican(coriolis).post<{ secret_ref: string }>('/v1/secrets', {
    payload: JSON.stringify(connection),
    payload_content_type: 'text/plain',
    algorithm: 'aes',
    bit_length: 256,
    mode: 'cbc',
    content_types: { default: 'text/plain' },
  });
  await cleaningUp(coriolis, reference, () => untilActive(coriolis, reference));
  return reference;
}

async function untilActive(coriolis: Coriolis, reference: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { status } = await barbican(coriolis).get<{ status: string }>(path`/v1/secrets/${idOf(reference)}`);
    if (status === 'ACTIVE') return;
    if (status === 'ERROR' || attempt === TRIES) {
      throw new ServerError(`Barbican could not store the connection details: the secret is ${status}`, {
        advice: 'Nothing else was done. Its log tells more.',
      });
    }
    await coriolis.sleep(PAUSE_MS, coriolis.signal);
  }
}

/**
 * Does something with a fresh secret, and deletes it when that fails. When it may have worked all the same, the secret
 * stays: an endpoint may hold its reference.
 */
export async function cleaningUp<Result>(
  coriolis: Coriolis,
  reference: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UncertainError) throw asError(error);
    // The first error is the one to tell, also when nothing can be cleaned up.
    await deleteSecret(coriolis, reference).catch(() => undefined);
    throw asError(error);
  }
}

async function deleteSecret(coriolis: Coriolis, reference: string): Promise<void> {
  await barbican(coriolis).delete(path`/v1/secrets/${idOf(reference)}`);
}

/**
 * Deletes a secret that no endpoint holds any more; one that is gone, or not ours to delete, is left as it is.
 * @returns whether it was deleted
 */
export async function dropSecret(coriolis: Coriolis, reference: string): Promise<boolean> {
  const { endpoints } = await coriolis.client.get<{ endpoints: Endpoint[] }>('/endpoints');
  const inUse = endpoints.some((endpoint) => idOf(secretOf(endpoint) ?? '') === idOf(reference));
  if (inUse) return false;
  return await tolerate(
    deleteSecret(coriolis, reference).then(() => true),
    ['not_found', 'forbidden'],
    false,
  );
}
