import { mapConcurrently } from '../api/map-concurrently';
import type { Coriolis } from '../api/operation-context';
import { formatCount, displayNameOf } from '../model/display-texts';
import type { MinionPool } from '../model/api-objects';
import { quoteText } from '../model/untrusted-text';
import { fetchOne, fetchOptional, fetchPaged } from '../requests/object-requests';
import { joinFirstNames } from '../vocabulary/read-input';
import { type Preview, makePreviewSubject } from '../vocabulary/preview';
import { fetchQuotedEndpointName } from './transfer-preview';

/** Previews the removal of a pool's machines by force: how many there are, and which runs fail. Reads only. */
export async function previewForcedDeallocation(coriolis: Coriolis, id: string): Promise<Preview> {
  const pool = await fetchOne(coriolis, 'minionPool', id);
  const machines = pool.minion_machines ?? [];
  return {
    subject: makePreviewSubject(pool, pool.name, pool.status),
    consequences: [
      await describePool(coriolis, pool),
      machines.length === 0
        ? 'It has no machine: none is removed.'
        : `Removed, also while in use: ${formatCount(machines.length, 'machine')}.`,
      ...(await describeUse(coriolis, pool)),
    ],
  };
}

/**
 * Previews the deletion of a pool: which transfers use it. The deletion would be refused unless the pool is DEALLOCATED
 * or in ERROR. Reads only.
 */
export async function previewPoolDeletion(coriolis: Coriolis, id: string): Promise<Preview> {
  const pool = await fetchOne(coriolis, 'minionPool', id);
  const users: string[] = [];
  for await (const transfer of fetchPaged(coriolis, 'transfer', [])) {
    const pools = [
      transfer.origin_minion_pool_id,
      transfer.destination_minion_pool_id,
      ...Object.values(transfer.instance_osmorphing_minion_pool_mappings ?? {}),
    ];
    if (pools.includes(id)) users.push(quoteText(displayNameOf(transfer), 60));
  }
  return {
    subject: makePreviewSubject(pool, pool.name, pool.status),
    consequences: [
      await describePool(coriolis, pool),
      'Its settings are lost.',
      users.length === 0
        ? 'No transfer names it.'
        : `Runs fail from then on of ${formatCount(users.length, 'transfer')}: ${joinFirstNames(users)}.`,
      ...(await describeUse(coriolis, pool)),
    ],
    refusal: ['DEALLOCATED', 'ERROR'].includes(pool.status)
      ? undefined
      : `it is ${pool.status}: deallocate it first`,
  };
}

const describePool = async (coriolis: Coriolis, pool: MinionPool): Promise<string> =>
  `It is a ${pool.platform} pool of ${await fetchQuotedEndpointName(coriolis, pool.endpoint_id)}.`;

/** Sentences about the machines of a pool that are in use, with the transfers or deployments that use them. */
async function describeUse(coriolis: Coriolis, { minion_machines: machines }: MinionPool) {
  const actions = (machines ?? []).flatMap(({ allocated_action: action }) => action ?? []);
  if (actions.length === 0) return ['No machine is in use.'];
  const names = await mapConcurrently([...new Set(actions)], 4, (id) =>
    transferOrDeploymentName(coriolis, id),
  );
  return [`In use: ${formatCount(actions.length, 'machine')}, by ${joinFirstNames(names)}. Their runs fail.`];
}

/** Name of the transfer or deployment with this id; the id itself when neither can be read. */
async function transferOrDeploymentName(coriolis: Coriolis, id: string): Promise<string> {
  const transfer = await fetchOptional(coriolis, 'transfer', [id], ['not_found', 'forbidden']);
  if (transfer !== undefined) return quoteText(displayNameOf(transfer), 60);
  const deployment = await fetchOptional(coriolis, 'deployment', [id], ['not_found', 'forbidden']);
  return deployment === undefined
    ? id
    : `the deployment of ${quoteText(deployment.instances.join(', '), 60)}`;
}
