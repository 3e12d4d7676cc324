import { formatTimestamp } from '../world/clock';
import type {
  Appliance,
  Licence,
  LicenceKind,
  LicensingServer,
  Reservation,
  ReservationType,
} from '../world/stores/licensing-server';

/**
 * Makes the counts and dates of an appliance's licences, as the licensing server shows them.
 * @param nested true: standard and SAP licences are counted separately, as newer licensing servers do; false: all
 * counts are at the root of the answer
 */
export function licenceStatusView(licensing: LicensingServer, appliance: Appliance, nested: boolean): object {
  const ends = [...appliance.licences.values()].map(({ periodEnd }) => periodEnd);
  return {
    appliance_id: appliance.id,
    earliest_licence_expiry_time: ends.length > 0 ? formatTimestamp(Math.min(...ends)) : null,
    latest_licence_expiry_time: ends.length > 0 ? formatTimestamp(Math.max(...ends)) : null,
    ...(nested
      ? {
          standard_licence_stats: figures(licensing, appliance, 'standard'),
          sap_licence_stats: figures(licensing, appliance, 'sap'),
        }
      : figures(licensing, appliance, 'standard')),
  };
}

function figures(licensing: LicensingServer, appliance: Appliance, kind: LicenceKind): object {
  const performed = (type: ReservationType): number =>
    [...appliance.reservations.values()]
      .filter((one) => kind === 'standard' && one.type === type && one.fulfilledAt !== null)
      .reduce((sum, { count }) => sum + count, 0);
  const available = (type: ReservationType): number =>
    Math.max(0, licensing.countAvailableUnits(appliance, type, kind));
  return {
    current_performed_migrations: performed('migration'),
    current_performed_replicas: performed('replica'),
    current_available_migrations: available('migration'),
    current_available_replicas: available('replica'),
    lifetime_performed_migrations: performed('migration'),
    lifetime_performed_replicas: performed('replica'),
    lifetime_available_migrations: performed('migration') + available('migration'),
    lifetime_available_replicas: performed('replica') + available('replica'),
  };
}

export function applianceView({ id }: Appliance): object {
  return { id };
}

export function licenceView(licence: Licence): object {
  return {
    id: licence.id,
    issue_date: formatTimestamp(licence.issuedAt),
    migrations: licence.migrations,
    replicas: licence.replicas,
    period_start: formatTimestamp(licence.periodStart),
    period_end: formatTimestamp(licence.periodEnd),
    period_duration: licence.periodEnd - licence.periodStart,
    licence_version: licence.kind === 'sap' ? 'v2-sap' : 'v2',
  };
}

export function reservationView({ id }: Appliance, reservation: Reservation): object {
  return {
    id: reservation.id,
    appliance_id: id,
    licence_id: reservation.licenceId,
    type: reservation.type,
    count: reservation.count,
    created_at: formatTimestamp(reservation.createdAt),
    fulfilled_at: formatTimestamp(reservation.fulfilledAt),
  };
}
