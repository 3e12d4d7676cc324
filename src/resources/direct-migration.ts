import type { Coriolis } from '../api/operation-context';
import type { Deployment } from '../model/api-objects';
import { runWithEnvironmentAdvice } from './move/environment-advice';
import { isSameMove, makeMoveRequestBody, type MoveInput } from './move/move-request-body';
import { fetchPaged, sortOldestFirst } from '../requests/object-requests';

/**
 * Input of a direct migration: a migration of a legacy server that copies and deploys in one go
 * (docs/reference/coriolis-api.md §10.4, form A).
 */
export interface DirectMigrationInput extends MoveInput {
  readonly replicationCount: number;
  readonly shutdownInstances: boolean;
  readonly skipOsMorphing: boolean;
}

/** Finds the recent migrations for which `matches` is true, the oldest first. */
export async function findDirectMigrations(
  coriolis: Coriolis,
  matches: (one: Deployment) => boolean,
  isRecent: (createdAt: string) => boolean,
): Promise<readonly Deployment[]> {
  const found: Deployment[] = [];
  for await (const one of fetchPaged(coriolis, 'deployment', [])) {
    if (isRecent(one.created_at) && matches(one)) found.push(one);
  }
  return sortOldestFirst(found);
}

/** Creates a direct migration, which starts at once. */
export async function createDirectMigration(
  coriolis: Coriolis,
  input: DirectMigrationInput,
): Promise<Deployment> {
  const body = await makeMoveRequestBody(coriolis, input);
  const { deployment } = await runWithEnvironmentAdvice(coriolis, input, () =>
    coriolis.client.post<{ deployment: Deployment }>(
      '/migrations',
      {
        migration: {
          ...body,
          skip_os_morphing: input.skipOsMorphing,
          shutdown_instances: input.shutdownInstances,
          replication_count: input.replicationCount,
        },
      },
      {
        mayTakeMinutes: true,
        recover: async (createdSince) => {
          const found = await findDirectMigrations(coriolis, (one) => isSameMove(one, input), createdSince);
          return found.map((one) => ({ deployment: one }));
        },
      },
    ),
  );
  return deployment;
}
