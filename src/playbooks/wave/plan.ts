import { asError, InvalidInputError } from '../../api/errors';
import type { Coriolis } from '../../api/coriolis';
import { canonicalJson } from '../../model/canonical';
import type { JsonObject } from '../../model/json';
import type { TableFormat } from '../../model/table/columns';
import type { LeftOutRow, Table } from '../../model/table/table';
import type { Deployment, Instance } from '../../model/types';
import { shortHash } from '../../model/wave-mark';
import type { PreflightCheck } from '../preflight/check';
import { instanceIdentifier } from '../../resources/platform';
import { requireWaveName, readWaveTable, wantedRow, type WantedRow, type WaveInput } from './blueprint';
import { EndpointDirectory, readDestinationOffer, type DestinationOffer } from './endpoint-directory';
import { checkPlan } from './checks';
import { pastPace, statedPace, type CopyPace } from './estimate';
import {
  TRANSFER_PAGE_ROWS,
  readTransfers,
  type KnownTransfers,
  type WaveTransfer,
} from './existing-transfers';
import { groupBy } from '../group-by';
import { planHash } from './hash';
import { readDetails, readMachines, SourceMachines, type MachineMatch } from './source-machines';
import { progressNote } from './progress-note';
import {
  blockedRow,
  rowOverrides,
  plannedRow,
  rowFromMark,
  type PlannedRow,
  type ResolvedRow,
} from './planned-row';

/** Plan of a wave, or of several waves of one table. */
export interface WavePlan {
  readonly hash: string;
  readonly format: TableFormat;
  readonly unknownColumns: readonly string[];
  readonly leftOut: readonly LeftOutRow[];
  readonly rows: readonly PlannedRow[];
  readonly checks: readonly PreflightCheck[];
  readonly pace: CopyPace | undefined;
  /** Transfers of the project, as read for the plan. */
  readonly transfers: KnownTransfers;
}

interface PlanOptions {
  /**
   * Hash of the approved plan that is being run: machines whose transfers were created by it are not resolved again.
   */
  readonly approved?: string;
}

/**
 * Plans a wave. Reads only: the machines of the source, one request for each machine of the table, the transfers, and
 * the destination's networks and storage.
 *
 * @throws {InvalidInputError} the table names no machines, or endpoints are missing or unknown
 */
export async function planWave(
  coriolis: Coriolis,
  input: WaveInput,
  { approved }: PlanOptions = {},
): Promise<WavePlan> {
  requireWaveName(input.wave);
  const table = readWaveTable(input);
  const wanted = table.rows.map((row) => wantedRow(row, input));
  const transfers = await readTransfers(coriolis);
  const begun =
    approved === undefined ? new Map<WantedRow, WaveTransfer>() : begunRows(wanted, transfers, approved);
  const planner = new Planner(coriolis, input, transfers);
  const rest = wanted.filter((row) => !begun.has(row));
  const planned = rest.length === 0 ? new Map<WantedRow, PlannedRow>() : await planner.plan(rest);
  const rows = withoutDoubles(
    wanted.flatMap((row) => {
      const own = begun.get(row);
      return own === undefined ? (planned.get(row) ?? []) : begunRow(row, own);
    }),
  );
  return {
    hash: planHash(rows.map(({ hash }) => hash)),
    ...aboutTable(table),
    rows,
    checks: planner.checks,
    pace: planner.pace,
    transfers,
  };
}

const aboutTable = ({ format, unknownColumns, leftOut }: Table) => ({ format, unknownColumns, leftOut });

/** Rows whose transfers the approved plan has created, found by name. */
function begunRows(
  wanted: readonly WantedRow[],
  transfers: KnownTransfers,
  approved: string,
): Map<WantedRow, WaveTransfer> {
  const begun = new Map<WantedRow, WaveTransfer>();
  const waves = new Map<string, ReadonlyMap<string, readonly WaveTransfer[]>>();
  for (const row of wanted) {
    if (row.problem !== undefined) continue;
    const index = waves.get(row.wave) ?? byName(transfers.ofWave(row.wave));
    waves.set(row.wave, index);
    const names = [row.table.name, ...row.table.ids, ...row.table.paths];
    const found = names.map((name) => index.get(name) ?? []).find((list) => list.length > 0) ?? [];
    const [only] = found;
    const isSure =
      only !== undefined && new Set(found.map(({ transfer }) => transfer.instances[0])).size === 1;
    if (isSure && found.every(({ mark }) => mark.plan === shortHash(approved))) begun.set(row, only);
  }
  return begun;
}

