import { view, key } from '../../vocabulary/result-keys';
import { type ObjectWithId, makeLicensingClient } from './licensing-server';
import { path } from '../../api/request-path';
import type { Coriolis } from '../../api/operation-context';

export interface Reservation extends ObjectWithId {
  readonly appliance_id?: string;
  readonly licence_id?: string | null;
  readonly type?: string;
  readonly count?: number;
  readonly created_at?: string;
  readonly fulfilled_at?: string | null;
}

export const reservationView = view<Reservation>()({
  id: key.text('Reservation id'),
  licence_id: key.text('Licence from which the reservation takes units', { nullable: true }),
  type: key.text('replica or migration', { nullable: true }),
  count: key.number('Number of machines', { nullable: true }),
  created_at: key.time('Created', { nullable: true }),
  fulfilled_at: key.time('Time at which the reservation was used up', { nullable: true }),
});

const reservationPath = (applianceId: string, id: string): string =>
  path`/appliances/${applianceId}/reservations/${id}`;

export const fetchReservations = async (
  coriolis: Coriolis,
  appliance: string,
): Promise<readonly Reservation[]> =>
  (
    await makeLicensingClient(coriolis).get<{ reservations: Reservation[] }>(
      path`/appliances/${appliance}/reservations`,
    )
  ).reservations;

/** Reads a reservation. */
export const fetchReservation = async (
  coriolis: Coriolis,
  applianceId: string,
  id: string,
): Promise<Reservation> =>
  (await makeLicensingClient(coriolis).get<{ reservation: Reservation }>(reservationPath(applianceId, id)))
    .reservation;

/** Asks the licensing server to evaluate a reservation again. */
export async function refreshReservation(
  coriolis: Coriolis,
  applianceId: string,
  id: string,
): Promise<Reservation> {
  const { reservation } = await makeLicensingClient(coriolis).post<{ reservation: Reservation }>(
    `${reservationPath(applianceId, id)}/refresh`,
    undefined,
  );
  return reservation;
}
