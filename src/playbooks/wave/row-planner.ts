import { asError, InvalidInputError, isCoriolisError, type CoriolisError } from '../../api/errors';
import type { Coriolis } from '../../api/operation-context';
import { toCanonicalJson } from '../../model/canonical-json';
import type { JsonObject } from '../../model/json';
import type { Deployment, Instance } from '../../model/api-objects';
import { quoteText } from '../../model/untrusted-text';
import type { PreflightCheck } from '../preflight/preflight-check';
import { fetchAllPagesWithTime } from '../../requests/fetch-lists';
import { instanceIdentifierOf } from '../../resources/instance';
import type { WaveRow, WaveInput } from './wave-input';
import {
  EndpointDirectory,
  fetchDestinationResources,
  type DestinationResources,
} from './endpoint-directory';
import { explainRefusal } from './failure-words';
import { checkPlan } from './check-plan';
import { fetchCopyPace, paceOfThroughput, type CopyPace } from './copy-pace';
import type { TransferIndex } from './transfer-index';
import { mergeEnvironments } from './map-patterns';
import { groupBy } from '../group-by';
import { planResolvedRow } from './plan-resolved-row';
import { makeBlockedRow, type PlannedRow } from './planned-row';
import { reportProgressMessage } from './progress-message';
import type { ResolvedRow } from './resolved-row';
import { findReadinessByMachine } from './row-readiness';
import {
  fetchMachineDetails,
  fetchSourceMachines,
  SourceMachines,
  type MachineMatch,
} from './source-machines';

/** Kinds of errors after which only the rows of the source that answered so are blocked. */
const UNANSWERED: ReadonlyArray<CoriolisError['kind']> = [
  'capability',
  'not_found',
  'timeout',
  'server',
  'invalid_input',
];
/** Maximum number of characters of the name of an endpoint. */
const MAX_NAME = 60;

/** A row of the table with the ids of its endpoints and its source environment. */
interface PlacedRow {
  readonly wanted: WaveRow;
  readonly origin: string;
  readonly destination: string;
  readonly environment: JsonObject | undefined;
}

/**
 * Plans the rows of a table: finds their endpoints, machines and existing transfers, and the networks and storage of
 * the destination.
 */
export class RowPlanner {
  /** Checks of what the rows share; filled by `plan`. */
  checks: readonly PreflightCheck[] = [];
  /** Error of the first source that did not list its machines. */
  private sourceError: CoriolisError | undefined;
  /** Whether some source has listed its machines. */
  private hasAnswered = false;
  /** Planned rows so far. */
  private readonly rows = new Map<WaveRow, PlannedRow>();

  constructor(
    private readonly coriolis: Coriolis,
    private readonly input: WaveInput,
    private readonly transfers: TransferIndex,
    /** Whether other rows of the wave have begun, and go on whatever happens to these. */
    private readonly hasBegun: boolean,
  ) {}

  /**
   * Plans rows. A row whose machine cannot be moved has its problem as text; no error is thrown for it.
   *
   * @throws {CoriolisError} no source lists its machines, and no row of the wave has begun
   */
  async plan(wanted: readonly WaveRow[]): Promise<ReadonlyMap<WaveRow, PlannedRow>> {
    const { coriolis, input } = this;
    const directory = await EndpointDirectory.fetch(coriolis, namesIn(input, wanted));
    const placed = wanted.flatMap((row) => this.place(directory, row));
    await this.match(directory, placed);
    return this.rows;
  }

  /** Finds the endpoints of a row; blocks the row when that fails. */
  private place(directory: EndpointDirectory, wanted: WaveRow): readonly PlacedRow[] {
    if (wanted.problem !== undefined) {
      this.rows.set(wanted, makeBlockedRow(wanted, wanted.problem));
      return [];
    }
    const { overrides } = wanted;
    const { input } = this;
    const endpoint = (name: 'originEndpointId' | 'destinationEndpointId'): string => {
      const given = overrides[name] ?? input[name];
      if (given !== undefined) return directory.resolveEndpoint(given, name);
      throw new InvalidInputError(`${name} is missing: neither the wave nor the row names it.`, {
        field: name,
      });
    };
    try {
      const [origin, destination] = [endpoint('originEndpointId'), endpoint('destinationEndpointId')];
      if (origin === destination)
        throw new InvalidInputError('Origin and destination are the same endpoint.');
      if (directory.isSameConnection(origin, destination))
        throw new InvalidInputError(
          'Origin and destination have equal connection details, and Coriolis refuses such a move.',
        );
      const environment = mergeEnvironments(input.sourceEnvironment, overrides.sourceEnvironment);
      return [{ wanted, origin, destination, environment }];
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw asError(error);
      this.rows.set(wanted, makeBlockedRow(wanted, error.message));
      return [];
    }
  }

