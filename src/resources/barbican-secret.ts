import { path } from '../api/request-path';
import { asError, ServerError, UncertainError } from '../api/errors';
import type { Coriolis } from '../api/operation-context';
import type { JsonObject } from '../model/json';
import type { Endpoint } from '../model/api-objects';
import { tolerateErrors } from '../api/tolerate-errors';
import { fetchAll } from '../requests/object-requests';

/**
 * Client of Barbican, the secret store of OpenStack. Connection details are stored there in the form of the web
 * interface (docs/reference/coriolis-api.md §12). The contents of secrets are never read.
 */

const barbican = ({ client }: Coriolis) => client.forService('key-manager');

/**
 * Id at the end of a secret reference, which is a URL. Its host may be unreachable from here, so only the id is used.
 */
const idOf = (reference: string): string => reference.replace(/\/+$/, '').replace(/^.*\//s, '');

/** Secret reference of an endpoint; undefined when it has inline connection details. */
export const secretReferenceOf = ({ connection_info: info }: Endpoint): string | undefined =>
  typeof info['secret_ref'] === 'string' ? info['secret_ref'] : undefined;

/** Maximum number of reads until a new secret must be active. */
const TRIES = 10;
/** Pause between two of these reads. */
const PAUSE_MS = 2000;

/**
 * Stores connection details, waits until the secret is active, and returns the secret reference for Coriolis.
 * @throws {CapabilityError} there is no Barbican
 * @throws {ForbiddenError} the user lacks the role for creating secrets
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
  await deleteSecretOnFailure(coriolis, reference, () => untilActive(coriolis, reference));
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
 * Runs work with a new secret, and deletes the secret when the work fails. After an uncertain failure the secret stays,
 * because an endpoint may refer to it.
 */
export async function deleteSecretOnFailure<Result>(
  coriolis: Coriolis,
  reference: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UncertainError) throw asError(error);
    // The original error is thrown, even when the clean-up fails.
    await deleteSecret(coriolis, reference).catch(() => undefined);
    throw asError(error);
  }
}

async function deleteSecret(coriolis: Coriolis, reference: string): Promise<void> {
  await barbican(coriolis).delete(path`/v1/secrets/${idOf(reference)}`);
}

/**
 * Checks that Barbican answers, before a step after which the secret must be deleted. The secret may be missing or
 * protected.
 * @throws {CapabilityError} there is no Barbican; other errors of the read are thrown too
 */
export async function requireSecretService(coriolis: Coriolis, reference: string): Promise<void> {
  await tolerateErrors(
    barbican(coriolis).get(path`/v1/secrets/${idOf(reference)}`),
    ['not_found', 'forbidden'],
    undefined,
  );
}

/**
 * Tries to delete a secret unless an endpoint refers to it. Returns true when the secret was deleted. Failures are not
 * thrown, because the endpoint of the secret has been deleted already, and the call must report that success.
 */
export const tryDeleteUnusedSecret = (coriolis: Coriolis, reference: string): Promise<boolean> =>
  tolerateErrors(
    deleteUnusedSecret(coriolis, reference),
    ['server', 'unreachable', 'timeout', 'capability', 'uncertain', 'conflict', 'protocol'],
    false,
  );

/**
 * Deletes a secret unless an endpoint refers to it. A missing or protected secret is ignored.
 * @returns whether the secret was deleted
 */
export async function deleteUnusedSecret(coriolis: Coriolis, reference: string): Promise<boolean> {
  const endpoints = await fetchAll(coriolis, 'endpoint');
  const inUse = endpoints.some((endpoint) => idOf(secretReferenceOf(endpoint) ?? '') === idOf(reference));
  if (inUse) return false;
  return await tolerateErrors(
    deleteSecret(coriolis, reference).then(() => true),
    ['not_found', 'forbidden'],
    false,
  );
}
