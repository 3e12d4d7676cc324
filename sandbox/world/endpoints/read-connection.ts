import type { Owner, Endpoint, ConnectionReadResult } from '../model';
import { isJsonObject } from '../../json-object';
import type { JsonObject } from '../../json-object';
import { isPythonTruthy, pythonTypeName } from '../../python/value-operations';
import { pythonStr } from '../../python/value-texts';
import { mayReadSecret } from '../stores/secret-store';
import type { World } from '../world';

/** Seconds until the server gives up reading a secret: five attempts, one second apart (recorded). */
const SECRET_READ_SECONDS = 4;

/**
 * Reads the connection data of an endpoint. When the endpoint only has a reference to a secret of Barbican, the secret
 * is read with the rights of `reader`. Only the last part of the reference is used, and all fields beside the reference
 * are ignored (recordings of Coriolis with Barbican).
 */
export function readConnection(world: World, endpoint: Endpoint, reader: Owner): ConnectionReadResult {
  if (!isJsonObject(endpoint.connectionInfo)) {
    const problem = `'${pythonTypeName(endpoint.connectionInfo)}' object has no attribute 'get'`;
    return { problem, seconds: 0 };
  }
  const reference = endpoint.connectionInfo['secret_ref'];
  if (!isPythonTruthy(reference)) return { endpoint };
  const unreadable = (problem: string): ConnectionReadResult => ({ problem, seconds: SECRET_READ_SECONDS });
  if (world.conditions.has('barbican-down')) return unreadable('Unable to establish connection to Barbican');
  const id = pythonStr(reference).split('/').at(-1) ?? '';
  if (!/^[0-9a-f-]{36}$/i.test(id)) return unreadable('Secret incorrectly specified.');
  const secret = world.secretStore.get(id, world.serverSeconds());
  if (!secret) return unreadable('Not Found: Secret not found.');
  const roles = world.rolesOf(reader.userId, reader.projectId);
  if (!mayReadSecret({ ...reader, roles }, secret)) {
    return unreadable(
      'Forbidden: Secret payload retrieval attempt not allowed - please review your user/project privileges',
    );
  }
  const connectionInfo = jsonObject(secret.payload ?? '');
  if (!connectionInfo) return { problem: 'Expecting value: line 1 column 1 (char 0)', seconds: 0 };
  return { endpoint: { ...endpoint, connectionInfo } };
}

function jsonObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