  /** Finds the machines and transfers of rows, reads their details, and plans the rows. */
  private async match(directory: EndpointDirectory, placed: readonly PlacedRow[]): Promise<void> {
    const { coriolis, transfers, input } = this;
    const found: Array<
      PlacedRow & { readonly instance: string; readonly existing: ResolvedRow['existingTransfer'] }
    > = [];
    for (const group of groupBy(placed, sourceKey).values()) {
      const machines = await this.sourceMachinesOf(directory, group);
      if (machines === undefined) continue;
      for (const one of group) {
        const machine = this.identify(one, machines);
        if (machine === undefined) continue;
        const instance = instanceIdentifierOf(machine);
        const existing = transfers.findExisting(
          machines.spellingsOf(machine),
          { origin: one.origin, destination: one.destination, wave: one.wanted.wave },
          one.wanted.overrides.transferId,
        );
        found.push({ ...one, instance, existing });
      }
    }
    if (this.sourceError !== undefined && !this.hasAnswered && !this.hasBegun) throw this.sourceError;
    const details = await this.details(found);
    const readiness = findReadinessByMachine(found, details);
    const offers = await this.offers(found);
    const paces = await this.paces(found.filter(({ existing }) => existing.kind !== 'adopted'));
    const deployments = await this.deployments(found.some(({ existing }) => existing.kind === 'adopted'));
    for (const one of found) {
      const { wanted, origin, destination, instance, existing } = one;
      this.rows.set(
        wanted,
        this.build(directory, wanted, {
          row: wanted,
          originEndpointId: origin,
          destinationEndpointId: destination,
          instance,
          existingTransfer: existing,
          machineDetails: details.get(`${origin} ${instance}`),
          readiness: readiness.get(`${origin} ${instance}`) ?? [],
          destinationResources: offers.get(offerKey(one, this.input)),
          pace: paces.get(pairKey(one)),
          deployments:
            existing.kind === 'adopted'
              ? deployments.filter(({ transfer_id: id }) => id === existing.transfer.id)
              : [],
        }),
      );
    }
    reportProgressMessage(coriolis, 'checking connections, workers, pools and licences');
    this.checks = await checkPlan(coriolis, directory, [...this.rows.values()], input);
  }

  /**
   * Reads the machines of the source of rows with equal endpoint and environment. When the source cannot list them, its
   * rows are blocked, so that rows of other sources go on.
   */
  private async sourceMachinesOf(
    directory: EndpointDirectory,
    group: readonly PlacedRow[],
  ): Promise<SourceMachines | undefined> {
    const [{ origin, environment } = { origin: '', environment: undefined }] = group;
    const table = group.map(({ wanted }) => wanted.table);
    try {
      const machines = await fetchSourceMachines(this.coriolis, origin, table, environment);
      this.hasAnswered = true;
      return machines;
    } catch (error) {
      if (!isCoriolisError(error) || !UNANSWERED.includes(error.kind)) throw asError(error);
      this.sourceError ??= error;
      const name = quoteText(directory.endpointName(origin), MAX_NAME);
      const endpoints = { origin_endpoint_id: origin, destination_endpoint_id: null };
      const words = await explainRefusal(this.coriolis, error, endpoints);
      const problem = `the source "${name}" does not list its machines: ${words}`;
      for (const { wanted, destination } of group)
        this.rows.set(wanted, makeBlockedRow(wanted, problem, { origin, destination }));
      return undefined;
    }
  }

  /** Finds the machine that a row names; blocks the row when there is none, or several. */
  private identify(
    { wanted, origin, destination }: PlacedRow,
    machines: SourceMachines,
  ): Instance | undefined {
    const match = machines.find(wanted.table);
    if (match.kind === 'one') return match.instance;
    this.rows.set(wanted, makeBlockedRow(wanted, describeMismatch(match), { origin, destination }));
    return undefined;
  }

