import { path } from '../api/path';
import type { Coriolis } from '../api/coriolis';
import { defineList, defineOperation } from '../operation';
import { key, view } from '../vocabulary/shape';
import {
  applianceId,
  applianceMeant,
  applianceOrOnly,
  inOneAnswer,
  type OfAppliance,
  type Reservation,
  reservationId,
  reservations,
  server,
} from '../resources/licensing-server';

const reservationView = view<Reservation>()(
  {
    id: key.text('Reservation id'),
    licence_id: key.text('Licence it takes from', { nullable: true }),
    type: key.text('replica or migration', { nullable: true }),
    count: key.number('Machines', { nullable: true }),
    created_at: key.text('Made', { nullable: true }),
    fulfilled_at: key.text('Used up', { nullable: true }),
  },
  (reservation) => ({
    id: reservation.id,
    licence_id: reservation.licence_id ?? null,
    type: reservation.type ?? null,
    count: reservation.count ?? null,
    created_at: reservation.created_at ?? null,
    fulfilled_at: reservation.fulfilled_at ?? null,
  }),
);

export const reservationList = defineList({
  resource: 'licence',
  name: 'getReservations',
  title: 'Get Reservations',
  tool: 'list_reservations',
  summary: 'List the licence reservations of an appliance',
  description: 'Each transfer holds one; it is used up when fulfilled.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-RES-LIST'],
  input: { applianceId: applianceOrOnly },
  output: reservationView,
  ...inOneAnswer(async (coriolis, { applianceId: given }: OfAppliance) =>
    reservations(coriolis, await applianceMeant(coriolis, given)),
  ),
});

const reservationPath = (appliance: string, reservation: string): string =>
  path`/appliances/${appliance}/reservations/${reservation}`;

const fetchReservation = async (coriolis: Coriolis, appliance: string, id: string): Promise<Reservation> =>
  (await server(coriolis).get<{ reservation: Reservation }>(reservationPath(appliance, id))).reservation;

export const reservationGet = defineOperation({
  resource: 'licence',
  name: 'getReservation',
  title: 'Get Reservation',
  tool: 'get_reservation',
  summary: 'Get a licence reservation',
  description: 'What it takes from which licence.',
  effect: 'read',
  whole: true,
  serves: ['C-LIC-RES-SHOW'],
  input: { applianceId, reservationId },
  output: reservationView,
  run: (coriolis, { applianceId: appliance, reservationId: id }) => fetchReservation(coriolis, appliance, id),
});

export const refresh = defineOperation({
  resource: 'licence',
  name: 'refreshReservation',
  title: 'Refresh Reservation',
  tool: 'refresh_reservation',
  summary: 'Refresh a licence reservation',
  description: 'Makes the server look at it anew, after a licence was replaced for example.',
  effect: 'write',
  whole: true,
  idempotent: true,
  serves: ['C-LIC-RES-REFRESH'],
  input: { applianceId, reservationId },
  output: reservationView,
  async run(coriolis, { applianceId: appliance, reservationId: id }) {
    const { reservation } = await server(coriolis).post<{ reservation: Reservation }>(
      `${reservationPath(appliance, id)}/refresh`,
      undefined,
    );
    return reservation;
  },
});