/** Transfers by the machine's identifier, and by its last part. */
function byName(all: readonly WaveTransfer[]): ReadonlyMap<string, readonly WaveTransfer[]> {
  const index = new Map<string, WaveTransfer[]>();
  for (const one of all) {
    const [instance = ''] = one.transfer.instances;
    for (const name of new Set([instance, instance.split('/').at(-1) ?? instance])) {
      index.set(name, [...(index.get(name) ?? []), one]);
    }
  }
  return index;
}

/** Row from the mark in a transfer's notes, at its place in the table. */
function begunRow({ table, order, notBefore, own }: WantedRow, { transfer, mark }: WaveTransfer): PlannedRow {
  return {
    ...rowFromMark(table.line, transfer, mark),
    name: table.name,
    order,
    notBefore,
    approvedHash: own.rowHash ?? null,
    gib: table.disksGb,
    tags: table.tags,
    overrides: rowOverrides(own),
  };
}

/** Adds a problem to rows that name the same machine. */
function withoutDoubles(rows: readonly PlannedRow[]): readonly PlannedRow[] {
  const lines = new Map<string, number[]>();
  const key = (row: PlannedRow): string => `${row.originEndpointId ?? ''} ${row.instance ?? ''}`;
  for (const row of rows) {
    if (row.instance !== null) lines.set(key(row), [...(lines.get(key(row)) ?? []), row.line]);
  }
  return rows.map((row) => {
    const same = row.instance === null ? [] : (lines.get(key(row)) ?? []);
    return same.length < 2
      ? row
      : {
          ...row,
          problem: `rows ${same.join(', ')} of the table mean the same machine, ${row.instance ?? ''}`,
          create: undefined,
        };
  });
}

/** A machine with its source and destination. */
interface Placed {
  readonly wanted: WantedRow;
  readonly origin: string;
  readonly destination: string;
  readonly environment: JsonObject | undefined;
}

class Planner {
  checks: readonly PreflightCheck[] = [];
  pace: CopyPace | undefined;
  private readonly rows = new Map<WantedRow, PlannedRow>();

  constructor(
    private readonly coriolis: Coriolis,
    private readonly input: WaveInput,
    private readonly transfers: KnownTransfers,
  ) {}

  async plan(wanted: readonly WantedRow[]): Promise<ReadonlyMap<WantedRow, PlannedRow>> {
    const { coriolis, input } = this;
    const usesPools = [input, ...wanted.map(({ own }) => own)].some(
      (one) => one.originMinionPoolId !== undefined || one.destinationMinionPoolId !== undefined,
    );
    const usesMorphingPools =
      input.osMorphingPools !== undefined || wanted.some(({ own }) => own.osMorphingPoolId !== undefined);
    const directory = await EndpointDirectory.read(coriolis, usesPools || usesMorphingPools);
    const placed = wanted.flatMap((row) => this.place(directory, row));
    await this.match(directory, placed);
    return this.rows;
  }

  private place(directory: EndpointDirectory, wanted: WantedRow): readonly Placed[] {
    if (wanted.problem !== undefined) {
      this.rows.set(wanted, blockedRow(wanted, wanted.problem));
      return [];
    }
    const { own } = wanted;
    const { input } = this;
    const endpoint = (name: 'originEndpointId' | 'destinationEndpointId'): string => {
      const given = own[name] ?? input[name];
      if (given !== undefined) return directory.endpoint(given, name);
      throw new InvalidInputError(`${name} is missing: neither the wave nor the row names it.`, {
        field: name,
      });
    };
    try {
      const [origin, destination] = [endpoint('originEndpointId'), endpoint('destinationEndpointId')];
      if (origin === destination)
        throw new InvalidInputError('Origin and destination are the same endpoint.');
      const environment =
        input.sourceEnvironment === undefined && own.sourceEnvironment === undefined
          ? undefined
          : { ...input.sourceEnvironment, ...own.sourceEnvironment };
      return [{ wanted, origin, destination, environment }];
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw asError(error);
      this.rows.set(wanted, blockedRow(wanted, error.message));
      return [];
    }
  }

  private async match(directory: EndpointDirectory, placed: readonly Placed[]): Promise<void> {
    const { coriolis, transfers, input } = this;
    const found: Array<Placed & { readonly instance: string; readonly existing: ResolvedRow['existing'] }> =
      [];
    for (const group of groupBy(placed, sourceKey).values()) {
      const [{ origin, environment } = { origin: '', environment: undefined }] = group;
      const machines = await readMachines(
        coriolis,
        origin,
        group.map(({ wanted }) => wanted.table),
        environment,
      );
      for (const one of group) {
        const instance = this.identify(one, machines);
        if (instance === undefined) continue;
        const existing = transfers.of(
          instance,
          { origin: one.origin, destination: one.destination, wave: one.wanted.wave },
          one.wanted.own.transferId,
        );
        found.push({ ...one, instance, existing });
      }
    }
    const details = await this.details(found);
    const offers = await this.offers(found);
    this.pace = await this.paceOf(found);
    const deployments = await this.deployments(found.some(({ existing }) => existing.kind === 'taken_in'));
    for (const one of found) {
      const { wanted, origin, destination, instance, existing } = one;
      this.rows.set(
        wanted,
        this.build(directory, wanted, {
          wanted,
          originEndpointId: origin,
          destinationEndpointId: destination,
          instance,
          existing,
          details: details.get(`${origin} ${instance}`),
          offer: offers.get(offerKey(one, this.input)),
          pace: this.pace,
          deployments:
            existing.kind === 'taken_in'
              ? deployments.filter(({ transfer_id: id }) => id === existing.transfer.id)
              : [],
        }),
      );
    }
    progressNote(coriolis, 'checking connections, workers, pools and licences');
    this.checks = await checkPlan(coriolis, directory, [...this.rows.values()], input);
  }

