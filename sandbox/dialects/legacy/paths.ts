const COLLECTIONS: Readonly<Record<string, string>> = { replicas: 'transfers', migrations: 'deployments' };

/** What came with the current generation: no legacy server has such routes. */
const UNKNOWN = /^(\/v1\/[^/]+)\/(?:(?:transfers|deployments)(?:\/.*)?|endpoints\/[^/]+\/inventory)$/;

/** The path of the current generation for one of the legacy generation, e.g. `/v1/{project}/replicas/{id}`. */
export function currentPath(path: string): string {
  return path
    .replaceAll(/%2f/gi, '/')
    .replace(UNKNOWN, '$1/-')
    .replace(
      /^(\/v1\/[^/]+\/)(replicas|migrations)(?=\/|$)/,
      (_all, base: string, collection: string) => base + (COLLECTIONS[collection] ?? collection),
    );
}
