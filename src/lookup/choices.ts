import { cursorOfLastRow } from '../api/client';
import type { Coriolis } from '../api/coriolis';
import type { ReferableResource } from '../vocabulary/field';
import { parsePlan } from '../model/migration-plan';
import { describeRun, toWords, displayTime, transferName } from '../model/names';
import { describeSchedule } from '../model/schedule';
import type { Deployment, Instance, Network, StorageBackend, Transfer } from '../model/types';
import { migrationName } from '../playbooks/migration/migration';
import { fetchAppliances, fetchLicences, fetchReservations } from '../resources/licensing-server';
import { withLastCopies, type LastCopyFacts } from '../resources/last-copies';
import { listLogs } from '../resources/log';
import { fetchAll, fetchPaged } from '../resources/objects';
import { instanceIdentifier, listInstances, fetchNetworks, storageBackends } from '../resources/platform';
import { fetchProviders } from '../resources/provider';

/** An object that a reference field can name: its value, its name for people, and a detail that tells it from others. */
export interface Candidate {
  readonly value: string;
  readonly name: string;
  readonly detail: string;
  /** Other names of the object, accepted when no object has this exact name. */
  readonly aliases?: readonly string[] | undefined;
  /** Paging position after this candidate, as the `after` of a later call, where the server pages. */
  readonly position?: string | undefined;
}

interface Lookup {
  /**
   * Lists the candidates, newest or most useful first.
   * @param within id in the parent field
   * @param search narrows the list where the server can
   * @param after position of the last candidate seen
   */
  candidates(coriolis: Coriolis, within: string, search: string, after?: string): AsyncIterable<Candidate>;
  /** Whether an exact, unique name is accepted instead of the id. */
  readonly byName: boolean;
}

async function* mapRows<Raw>(
  rows: AsyncIterable<Raw> | Promise<readonly Raw[]>,
  candidate: (raw: Raw) => Candidate,
): AsyncIterable<Candidate> {
  for await (const raw of await rows) yield candidate(raw);
}

/** Direct migrations: objects of their own on legacy servers, transfers with a plan on current ones. */
async function* migrations(coriolis: Coriolis, after: string | undefined): AsyncIterable<Candidate> {
  const legacy = (await coriolis.client.generation()) === 'legacy';
  const rows: AsyncIterable<Deployment | Transfer> = legacy
    ? fetchPaged(coriolis, 'deployment', [], { after })
    : fetchPaged(coriolis, 'transfer', [], { after });
  for await (const row of rows) {
    const isOne = legacy
      ? 'transfer_id' in row && row.transfer_id === null
      : parsePlan(row.notes) !== undefined;
    if (!isOne) continue;
    yield {
      value: row.id,
      position: cursorOfLastRow(row),
      name: migrationName(row),
      detail: `${row.instances.join(', ')}, ${displayTime(row.created_at)}`,
    };
  }
}

/** Maximum number of transfers of an unfiltered list whose last usable copies are looked up; others show what is known. */
const LOOKED_UP = 20;

/** Transfers with their last usable copies as far as these are known or, at the top of a list, looked up. */
const transfers = (
  coriolis: Coriolis,
  search: string,
  after: string | undefined,
): AsyncIterable<Candidate> => {
  const rows = fetchPaged(coriolis, 'transfer', [], { after });
  const most = search === '' && after === undefined ? LOOKED_UP : 0;
  return mapRows(withLastCopies(coriolis, rows, most), (transfer) => ({
    value: transfer.id,
    position: cursorOfLastRow(transfer),
    name: transferName(transfer),
    aliases: transfer.instances,
    // Lists cut long lines off: what is usual goes without saying.
    detail: [
      transfer.last_execution_status,
      ...copyWords(transfer),
      ...[transfer.scenario ?? 'replica'].filter((one) => one !== 'replica').map(toWords),
    ].join(', '),
  }));
};

function copyWords({ last_copy_at: at, no_copy_reason: reason, ...row }: Transfer & LastCopyFacts) {
  if (at !== null) return [`copy of ${displayTime(at)}`];
  if (reason === 'not_looked_up') return row.updated_at === null ? [] : [displayTime(row.updated_at)];
  return reason === 'never_synced' && row.last_execution_status === 'UNEXECUTED' ? [] : ['no usable copy'];
}

const byName = <Row extends { readonly name: string }>(rows: readonly Row[]): readonly Row[] =>
  [...rows].sort((one, other) => one.name.localeCompare(other.name));