  private identify({ wanted, origin, destination }: Placed, machines: SourceMachines): string | undefined {
    const match = machines.find(wanted.table);
    if (match.kind === 'one') return instanceIdentifier(match.instance);
    this.rows.set(wanted, blockedRow(wanted, notOne(match), { origin, destination }));
    return undefined;
  }

  private build(
    directory: EndpointDirectory,
    wanted: WantedRow,
    found: Omit<ResolvedRow, 'originMinionPoolId' | 'destinationMinionPoolId' | 'osMorphingPoolId'>,
  ): PlannedRow {
    const { input } = this;
    const { own } = wanted;
    try {
      return plannedRow(input, {
        ...found,
        originMinionPoolId:
          directory.pool(own.originMinionPoolId, 'originMinionPoolId') ?? input.originMinionPoolId,
        destinationMinionPoolId:
          directory.pool(own.destinationMinionPoolId, 'destinationMinionPoolId') ??
          input.destinationMinionPoolId,
        osMorphingPoolId: directory.pool(own.osMorphingPoolId, 'osMorphingPoolId'),
      });
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw asError(error);
      return blockedRow(wanted, error.message, { instance: found.instance });
    }
  }

  private async details(
    found: ReadonlyArray<Placed & { readonly instance: string; readonly existing: ResolvedRow['existing'] }>,
  ): Promise<ReadonlyMap<string, Instance>> {
    const all = new Map<string, Instance>();
    for (const group of groupBy(found, sourceKey).values()) {
      const [{ origin, environment } = { origin: '', environment: undefined }] = group;
      const details = await readDetails(
        this.coriolis,
        origin,
        [...new Set(group.map(({ instance }) => instance))],
        environment,
      );
      for (const [instance, detail] of details) all.set(`${origin} ${instance}`, detail);
    }
    return all;
  }

  private async offers(placed: readonly Placed[]): Promise<ReadonlyMap<string, DestinationOffer>> {
    const offers = new Map<string, DestinationOffer>();
    for (const one of placed) {
      const key = offerKey(one, this.input);
      if (offers.has(key)) continue;
      offers.set(
        key,
        await readDestinationOffer(this.coriolis, one.destination, destinationEnvironment(one, this.input)),
      );
    }
    return offers;
  }

  private async paceOf(placed: readonly Placed[]): Promise<CopyPace | undefined> {
    const { throughputMbps } = this.input;
    if (throughputMbps !== undefined && throughputMbps > 0) return statedPace(throughputMbps);
    const [first] = placed;
    return first === undefined
      ? undefined
      : await pastPace(this.coriolis, this.transfers.between(first.origin, first.destination));
  }

  private async deployments(needed: boolean): Promise<readonly Deployment[]> {
    const all: Deployment[] = [];
    if (!needed) return all;
    for await (const one of this.coriolis.client.rows<Deployment>('/deployments', 'deployments', {
      pageSize: TRANSFER_PAGE_ROWS,
    })) {
      all.push(one);
    }
    return all;
  }
}

const destinationEnvironment = ({ wanted: { own } }: Placed, input: WaveInput): JsonObject | undefined =>
  input.destinationEnvironment === undefined && own.destinationEnvironment === undefined
    ? undefined
    : { ...input.destinationEnvironment, ...own.destinationEnvironment };

const sourceKey = ({ origin, environment }: Placed): string => `${origin} ${canonicalJson(environment)}`;

const offerKey = (one: Placed, input: WaveInput): string =>
  `${one.destination} ${canonicalJson(destinationEnvironment(one, input))}`;

function notOne(match: Exclude<MachineMatch, { kind: 'one' }>): string {
  const { candidates } = match;
  const listed = candidates.join(', ');
  if (match.kind === 'several')
    return `several machines have this name: ${listed}; write the identifier of one`;
  return candidates.length === 0
    ? 'the source has no machine of this name'
    : `the source has no machine of this name; similar: ${listed}`;
}
