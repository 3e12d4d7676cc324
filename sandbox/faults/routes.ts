import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { FaultSyntaxError } from './syntax';
import type { FaultRegistry } from './registry';

/** The path prefix of the control routes, which no real server has. */
export const FAULT_CONTROL_PREFIX = '/sandbox';

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;

/** The control routes, open to programs on the same machine only: other addresses and web pages get a 403. */
export function makeFaultControlRoutes(faults: FaultRegistry): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();

  routes.use('*', async (context, next) => {
    const { remoteAddress } = context.env.incoming.socket;
    if (!LOOPBACK.test(remoteAddress ?? '') || context.req.header('Origin') !== undefined) {
      return context.json({ error: 'The sandbox is only controlled from programs on its own machine.' }, 403);
    }
    return next();
  });

  routes.get('/faults', (context) => context.json({ faults: faults.list() }));

  routes.post('/faults', async (context) => {
    const body: unknown = await context.req.json().catch(() => null);
    const fault = (body as { fault?: unknown } | null)?.fault;
    if (typeof fault !== 'string') {
      return context.json({ error: 'The body must be {"fault": "METHOD PATH FAULT"}.' }, 400);
    }
    try {
      return context.json(faults.plan(fault), 201);
    } catch (error) {
      if (!(error instanceof FaultSyntaxError)) throw error;
      return context.json({ error: error.message }, 400);
    }
  });

  routes.delete('/faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });

  routes.delete('/faults/:id', (context) =>
    faults.remove(Number(context.req.param('id')))
      ? context.body(null, 204)
      : context.json({ error: 'There is no such fault.' }, 404),
  );

  routes.all('*', (context) => context.json({ error: 'There is nothing here but /sandbox/faults.' }, 404));
  return routes;
}
