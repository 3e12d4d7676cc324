import { pagingCursorAfter } from '../api/coriolis-client';
import type { Coriolis } from '../api/operation-context';
import type { ReferableResource } from '../vocabulary/field';
import { makeExecutionNameAndDetail, formatServerTime, displayNameOf } from '../model/display-texts';
import { describeSchedule } from '../model/schedule';
import type { Deployment, Instance, Network, StorageBackend, Transfer } from '../model/api-objects';
import { fetchAppliances } from '../resources/licensing/appliance';
import { fetchReservations } from '../resources/licensing/reservation';
import { fetchLicences } from '../resources/licensing/licence';
import { withLastCopies } from '../facts/fetch-last-copies';
import { fetchLogNames } from '../resources/log';
import { fetchAll, fetchPaged } from '../requests/object-requests';
import { fetchNetworks, fetchStorageBackends } from '../resources/endpoint-platform';
import { fetchInstances, instanceIdentifierOf } from '../resources/instance';
import { fetchProviders } from '../resources/provider';
import type { Candidate } from './candidate';
import {
  makeEndpointCandidate,
  makeMigrationCandidate,
  makePoolCandidate,
  makeRegionCandidate,
  makeTransferCandidate,
} from './name-lookup-lists';

interface CandidateList {
  /**
   * Lists the candidates, newest or most useful first.
   * @param within id in the field that `within` of the reference field names: the parent of the candidates
   * @param search text that people have typed. It narrows the list where the server can filter
   * @param after position of the last candidate that the caller already has
   */
  candidates(coriolis: Coriolis, within: string, search: string, after?: string): AsyncIterable<Candidate>;
}

async function* mapRows<Raw>(
  rows: AsyncIterable<Raw> | Promise<readonly Raw[]>,
  candidate: (raw: Raw) => Candidate,
): AsyncIterable<Candidate> {
  for await (const raw of await rows) yield candidate(raw);
}

/** Yields the migrations: found among the deployments of a legacy server, and among the transfers of others. */
async function* migrations(coriolis: Coriolis, after: string | undefined): AsyncIterable<Candidate> {
  const legacy = (await coriolis.client.detectGeneration()) === 'legacy';
  const rows: AsyncIterable<Deployment | Transfer> = legacy
    ? fetchPaged(coriolis, 'deployment', [], { after })
    : fetchPaged(coriolis, 'transfer', [], { after });
  for await (const row of rows) {
    const candidate = makeMigrationCandidate(row);
    if (candidate !== undefined) yield candidate;
  }
}

/**
 * Maximum number of transfers at the top of an unfiltered list whose last usable copies are looked up. For the others
 * only cached copies are shown.
 */
const LISTED_COPY_LOOKUPS = 20;

/**
 * Yields transfers with their last usable copies. Those at the top of a list are looked up, and the others come from a
 * cache.
 */
const transfers = (
  coriolis: Coriolis,
  search: string,
  after: string | undefined,
): AsyncIterable<Candidate> => {
  const rows = fetchPaged(coriolis, 'transfer', [], { after });
  const lookups = search === '' && after === undefined ? LISTED_COPY_LOOKUPS : 0;
  return mapRows(withLastCopies(coriolis, rows, lookups), makeTransferCandidate);
};

const byName = <Row extends { readonly name: string }>(rows: readonly Row[]): readonly Row[] =>
  [...rows].sort((one, other) => one.name.localeCompare(other.name));

/** Lists for the drop-downs and completions of reference fields, by the kind of object. */
export const candidateLists: { readonly [R in ReferableResource]: CandidateList } = {
  provider: {
    candidates: (coriolis) =>
      mapRows(fetchProviders(coriolis), ({ name }) => ({ value: name, name, detail: '' })),
  },
  endpoint: {
    candidates: (coriolis) => mapRows(fetchAll(coriolis, 'endpoint').then(byName), makeEndpointCandidate),
  },
  instance: {
    candidates: (coriolis, within, search, after) =>
      mapRows(
        fetchInstances(coriolis, within, { name: search === '' ? undefined : search, after }),
        (instance: Instance) => ({
          value: instanceIdentifierOf(instance),
          name: instance.name,
          detail: `${instance.os_type}, ${instance.num_cpu} vCPU, ${instance.memory_mb} MB`,
          position: instance.id,
        }),
      ),
  },
  network: {
    candidates: (coriolis, within) =>
      mapRows(fetchNetworks(coriolis, within), ({ id, name }: Network) => ({ value: id, name, detail: '' })),
  },
  storage: {
    candidates: (coriolis, within) =>
      mapRows(fetchStorageBackends(coriolis, within), ({ name }: StorageBackend) => ({
        value: name,
        name,
        detail: '',
      })),
  },
  transfer: {
    candidates: (coriolis, _within, search, after) => transfers(coriolis, search, after),
  },
  execution: {
    candidates: (coriolis, within, _search, after) =>
      mapRows(fetchPaged(coriolis, 'execution', [within], { pageSize: 20, after }), (execution) => ({
        value: execution.id,
        position: pagingCursorAfter(execution),
        ...makeExecutionNameAndDetail(execution),
      })),
  },
  deployment: {
    candidates: (coriolis, _within, _search, after) =>
      mapRows(fetchPaged(coriolis, 'deployment', [], { after }), (deployment) => ({
        value: deployment.id,
        position: pagingCursorAfter(deployment),
        name: displayNameOf(deployment),
        detail: `${deployment.last_execution_status}, ${formatServerTime(deployment.created_at)}`,
      })),
  },
  migration: {
    candidates: (coriolis, _within, _search, after) => migrations(coriolis, after),
  },
  schedule: {
    candidates: (coriolis, within) =>
      mapRows(fetchAll(coriolis, 'schedule', within), ({ id, schedule, enabled }) => ({
        value: id,
        name: describeSchedule(schedule),
        detail: enabled ? 'enabled' : 'disabled',
      })),
  },
  minionPool: {
    candidates: (coriolis) => mapRows(fetchAll(coriolis, 'minionPool').then(byName), makePoolCandidate),
  },
  region: {
    candidates: (coriolis) => mapRows(fetchAll(coriolis, 'region').then(byName), makeRegionCandidate),
  },
  service: {
    candidates: (coriolis) =>
      mapRows(fetchAll(coriolis, 'service'), ({ id, host, binary, status }) => ({
        value: id,
        name: host,
        detail: `${binary}, ${status}`,
      })),
  },
  log: {
    candidates: (coriolis) =>
      mapRows(
        fetchLogNames(coriolis).then(({ names }) => names),
        (name) => ({ value: name, name, detail: '' }),
      ),
  },
  appliance: {
    candidates: (coriolis) =>
      mapRows(fetchAppliances(coriolis), ({ id }) => ({ value: id, name: id, detail: '' })),
  },
  licence: {
    candidates: (coriolis, within) =>
      mapRows(fetchLicences(coriolis, within), ({ id, period_end: end }) => ({
        value: id,
        name: id,
        detail: end === undefined ? '' : `until ${end}`,
      })),
  },
  reservation: {
    candidates: (coriolis, within) =>
      mapRows(fetchReservations(coriolis, within), ({ id, type = '', count = 0 }) => ({
        value: id,
        name: id,
        detail: `${type}, ${count}`,
      })),
  },
};
