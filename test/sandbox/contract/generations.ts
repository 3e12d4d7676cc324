import type { Generation } from '../../../sandbox/world/releases';
import { isObject } from './shape';

const PATHS: readonly (readonly [RegExp, string])[] = [
  [/^transfers\b/, 'replicas'],
  [/^deployments\b/, 'migrations'],
];

/** Set-ups speak of transfers and deployments; this says the same to a server of the given generation. */
export function wordsFor(
  generation: Generation,
  call: { path: string; body: unknown },
): { path: string; body: unknown } {
  if (generation === 'current') return call;
  const path = PATHS.reduce((result, [current, legacy]) => result.replace(current, legacy), call.path);
  return { path, body: isObject(call.body) ? legacyBody(call.body) : call.body };
}

function legacyBody(body: Record<string, unknown>): Record<string, unknown> {
  const { transfer, deployment } = body;
  if (transfer !== undefined) return { replica: transfer };
  if (!isObject(deployment)) return body;
  const { transfer_id: replica_id, ...others } = deployment;
  return { migration: { replica_id, ...others } };
}