/** The lists behind the drop-downs and completions of reference fields, by the kind of object. */
export const lookups: { readonly [R in ReferableResource]: Lookup } = {
  provider: {
    byName: false,
    candidates: (coriolis) =>
      mapRows(fetchProviders(coriolis), ({ name }) => ({ value: name, name, detail: '' })),
  },
  endpoint: {
    byName: true,
    candidates: (coriolis) =>
      mapRows(fetchAll(coriolis, 'endpoint').then(byName), ({ id, name, type }) => ({
        value: id,
        name,
        detail: type,
      })),
  },
  instance: {
    byName: false,
    candidates: (coriolis, within, search, after) =>
      mapRows(
        listInstances(coriolis, within, { name: search === '' ? undefined : search, after }),
        (instance: Instance) => ({
          value: instanceIdentifier(instance),
          name: instance.name,
          detail: `${instance.os_type}, ${instance.num_cpu} vCPU, ${instance.memory_mb} MB`,
          position: instance.id,
        }),
      ),
  },
  network: {
    byName: false,
    candidates: (coriolis, within) =>
      mapRows(fetchNetworks(coriolis, within), ({ id, name }: Network) => ({ value: id, name, detail: '' })),
  },
  storage: {
    byName: false,
    candidates: (coriolis, within) =>
      mapRows(storageBackends(coriolis, within), ({ name }: StorageBackend) => ({
        value: name,
        name,
        detail: '',
      })),
  },
  transfer: {
    byName: true,
    candidates: (coriolis, _within, search, after) => transfers(coriolis, search, after),
  },
  execution: {
    byName: false,
    candidates: (coriolis, within, _search, after) =>
      mapRows(fetchPaged(coriolis, 'execution', [within], { pageSize: 20, after }), (execution) => ({
        value: execution.id,
        position: cursorOfLastRow(execution),
        ...describeRun(execution),
      })),
  },
  deployment: {
    byName: false,
    candidates: (coriolis, _within, _search, after) =>
      mapRows(fetchPaged(coriolis, 'deployment', [], { after }), (deployment) => ({
        value: deployment.id,
        position: cursorOfLastRow(deployment),
        name: transferName(deployment),
        detail: `${deployment.last_execution_status}, ${displayTime(deployment.created_at)}`,
      })),
  },
  migration: {
    byName: true,
    candidates: (coriolis, _within, _search, after) => migrations(coriolis, after),
  },
  schedule: {
    byName: false,
    candidates: (coriolis, within) =>
      mapRows(fetchAll(coriolis, 'schedule', within), ({ id, schedule, enabled }) => ({
        value: id,
        name: describeSchedule(schedule),
        detail: enabled ? 'enabled' : 'disabled',
      })),
  },
  minionPool: {
    byName: true,
    candidates: (coriolis) =>
      mapRows(fetchAll(coriolis, 'minionPool').then(byName), ({ id, name, platform, status }) => ({
        value: id,
        name,
        detail: `${platform}, ${status}`,
      })),
  },
  region: {
    byName: true,
    candidates: (coriolis) =>
      mapRows(fetchAll(coriolis, 'region').then(byName), ({ id, name, enabled }) => ({
        value: id,
        name,
        detail: enabled ? 'enabled' : 'disabled',
      })),
  },
  service: {
    byName: false,
    candidates: (coriolis) =>
      mapRows(fetchAll(coriolis, 'service'), ({ id, host, binary, status }) => ({
        value: id,
        name: host,
        detail: `${binary}, ${status}`,
      })),
  },
  log: {
    byName: false,
    candidates: (coriolis) =>
      mapRows(
        listLogs(coriolis).then(({ names }) => names),
        (name) => ({ value: name, name, detail: '' }),
      ),
  },
  appliance: {
    byName: false,
    candidates: (coriolis) =>
      mapRows(fetchAppliances(coriolis), ({ id }) => ({ value: id, name: id, detail: '' })),
  },
  licence: {
    byName: false,
    candidates: (coriolis, within) =>
      mapRows(fetchLicences(coriolis, within), ({ id, period_end: end }) => ({
        value: id,
        name: id,
        detail: end === undefined ? '' : `until ${end}`,
      })),
  },
  reservation: {
    byName: false,
    candidates: (coriolis, within) =>
      mapRows(fetchReservations(coriolis, within), ({ id, type = '', count = 0 }) => ({
        value: id,
        name: id,
        detail: `${type}, ${count}`,
      })),
  },
};
