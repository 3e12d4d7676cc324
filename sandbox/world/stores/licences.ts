import type { Scenario } from '../model';
import { Refusal, badRequest } from '../refusal';

export type ReservationType = 'replica' | 'migration';
/** Licences for SAP machines are counted apart from all others, by servers that nest their figures. */
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

/** Units of a licence that are set aside for a transfer. */
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

/** What a new licence allows; everything has a default. */
export interface LicenceTerms {
  readonly kind?: LicenceKind;
  /** Units; 50 each when absent. */
  readonly replicas?: number;
  readonly migrations?: number;
  /** From today to its end; 365 when absent, negative for a licence that has expired. */
  readonly days?: number;
}

const UNITS = 50;
const DAYS = 365;
const DAY_SECONDS = 24 * 60 * 60;

export interface LicensingSurroundings {
  readonly newId: () => string;
  /** Whole seconds since the epoch. */
  readonly now: () => number;
}

/** The licensing server of one sandbox (coriolis-api.md §14). Known only through its clients: none of its texts is recorded. */
export class Licensing {
  readonly appliances = new Map<string, Appliance>();
  /** Whether Coriolis is configured with the server: only then transfers need a licence. */
  enforced = false;
  /** Which reservation a transfer has. */
  private readonly reserved = new Map<string, Reservation>();

  constructor(private readonly world: LicensingSurroundings) {}

  addAppliance(): Appliance {
    const appliance: Appliance = { id: this.world.newId(), licences: new Map(), reservations: new Map() };
    this.appliances.set(appliance.id, appliance);
    return appliance;
  }

  addLicence(appliance: Appliance, terms: LicenceTerms = {}): Licence {
    const { kind = 'standard', replicas = UNITS, migrations = UNITS, days = DAYS } = terms;
    const now = this.world.now();
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

  /** The number of units that are neither reserved nor used up. Reservations are taken from standard licences. */
  available(appliance: Appliance, type: ReservationType, kind: LicenceKind = 'standard'): number {
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
    const now = this.world.now();
    return [...licences.values()].filter(({ periodEnd }) => periodEnd > now);
  }

  /** @throws Refusal 409 when no licence has that many units left */
  reserve(appliance: Appliance, type: ReservationType, count: number): Reservation {
    const licence = this.valid(appliance).find(({ kind }) => kind === 'standard');
    if (!licence || this.available(appliance, type) < count) {
      throw new Refusal(
        'conflict',
        `No valid licence with enough available ${type} units was found for appliance with ID '${appliance.id}'. Requested: ${count}.`,
      );
    }
    const reservation: Reservation = {
      id: this.world.newId(),
      licenceId: licence.id,
      type,
      count,
      createdAt: this.world.now(),
      fulfilledAt: null,
    };
    appliance.reservations.set(reservation.id, reservation);
    return reservation;
  }

  /** Marks units as used: from now on they are not given back. */
  fulfil(reservation: Reservation): void {
    reservation.fulfilledAt ??= this.world.now();
  }

  /** Sets units aside for a new transfer, one for each instance. @throws Refusal 409 */
  reserveFor(transfer: {
    id: string;
    scenario: Scenario;
    instances: readonly unknown[];
  }): Reservation | undefined {
    const [appliance] = this.appliances.values();
    if (!this.enforced || !appliance) return undefined;
    const type = transfer.scenario === 'replica' ? 'replica' : 'migration';
    const reservation = this.reserve(appliance, type, transfer.instances.length);
    this.reserved.set(transfer.id, reservation);
    return reservation;
  }

  /** Refuses to execute or deploy what a live migration has already used its licence for (coriolis-domain.md §9). @throws Refusal 400 */
  refuseFulfilled(transferId: string): void {
    const reservation = this.enforced ? this.reserved.get(transferId) : undefined;
    if (reservation?.type !== 'migration' || reservation.fulfilledAt === null) return;
    const moment = new Date(reservation.fulfilledAt * 1000).toISOString().slice(0, 19);
    throw badRequest(
      `The Live Migration operation with ID '${transferId}' (licensing reservation '${reservation.id}') has already been fulfilled on ${moment}. ` +
        'Please create a new Live Migration operation to create a new licensing reservation.',
    );
  }

  /** An execution (of a replica) or a deployment (of a live migration) has completed: that is what the licence pays for. */
  completed(transferId: string, what: 'execution' | 'deployment'): void {
    const reservation = this.reserved.get(transferId);
    if (!reservation) return;
    if ((reservation.type === 'replica') === (what === 'execution')) this.fulfil(reservation);
  }

  /** Gives back what a deleted transfer has not used. */
  release(transferId: string): void {
    const reservation = this.reserved.get(transferId);
    if (!reservation || reservation.fulfilledAt !== null) return;
    for (const { reservations } of this.appliances.values()) reservations.delete(reservation.id);
    this.reserved.delete(transferId);
  }
}
