import { cursorAfter } from './api/client';
import { path } from './api/path';
import { InvalidInputError, NotFoundError } from './api/errors';
import type { Coriolis } from './coriolis';
import type { Fields, InputOf, ReferableResource } from './fields';
import type { Spelling } from './input';
import { describeRun, transferName } from './model/names';
import type {
  Deployment,
  Endpoint,
  Execution,
  Instance,
  Network,
  StorageBackend,
  Transfer,
} from './model/types';
import { instanceIdentifier, instances, networks, storageBackends } from './operations/platform';

/** Something a person can choose: the value that fields take, the name people know, and what helps to tell it from others. */
export interface Candidate {
  readonly value: string;
  readonly name: string;
  readonly detail: string;
  /** Where a later look begins, when the server pages: the `after` that leads behind this one. */
  readonly position?: string;
}

interface Lookup {
  /**
   * Newest or most useful first. `within` is the id that the field's parent holds; `search` narrows where the server can;
   * `after` is the position of the last candidate seen.
   */
  candidates(coriolis: Coriolis, within: string, search: string, after?: string): AsyncIterable<Candidate>;
  /** Whether an exact, unique name may stand for the id. Otherwise the value is taken as it is. */
  readonly byName: boolean;
}

async function* mapRows<Raw>(
  rows: AsyncIterable<Raw> | Promise<readonly Raw[]>,
  candidate: (raw: Raw) => Candidate,
): AsyncIterable<Candidate> {
  for await (const raw of await rows) yield candidate(raw);
}

const from = (after: string | undefined) => (after === undefined ? {} : { after });

/** How each kind of reference is listed and named. The faces' drop-downs and completions come from here. */
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
        client
          .get<{ endpoints: Endpoint[] }>('/endpoints')
          .then(({ endpoints }) => [...endpoints].sort((one, other) => one.name.localeCompare(other.name))),
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
        detail: `${transfer.scenario ?? 'replica'}, ${transfer.last_execution_status}`,
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
        detail: `${deployment.last_execution_status}, ${deployment.created_at.slice(0, 16)} UTC`,
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
    if (field.kind !== 'reference' || typeof value !== 'string' || uuid.test(value)) continue;
    const lookup = lookups[field.resource];
    if (!lookup.byName) continue;
    const within = field.within === undefined ? '' : String(resolved[field.within] ?? '');
    resolved[name] = await idOf(
      lookup.candidates(coriolis, within, value),
      value,
      field.resource,
      spell(name),
    );
  }
  return resolved as InputOf<F>;
}

const shown = 5;

async function idOf(
  candidates: AsyncIterable<Candidate>,
  given: string,
  resource: ReferableResource,
  field: string,
): Promise<string> {
  const exact: Candidate[] = [];
  const similar: Candidate[] = [];
  for await (const candidate of candidates) {
    if (candidate.value === given) return given;
    if (candidate.name === given) exact.push(candidate);
    else if (similar.length < shown && candidate.name.toLowerCase().includes(given.toLowerCase()))
      similar.push(candidate);
  }
  const only = exact[0];
  if (only !== undefined && exact.length === 1) return only.value;
  if (only !== undefined) {
    throw new InvalidInputError(
      `${field}: ${exact.length} ${resource}s are named "${given}": ${listed(exact.slice(0, shown))}.`,
      { field, advice: 'Names are not unique in Coriolis: give the id.' },
    );
  }
  throw new NotFoundError(`${field}: no ${resource} has the id or the exact name "${given}".`, {
    advice:
      similar.length === 0
        ? `List the ${resource}s to see what there is in this project.`
        : `Similar names: ${listed(similar)}.`,
  });
}

const listed = (candidates: readonly Candidate[]): string =>
  candidates
    .map(({ value, name, detail }) => `${name} (${detail === '' ? '' : `${detail}, `}id ${value})`)
    .join('; ');
