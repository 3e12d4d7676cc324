import { InvalidInputError } from '../../api/errors';
import { mapConcurrently } from '../../api/map-concurrently';
import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import type { JsonObject } from '../../model/json';
import type { Endpoint, MinionPool } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import {
  makeBlockingCheck,
  makeOkCheck,
  makeWarningCheck,
  type PreflightCheck,
} from '../preflight/preflight-check';
import { haveSameConnection, validateConnection } from '../../resources/endpoint';
import { reuseOrFetchRows } from '../../requests/recently-read-lists';
import { fetchNetworks, fetchStorage } from '../../resources/endpoint-platform';

type Named = { readonly id: string; readonly name: string };

/** Endpoints and minion pools of the project, for looking them up by id or name. */
export class EndpointDirectory {
  private constructor(
    private readonly endpoints: ReadonlyMap<string, Endpoint>,
    readonly pools: ReadonlyMap<string, MinionPool>,
  ) {}

  /**
   * Reads the endpoints, and the minion pools when any is wanted.
   * @param wanted ids or names of those that will be looked up
   */
  static async fetch(
    coriolis: Coriolis,
    wanted: { readonly endpoints: readonly string[]; readonly pools: readonly string[] },
  ): Promise<EndpointDirectory> {
    const endpoints = await reuseOrFetchRows(coriolis, 'endpoint', wanted.endpoints);
    const pools = wanted.pools.length > 0 ? await reuseOrFetchRows(coriolis, 'minionPool', wanted.pools) : [];
    return new EndpointDirectory(byId(endpoints), byId(pools));
  }

  /** Name of an endpoint; its id when it is unknown. */
  endpointName(id: string): string {
    return this.endpoints.get(id)?.name ?? id;
  }

  endpointById(id: string): Endpoint | undefined {
    return this.endpoints.get(id);
  }

  /**
   * Whether two known endpoints have equal connection details. The server refuses a transfer between such endpoints.
   */
  isSameConnection(one: string, other: string): boolean {
    const [first, second] = [this.endpoints.get(one), this.endpoints.get(other)];
    return first !== undefined && second !== undefined && haveSameConnection(first, second);
  }

  /**
   * Finds the id of the endpoint with this id or name.
   * @throws {InvalidInputError} no endpoint, or several, have the name
   */
  resolveEndpoint(given: string, field: string): string {
    return idOf(this.endpoints, given, 'endpoint', field);
  }

  /**
   * Finds the id of the minion pool with this id or name; undefined when none is given.
   * @throws {InvalidInputError} no pool, or several, have the name
   */
  resolvePool(given: string | undefined, field: string): string | undefined {
    return given === undefined ? undefined : idOf(this.pools, given, 'minion pool', field);
  }
}

const byId = <Row extends Named>(rows: readonly Row[]): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [row.id, row]));

function idOf(rows: ReadonlyMap<string, Named>, given: string, what: string, field: string): string {
  if (rows.has(given)) return given;
  const named = [...rows.values()].filter(({ name }) => name === given);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only.id;
  throw new InvalidInputError(
    named.length === 0
      ? `${field}: no ${what} has the id or the name "${given}".`
      : `${field}: ${named.length} ${what}s are named "${given}"; give the id.`,
    { field },
  );
}

/** Networks and storage of a destination; null where the platform does not list them. */
export interface DestinationResources {
  readonly networks: ReadonlySet<string> | null;
  readonly storage: ReadonlySet<string> | null;
}

/** Kinds of errors after which it is unknown what a platform offers. */
const UNANSWERED = ['capability', 'timeout', 'server', 'unreachable', 'invalid_input', 'not_found'] as const;

/** Reads the networks and storage that a destination offers for an environment. */
export async function fetchDestinationResources(
  coriolis: Coriolis,
  endpointId: string,
  environment: JsonObject | undefined,
): Promise<DestinationResources> {
  const nets = await tolerateErrors(fetchNetworks(coriolis, endpointId, environment), UNANSWERED, null);
  const backends = await tolerateErrors(fetchStorage(coriolis, endpointId, environment), UNANSWERED, null);
  return {
    networks: nets && new Set(nets.flatMap(({ id, name }) => [id, name])),
    storage: backends && new Set(backends.backends.map(({ name }) => name)),
  };
}

/** Validates the connection of each endpoint. */
export async function checkConnections(
  coriolis: Coriolis,
  directory: EndpointDirectory,
  endpointIds: readonly string[],
): Promise<readonly PreflightCheck[]> {
  return await mapConcurrently(endpointIds, 4, async (id) => {
    const name = quoteText(directory.endpointName(id), 60);
    const answer = await tolerateErrors(
      validateConnection(coriolis, id),
      ['capability', 'timeout', 'server', 'unreachable', 'not_found'],
      null,
    );
    if (answer === null)
      return makeWarningCheck('connection', `${name} could not be validated: no worker answered.`);
    return answer.valid
      ? makeOkCheck('connection', `Coriolis can connect to ${name}.`)
      : makeBlockingCheck(
          'connection',
          `Coriolis cannot connect to ${name}: ${quoteText(answer.message ?? 'no reason given', 200)}`,
        );
  });
}
