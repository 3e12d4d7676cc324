import type { Scenario } from '../model';
import { ApiError, badRequest } from '../api-error';

export type ReservationType = 'replica' | 'migration';
/** Kind of a licence. Newer servers count licences for SAP machines separately. */
export type LicenceKind = 'standard' | 'sap';

/** A licence of an appliance. Times are whole seconds since the epoch. */
export interface Licence {
  readonly id: string;
  readonly kind: LicenceKind;
  readonly issuedAt: number;
  readonly replicas: number;
  readonly migrations: number;
  readonly periodStart: number;
  readonly periodEnd: number;
}

/** Units of a licence reserved for a transfer. */
export interface Reservation {
  readonly id: string;
  readonly licenceId: string;
  readonly type: ReservationType;
  readonly count: number;
  readonly createdAt: number;
  fulfilledAt: number | null;
}

export interface Appliance {
  readonly id: string;
  readonly licences: Map<string, Licence>;
  readonly reservations: Map<string, Reservation>;
}

/** Terms of a new licence; all have defaults. */
export interface LicenceTerms {
  readonly kind?: LicenceKind;
  /** Number of units; default 50 each. */
  readonly replicas?: number;
  readonly migrations?: number;
  /** Days until the licence expires; default 365, negative when expired. */
  readonly days?: number;
}

const UNITS = 50;
const DAYS = 365;
const DAY_SECONDS = 24 * 60 * 60;

export interface LicensingDependencies {
  readonly newId: () => string;
  /** Whole seconds since the epoch. */
  readonly serverSeconds: () => number;
}

/**
 * The licensing server of one sandbox (docs/reference/coriolis-api.md §14). Only its clients are
 * known: the sandbox behaves as they expect, and none of its texts is recorded.
 */
export class LicensingServer {
  readonly appliances = new Map<string, Appliance>();
  /** Whether Coriolis asks the licensing server; only then transfers need a licence. */
  isEnforced = false;
  /** Reservations by the id of their transfer. */
  private readonly reserved = new Map<string, Reservation>();

  constructor(private readonly world: LicensingDependencies) {}

  addAppliance(): Appliance {
    const appliance: Appliance = { id: this.world.newId(), licences: new Map(), reservations: new Map() };
    this.appliances.set(appliance.id, appliance);
    return appliance;
  }

  addLicence(appliance: Appliance, terms: LicenceTerms = {}): Licence {
    const { kind = 'standard', replicas = UNITS, migrations = UNITS, days = DAYS } = terms;
    const now = this.world.serverSeconds();
    const start = days > 0 ? now : now + (days - DAYS) * DAY_SECONDS;
    const licence: Licence = {
      id: this.world.newId(),
      kind,
      issuedAt: start,
      replicas,
      migrations,
      periodStart: start,
      periodEnd: now + days * DAY_SECONDS,
    };
    appliance.licences.set(licence.id, licence);
    return licence;
  }

  /** Number of units that are neither reserved nor used. Reservations are taken from standard licences. */
  countAvailableUnits(appliance: Appliance, type: ReservationType, kind: LicenceKind = 'standard'): number {
    const valid = this.valid(appliance).filter((licence) => licence.kind === kind);
    const units = valid.reduce(
      (sum, licence) => sum + (type === 'replica' ? licence.replicas : licence.migrations),
      0,
    );
    const taken = [...appliance.reservations.values()].filter(
      (one) => one.type === type && kind === 'standard',
    );
    return units - taken.reduce((sum, { count }) => sum + count, 0);
  }

  private valid({ licences }: Appliance): Licence[] {
    const now = this.world.serverSeconds();
    return [...licences.values()].filter(({ periodEnd }) => periodEnd > now);
  }

  /**
   * Reserves units of a licence.
   * @throws ApiError 409 when no licence has that many units left
   */
  reserveUnits(appliance: Appliance, type: ReservationType, count: number): Reservation {
    const licence = this.valid(appliance).find(({ kind }) => kind === 'standard');
    if (!licence || this.countAvailableUnits(appliance, type) < count) {
      throw new ApiError(
        'conflict',
        `No valid licence with enough available ${type} units was found for appliance with ID '${appliance.id}'. Requested: ${count}.`,
      );
    }
    const reservation: Reservation = {
      id: this.world.newId(),
      licenceId: licence.id,
      type,
      count,
      createdAt: this.world.serverSeconds(),
      fulfilledAt: null,
    };
    appliance.reservations.set(reservation.id, reservation);
    return reservation;
  }

  /** Marks units as used; they are not released any more. */
  markUsed(reservation: Reservation): void {
    reservation.fulfilledAt ??= this.world.serverSeconds();
  }

  /** Reserves units for a new transfer, one for each instance. @throws ApiError 409 */
  reserveForTransfer(transfer: {
    id: string;
    scenario: Scenario;
    instances: readonly unknown[];
  }): Reservation | undefined {
    const [appliance] = this.appliances.values();
    if (!this.isEnforced || !appliance) return undefined;
    const type = transfer.scenario === 'replica' ? 'replica' : 'migration';
    const reservation = this.reserveUnits(appliance, type, transfer.instances.length);
    this.reserved.set(transfer.id, reservation);
    return reservation;
  }

  /**
   * Refuses to execute or deploy a live migration that has used its licence, and a transfer whose licence expired
   * unused, when no other licence has units for it (docs/reference/coriolis-domain.md §9).
   * @throws ApiError 400 or 409
   */
  refuseUnlicensed(transferId: string): void {
    const reservation = this.isEnforced ? this.reserved.get(transferId) : undefined;
    if (reservation === undefined) return;
    if (reservation.fulfilledAt === null) this.renew(transferId, reservation);
    else if (reservation.type === 'migration') {
      const moment = new Date(reservation.fulfilledAt * 1000).toISOString().slice(0, 19);
      throw badRequest(
        `The Live Migration operation with ID '${transferId}' (licensing reservation '${reservation.id}') has already been fulfilled on ${moment}. ` +
          'Please create a new Live Migration operation to create a new licensing reservation.',
      );
    }
  }

  /** Replaces a reservation of a licence that has ended by one of a valid licence. @throws ApiError 409 without one */
  private renew(transferId: string, old: Reservation): void {
    const holder = [...this.appliances.values()].find(({ reservations }) => reservations.has(old.id));
    if (holder === undefined || this.valid(holder).some(({ id }) => id === old.licenceId)) return;
    holder.reservations.delete(old.id);
    try {
      this.reserved.set(transferId, this.reserveUnits(holder, old.type, old.count));
    } catch (error) {
      holder.reservations.set(old.id, old);
      throw error;
    }
  }

  /**
   * Marks the units of a transfer as used: a replica's at its first completed execution, a live migration's at its
   * completed deployment.
   */
  recordCompletion(transferId: string, what: 'execution' | 'deployment'): void {
    const reservation = this.reserved.get(transferId);
    if (!reservation) return;
    if ((reservation.type === 'replica') === (what === 'execution')) this.markUsed(reservation);
  }

  /** Releases the unused units of a deleted transfer. */
  releaseUnused(transferId: string): void {
    const reservation = this.reserved.get(transferId);
    if (!reservation || reservation.fulfilledAt !== null) return;
    for (const { reservations } of this.appliances.values()) reservations.delete(reservation.id);
    this.reserved.delete(transferId);
  }
}
