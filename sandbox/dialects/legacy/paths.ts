const COLLECTIONS: Readonly<Record<string, string>> = { replicas: 'transfers', migrations: 'deployments' };

/** Paths that only servers of the current generation have. */
const CURRENT_ONLY_PATHS =
  /^(\/v1\/[^/]+)\/(?:(?:transfers|deployments)(?:\/.*)?|endpoints\/[^/]+\/inventory)$/;

/** Converts a legacy path to the current generation, e.g. `/v1/{project}/replicas/{id}`. */
export function toCurrentPath(path: string): string {
  return path
    .replace(CURRENT_ONLY_PATHS, '$1/-')
    .replace(
      /^(\/v1\/[^/]+\/)(replicas|migrations)(?=\/|$)/,
      (_all, base: string, collection: string) => base + (COLLECTIONS[collection] ?? collection),
    );
}
