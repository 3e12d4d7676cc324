import { cursorAfter, type ApiClient } from '../api/client';
import { path } from '../api/path';
import { InvalidInputError, NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/coriolis';
import type { AnyField, Fields, InputOf, ReferableResource } from '../vocabulary/field';
import type { Spelling } from '../vocabulary/input';
import { isObject } from '../model/json';
import { planIn } from '../model/migration-plan';
import { describeRun, inWords, listedTime, transferName } from '../model/names';
import { describeSchedule } from '../model/schedule';
import type {
  Deployment,
  Endpoint,
  Execution,
  Instance,
  MinionPool,
  Network,
  Region,
  Schedule,
  Service,
  StorageBackend,
  Transfer,
} from '../model/types';
import { nameOf } from '../playbooks/migration/migration';
import { appliances, licences, reservations } from '../resources/licensing-server';
import { instanceIdentifier, instances, networks, storageBackends } from '../resources/platform';
import { listLogs } from '../resources/log';

/** A choice in a list: its value, its name, and a description that distinguishes it. */
export interface Candidate {
  readonly value: string;
  readonly name: string;
  readonly detail: string;
  /** Other names. They match only when no candidate has the exact name. */
  readonly aliases?: readonly string[];
  /** Position for paging: pass it as `after` to list what follows. */
  readonly position?: string;
}

interface Lookup {
  /**
   * Lists candidates, newest or most useful first. `within` is the id of the parent; `search` narrows where the server
   * can; `after` is the position of the last candidate seen.
   */
  candidates(coriolis: Coriolis, within: string, search: string, after?: string): AsyncIterable<Candidate>;
  /** Whether an exact, unique name may be given instead of the id. */
  readonly byName: boolean;
}

async function* mapRows<Raw>(
  rows: AsyncIterable<Raw> | Promise<readonly Raw[]>,
  candidate: (raw: Raw) => Candidate,
): AsyncIterable<Candidate> {
  for await (const raw of await rows) yield candidate(raw);
}

/** Migrations in one go: objects of their own on legacy servers, planned transfers on current ones. */
async function* migrations(client: ApiClient, after: string | undefined): AsyncIterable<Candidate> {
  const legacy = (await client.generation()) === 'legacy';
  const rows = legacy
    ? client.rows<Deployment>('/deployments', 'deployments', from(after))
    : client.rows<Transfer>('/transfers', 'transfers', from(after));
  for await (const row of rows) {
    const isOne = legacy ? 'transfer_id' in row && row.transfer_id === null : planIn(row.notes) !== undefined;
    if (!isOne) continue;
    yield {
      value: row.id,
      position: cursorAfter(row),
      name: nameOf(row),
      detail: `${row.instances.join(', ')}, ${listedTime(row.created_at)}`,
    };
  }
}

const byName = <Row extends { readonly name: string }>(rows: readonly Row[]): readonly Row[] =>
  [...rows].sort((one, other) => one.name.localeCompare(other.name));

const from = (after: string | undefined) => (after === undefined ? {} : { after });

/** Lookups for each kind of reference. Drop-downs and completions use them. */
export const lookups: { readonly [R in ReferableResource]: Lookup } = {
  provider: {
    byName: false,
    candidates: ({ client }) =>
      mapRows(
        client
          .get<{ providers: Record<string, unknown> }>('/providers')
          .then(({ providers }) => Object.keys(providers).sort()),
        (name) => ({ value: name, name, detail: '' }),
      ),
  },
  endpoint: {
    byName: true,
    candidates: ({ client }) =>
      mapRows(
        client.get<{ endpoints: Endpoint[] }>('/endpoints').then(({ endpoints }) => byName(endpoints)),
        ({ id, name, type }) => ({ value: id, name, detail: type }),
      ),
  },
  instance: {
    byName: false,
    candidates: (coriolis, within, search, after) =>
      mapRows(
        instances(coriolis, within, { name: search === '' ? undefined : search, after }),
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
      mapRows(networks(coriolis, within), ({ id, name }: Network) => ({ value: id, name, detail: '' })),
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
    candidates: ({ client }, _within, _search, after) =>
      mapRows(client.rows<Transfer>('/transfers', 'transfers', from(after)), (transfer) => ({
        value: transfer.id,
        position: cursorAfter(transfer),
        name: transferName(transfer),
        aliases: transfer.instances,
        // Lists truncate long lines, so usual values are left out.
        detail: [
          transfer.last_execution_status,
          ...(transfer.updated_at === null ? [] : [listedTime(transfer.updated_at)]),
          ...[transfer.scenario ?? 'replica'].filter((one) => one !== 'replica').map(inWords),
        ].join(', '),
      })),
  },
  execution: {
    byName: false,
    candidates: ({ client }, within, _search, after) =>
      mapRows(
        client.rows<Execution>(path`/transfers/${within}/executions`, 'executions', {
          pageSize: 20,
          ...from(after),
        }),
        (execution) => ({
          value: execution.id,
          position: cursorAfter(execution),
          ...describeRun(execution),
        }),
      ),
  },
  deployment: {
    byName: false,
    candidates: ({ client }, _within, _search, after) =>
      mapRows(client.rows<Deployment>('/deployments', 'deployments', from(after)), (deployment) => ({
        value: deployment.id,
        position: cursorAfter(deployment),
        name: transferName(deployment),
        detail: `${deployment.last_execution_status}, ${listedTime(deployment.created_at)}`,
      })),
  },
  migration: {
    byName: true,
    candidates: ({ client }, _within, _search, after) => migrations(client, after),
  },
  schedule: {
    byName: false,
    candidates: ({ client }, within) =>
      mapRows(
        client
          .get<{ schedules: Schedule[] }>(path`/transfers/${within}/schedules`)
          .then(({ schedules }) => schedules),
        ({ id, schedule, enabled }) => ({
          value: id,
          name: describeSchedule(schedule),
          detail: enabled ? 'enabled' : 'disabled',
        }),
      ),
  },
  minionPool: {
    byName: true,
    candidates: ({ client }) =>
      mapRows(
        client
          .get<{ minion_pools: MinionPool[] }>('/minion_pools')
          .then(({ minion_pools: pools }) => byName(pools)),
        ({ id, name, platform, status }) => ({ value: id, name, detail: `${platform}, ${status}` }),
      ),
  },
  region: {
    byName: true,
    candidates: ({ client }) =>
      mapRows(
        client.get<{ regions: Region[] }>('/regions').then(({ regions }) => byName(regions)),
        ({ id, name, enabled }) => ({ value: id, name, detail: enabled ? 'enabled' : 'disabled' }),
      ),
  },
  service: {
    byName: false,
    candidates: ({ client }) =>
      mapRows(
        client.get<{ services: Service[] }>('/services').then(({ services }) => services),
        ({ id, host, binary, status }) => ({ value: id, name: host, detail: `${binary}, ${status}` }),
      ),
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
      mapRows(appliances(coriolis), ({ id }) => ({ value: id, name: id, detail: '' })),
  },
  licence: {
    byName: false,
    candidates: (coriolis, within) =>
      mapRows(licences(coriolis, within), ({ id, period_end: end }) => ({
        value: id,
        name: id,
        detail: end === undefined ? '' : `until ${end}`,
      })),
  },
  reservation: {
    byName: false,
    candidates: (coriolis, within) =>
      mapRows(reservations(coriolis, within), ({ id, type = '', count = 0 }) => ({
        value: id,
        name: id,
        detail: `${type}, ${count}`,
      })),
  },
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/**
 * Turns exact names into ids where a field allows it (cli-parity.md G-NAME). An id costs nothing; a name costs one list.
 * Parents come before what lies within them because operations declare them so.
 *
 * @throws {InvalidInputError} several objects have the name: all are listed
 * @throws {NotFoundError} none has it: similar ones are listed
 */
export async function resolveReferences<F extends Fields>(
  fields: F,
  coriolis: Coriolis,
  input: InputOf<F>,
  spell: Spelling,
): Promise<InputOf<F>> {
  const resolved: Record<string, unknown> = { ...input };
  for (const [name, field] of Object.entries(fields)) {
    const value = resolved[name];
    const target = targetOf(field);
    if (value === undefined || target === undefined || !lookups[target.resource].byName) continue;
    const within = target.within === undefined ? '' : String(resolved[target.within] ?? '');
    const toId = async (given: unknown): Promise<unknown> =>
      typeof given !== 'string' || uuid.test(given) || (target.removable && given === 'none')
        ? given
        : await idOf(
            lookups[target.resource].candidates(coriolis, within, given),
            given,
            target.resource,
            spell(name),
          );
    resolved[name] = await each(value, toId);
  }
  return resolved as InputOf<F>;
}

interface Target {
  readonly resource: ReferableResource;
  readonly within?: string;
  readonly removable?: boolean;
}

/** The kind of object that a field refers to. */
function targetOf(field: AnyField): Target | undefined {
  switch (field.kind) {
    case 'reference':
      return field;
    case 'list':
      return field.of;
    case 'map':
      return field.of === undefined ? undefined : { resource: field.of };
    default:
      return undefined;
  }
}

/** Applies `change` to a value, to every entry of a list, or to every destination of a map, in sequence. */
async function each(value: unknown, change: (one: unknown) => Promise<unknown>): Promise<unknown> {
  if (Array.isArray(value)) {
    const changed: unknown[] = [];
    for (const one of value as unknown[]) changed.push(await change(one));
    return changed;
  }
  if (!isObject(value)) return await change(value);
  const changed = new Map<string, unknown>();
  for (const [key, one] of Object.entries(value)) changed.set(key, await change(one));
  return Object.fromEntries(changed);
}

const shown = 5;

/** Normalises a name for comparison: no outer blanks, Unicode NFC. */
const plain = (name: string): string => name.trim().normalize('NFC');

async function idOf(
  candidates: AsyncIterable<Candidate>,
  given: string,
  resource: ReferableResource,
  field: string,
): Promise<string> {
  const word = inWords(resource);
  const named: Candidate[] = [];
  const called: Candidate[] = [];
  const similar: Candidate[] = [];
  const wanted = plain(given);
  const isSimilar = (name: string): boolean => name.toLowerCase().includes(given.toLowerCase());
  for await (const candidate of candidates) {
    const aliases = candidate.aliases ?? [];
    if (candidate.value === given) return given;
    if (candidate.name === given) named.push(candidate);
    else if ([candidate.name, ...aliases].some((name) => plain(name) === wanted)) called.push(candidate);
    else if (similar.length < shown && [candidate.name, ...aliases].some(isSimilar)) similar.push(candidate);
  }
  const exact = named.length > 0 ? named : called;
  const only = exact[0];
  if (only !== undefined && exact.length === 1) return only.value;
  if (only !== undefined) {
    throw new InvalidInputError(
      `${field}: ${exact.length} ${word}s are named "${given}": ${listed(exact.slice(0, shown))}.`,
      { field, advice: 'Names are not unique in Coriolis: give the id of the one you mean.' },
    );
  }
  throw new NotFoundError(`${field}: no ${word} has the id or the exact name "${given}".`, {
    advice:
      similar.length === 0
        ? `List the ${word}s to see what there is in this project.`
        : `Similar names: ${listed(similar)}.`,
  });
}

const listed = (candidates: readonly Candidate[]): string =>
  candidates
    .map(({ value, name, detail }) => `"${name}" (${detail === '' ? '' : `${detail}, `}id ${value})`)
    .join('; ');
