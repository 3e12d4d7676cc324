import type { Sandbox } from '../../sandbox/sandbox';

/**
 * Lets a sandbox answer every request for a schema of a platform with one schema, until the faults are cleared.
 *
 * @param properties properties of the schema, as JSON Schema
 * @param required names of those that are required
 */
export function answerSchema(
  { faults }: Sandbox,
  properties: Readonly<Record<string, object>>,
  required: readonly string[] = [],
): void {
  const schema = { type: 'object', properties, required };
  faults.add({
    method: 'GET',
    path: /\/providers\/[^/]+\/schemas\//u,
    times: Infinity,
    fault: {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schemas: { schema } }),
    },
  });
}
