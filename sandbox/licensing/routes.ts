import { Hono } from 'hono';
import type { Context } from 'hono';
import { formatTimestamp } from '../world/clock';
import type { Appliance, Licence, Reservation } from '../world/stores/licensing-server';
import { ApiError } from '../world/api-error';
import type { World } from '../world/world';
import { readLicencePem } from './licence-pem';
import { applianceView, licenceView, reservationView, licenceStatusView } from './json-views';

/** Path prefix of the licensing server, the same as in an appliance. */
export const LICENSING_PREFIX = '/licensing';

class LicensingError extends Error {
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** Routes of the licensing server, which needs no token (docs/reference/coriolis-api.md §14). */
export function makeLicensingRoutes(world: World): Hono {
  const routes = new Hono();
  const { licensing } = world;
  const nested = (): boolean => world.conditions.has('nested-licences');

  routes.use('*', async (_context, next) => {
    world.advance();
    await next();
  });

  routes.get('/status', (context) => {
    const status = {
      hostname: 'coriolis-licensing',
      multi_appliance: false,
      supported_licence_versions: nested() ? ['v1', 'v2', 'v2-sap'] : ['v1', 'v2'],
      server_local_time: formatTimestamp(world.serverSeconds()),
    };
    return context.json({ status });
  });

  routes.get('/appliances', (context) =>
    context.json({ appliances: [...licensing.appliances.values()].map(applianceView) }),
  );
  routes.post('/appliances', (context) =>
    context.json({ appliance: applianceView(licensing.addAppliance()) }, 201),
  );
  routes.get('/appliances/:id', (context) =>
    context.json({ appliance: applianceView(applianceOf(context)) }),
  );
  routes.get('/appliances/:id/status', (context) =>
    context.json({ appliance_licence_status: licenceStatusView(licensing, applianceOf(context), nested()) }),
  );

  routes.get('/appliances/:id/licences', (context) =>
    context.json({ licences: [...applianceOf(context).licences.values()].map(licenceView) }),
  );
  routes.post('/appliances/:id/licences', async (context) => {
    const appliance = applianceOf(context);
    const terms = readLicencePem(await context.req.text());
    if (terms === undefined) {
      throw new LicensingError(400, 'The request body is not a licence in PEM format.');
    }
    return context.json({ licence: licenceView(licensing.addLicence(appliance, terms)) }, 201);
  });
  routes.get('/appliances/:id/licences/:licence', (context) =>
    context.json({ licence: licenceView(licenceOf(context)) }),
  );
  routes.delete('/appliances/:id/licences/:licence', (context) => {
    applianceOf(context).licences.delete(licenceOf(context).id);
    return context.body(null, 204);
  });

  const reservations = '/appliances/:id/reservations';
  routes.get(reservations, (context) => {
    const appliance = applianceOf(context);
    const views = [...appliance.reservations.values()].map((one) => reservationView(appliance, one));
    return context.json({ reservations: views });
  });
  routes.post(reservations, async (context) => {
    const appliance = applianceOf(context);
    const { type, count } = (await context.req.json().catch(() => ({}))) as Record<string, unknown>;
    if ((type !== 'replica' && type !== 'migration') || !Number.isInteger(count) || Number(count) < 1) {
      throw new LicensingError(400, 'A reservation needs a "type" (replica or migration) and a "count".');
    }
    const reservation = licensing.reserveUnits(appliance, type, Number(count));
    return context.json({ reservation: reservationView(appliance, reservation) }, 201);
  });
  routes.get(`${reservations}/:reservation`, (context) => answerReservation(context));
  routes.post(`${reservations}/:reservation/refresh`, (context) => answerReservation(context));
  routes.post(`${reservations}/:reservation/fulfill`, (context) => {
    licensing.markUsed(reservationOf(context));
    return answerReservation(context);
  });
  routes.delete(`${reservations}/:reservation`, (context) => {
    applianceOf(context).reservations.delete(reservationOf(context).id);
    return context.body(null, 204);
  });

  routes.all('*', () => {
    throw new LicensingError(404, 'The requested URL was not found on the server.');
  });

  routes.onError((error, context) => {
    const status =
      error instanceof LicensingError ? error.status : error instanceof ApiError ? 409 : undefined;
    if (status === undefined) throw error;
    return context.json({ error: { code: status, message: error.message } }, status);
  });
  return routes;

  function applianceOf(context: Context): Appliance {
    return required(licensing.appliances.get(idOf(context, 'id')), 'Appliance', idOf(context, 'id'));
  }

  function licenceOf(context: Context): Licence {
    const id = idOf(context, 'licence');
    return required(applianceOf(context).licences.get(id), 'Licence', id);
  }

  function reservationOf(context: Context): Reservation {
    const id = idOf(context, 'reservation');
    return required(applianceOf(context).reservations.get(id), 'Reservation', id);
  }

  function answerReservation(context: Context): Response {
    return context.json({ reservation: reservationView(applianceOf(context), reservationOf(context)) });
  }
}

function idOf(context: Context, name: string): string {
  return context.req.param(name) ?? '';
}

function required<T>(found: T | undefined, what: string, id: string): T {
  if (found === undefined) throw new LicensingError(404, `${what} with ID '${id}' could not be found.`);
  return found;
}
