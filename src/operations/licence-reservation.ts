import { defineListOperation, defineOperation } from '../operation';
import { makeUnpagedListMethods } from '../resources/licensing/licensing-server';
import { resolveApplianceId, type ApplianceInput } from '../resources/licensing/appliance';
import {
  refreshReservation,
  fetchReservation,
  fetchReservations,
  reservationView,
} from '../resources/licensing/reservation';
import { reservationIdField, optionalApplianceIdField, applianceIdField } from '../fields/common-fields';

export const reservationList = defineListOperation({
  resource: 'licence',
  name: 'getReservations',
  title: 'Get Reservations',
  form: { action: 'Get many reservations' },
  tool: 'list_reservations',
  summary: 'List the licence reservations of an appliance',
  description: 'Each transfer holds a reservation, which is used up when fulfilled.',
  effect: 'read',
  input: { applianceId: optionalApplianceIdField },
  output: reservationView,
  result: { whole: true },
  ...makeUnpagedListMethods(async (coriolis, { applianceId: given }: ApplianceInput) =>
    fetchReservations(coriolis, await resolveApplianceId(coriolis, given)),
  ),
});

export const reservationGet = defineOperation({
  resource: 'licence',
  name: 'getReservation',
  title: 'Get Reservation',
  form: { action: 'Get a reservation' },
  tool: 'get_reservation',
  summary: 'Get a licence reservation',
  description: 'Shows what it takes from which licence.',
  effect: 'read',
  input: { applianceId: applianceIdField, reservationId: reservationIdField },
  output: reservationView,
  result: { whole: true },
  run: (coriolis, { applianceId: appliance, reservationId: id }) => fetchReservation(coriolis, appliance, id),
});

export const reservationRefresh = defineOperation({
  resource: 'licence',
  name: 'refreshReservation',
  title: 'Refresh Reservation',
  form: { action: 'Refresh a reservation' },
  tool: 'refresh_reservation',
  summary: 'Refresh a licence reservation',
  description: 'The licensing server checks the reservation again.',
  effect: 'write',
  idempotent: true,
  input: { applianceId: applianceIdField, reservationId: reservationIdField },
  output: reservationView,
  result: { whole: true },
  run: (coriolis, { applianceId: appliance, reservationId: id }) =>
    refreshReservation(coriolis, appliance, id),
});