  /** Makes the planned row; blocks it when a minion pool is unknown. */
  private build(
    directory: EndpointDirectory,
    wanted: WaveRow,
    found: Omit<ResolvedRow, 'originMinionPoolId' | 'destinationMinionPoolId' | 'osMorphingPoolId'>,
  ): PlannedRow {
    const { input } = this;
    const { overrides } = wanted;
    try {
      return planResolvedRow(input, {
        ...found,
        originMinionPoolId:
          directory.resolvePool(overrides.originMinionPoolId, 'originMinionPoolId') ??
          input.originMinionPoolId,
        destinationMinionPoolId:
          directory.resolvePool(overrides.destinationMinionPoolId, 'destinationMinionPoolId') ??
          input.destinationMinionPoolId,
        osMorphingPoolId: directory.resolvePool(overrides.osMorphingPoolId, 'osMorphingPoolId'),
      });
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw asError(error);
      return makeBlockedRow(wanted, error.message, { instance: found.instance });
    }
  }

  /** Reads the details of machines; the keys are as in `findReadinessByMachine`. */
  private async details(
    found: ReadonlyArray<
      PlacedRow & { readonly instance: string; readonly existing: ResolvedRow['existingTransfer'] }
    >,
  ): Promise<ReadonlyMap<string, Instance>> {
    const all = new Map<string, Instance>();
    for (const group of groupBy(found, sourceKey).values()) {
      const [{ origin, environment } = { origin: '', environment: undefined }] = group;
      const details = await fetchMachineDetails(
        this.coriolis,
        origin,
        [...new Set(group.map(({ instance }) => instance))],
        environment,
      );
      for (const [instance, detail] of details) all.set(`${origin} ${instance}`, detail);
    }
    return all;
  }

  private async offers(placed: readonly PlacedRow[]): Promise<ReadonlyMap<string, DestinationResources>> {
    const offers = new Map<string, DestinationResources>();
    for (const one of placed) {
      const key = offerKey(one, this.input);
      if (offers.has(key)) continue;
      offers.set(
        key,
        await fetchDestinationResources(
          this.coriolis,
          one.destination,
          destinationEnvironment(one, this.input),
        ),
      );
    }
    return offers;
  }

  /** Pace of first copies for each pair of endpoints of the rows; the keys are those of `pairKey`. */
  private async paces(placed: readonly PlacedRow[]): Promise<ReadonlyMap<string, CopyPace | undefined>> {
    const { coriolis, transfers } = this;
    const { throughputMbps } = this.input;
    const stated =
      throughputMbps !== undefined && throughputMbps > 0 ? paceOfThroughput(throughputMbps) : undefined;
    const paces = new Map<string, CopyPace | undefined>();
    for (const one of placed) {
      const key = pairKey(one);
      if (paces.has(key)) continue;
      const { origin, destination } = one;
      paces.set(key, stated ?? (await fetchCopyPace(coriolis, transfers.between(origin, destination))));
    }
    return paces;
  }

  private async deployments(needed: boolean): Promise<readonly Deployment[]> {
    return needed ? (await fetchAllPagesWithTime(this.coriolis, 'deployment')).rows : [];
  }
}

/** Ids or names of the endpoints and minion pools that a wave or its rows give. */
function namesIn(input: WaveInput, rows: readonly WaveRow[]) {
  const overrides = rows.map((row) => row.overrides);
  const all = [input, ...overrides];
  return {
    endpoints: all.flatMap((one) => [one.originEndpointId, one.destinationEndpointId]).filter(isGiven),
    pools: [
      ...all.flatMap((one) => [one.originMinionPoolId, one.destinationMinionPoolId]),
      ...overrides.map(({ osMorphingPoolId }) => osMorphingPoolId),
      ...Object.values(input.osMorphingPools ?? {}),
    ].filter(isGiven),
  };
}

const isGiven = (one: string | undefined): one is string => one !== undefined;

const destinationEnvironment = (
  { wanted: { overrides } }: PlacedRow,
  input: WaveInput,
): JsonObject | undefined =>
  mergeEnvironments(input.destinationEnvironment, overrides.destinationEnvironment);

const sourceKey = ({ origin, environment }: PlacedRow): string => `${origin} ${toCanonicalJson(environment)}`;

const pairKey = ({ origin, destination }: PlacedRow): string => `${origin} ${destination}`;

const offerKey = (one: PlacedRow, input: WaveInput): string =>
  `${one.destination} ${toCanonicalJson(destinationEnvironment(one, input))}`;

function describeMismatch(match: Exclude<MachineMatch, { kind: 'one' }>): string {
  const { candidates } = match;
  const listed = candidates.join(', ');
  if (match.kind === 'several')
    return `several machines have this name: ${listed}; write the identifier of one`;
  return candidates.length === 0
    ? 'the source has no machine of this name'
    : `the source has no machine of this name; similar: ${listed}`;
}
