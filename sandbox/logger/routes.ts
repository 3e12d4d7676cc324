import { Hono } from 'hono';
import type { Context } from 'hono';
import type { IdentityService } from '../keystone';
import type { LogPeriod } from '../world/stores/log-store';
import type { World } from '../world/world';
import { findLogAccessProblem } from './log-access';
import { formatLikeGo } from './go-format';

/** Path prefix of coriolis-logger. */
export const LOGGER_PREFIX = '/logger';
/** Path of the routes of coriolis-logger. */
export const LOGGER_API_PATH = `${LOGGER_PREFIX}/api/v1`;
/** Path of the live stream of coriolis-logger. */
export const LOG_STREAM_PATH = `${LOGGER_API_PATH}/ws`;

const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' };
/** Length above which answers are sent in chunks. */
const MAX_WHOLE_ANSWER = 2048;

/** Routes of coriolis-logger (docs/reference/coriolis-api.md §13). Statuses, texts and headers are recorded. */
export function makeLoggerRoutes(identity: IdentityService, world: World): Hono {
  const routes = new Hono();

  routes.use('*', async (_context, next) => {
    world.advance();
    await next();
  });

  const route = (path: string, needs: 'token' | 'admin', answer: (context: Context) => Response): void => {
    for (const spelling of [`/api/v1${path}`, `/api/v1${path}/`]) {
      routes.all(spelling, (context) => {
        if (context.req.method !== 'GET') return context.body(null, 405);
        const refusal = findLogAccessProblem(identity, credentialsOf(context), needs);
        return refusal === null ? answer(context) : context.body(refusal, 403, PLAIN);
      });
    }
  };

  route('/logs', 'token', (context) => {
    const logs = world.logStore.listLogNames().map((name) => ({ log_name: name }));
    return context.body(formatLikeGo(JSON.stringify({ logs })), 200, PLAIN);
  });

  route('/logs/:name', 'admin', (context) => {
    const name = context.req.param('name') ?? '';
    const { period, problem } = periodOf(context);
    const text = world.logStore
      .linesOf(name, period)
      .map(({ message }) => `${message}\n`)
      .join('');
    // The real server sends the log after the text of the error, in one body.
    if (problem !== null) return context.body(problem + text, 400, PLAIN);
    const headers = {
      'Content-Type': 'text/plain',
      'Content-Disposition': `attachment; filename=${name.replaceAll(/[^\x20-\x7e]/g, '_')}.log`,
    };
    const whole = context.req.query('disable_chunked') === 'true' || text.length <= MAX_WHOLE_ANSWER;
    return whole ? context.body(text, 200, headers) : new Response(inChunks(text), { headers });
  });

  // Upgrades to a WebSocket are handled in log-stream.ts; this answers other requests.
  route('/ws', 'admin', (context) => context.body('Bad Request\n', 400, PLAIN));

  routes.all('*', (context) => context.body('404 page not found\n', 404, PLAIN));
  return routes;
}

function credentialsOf(context: Context) {
  return {
    header: context.req.header('X-Auth-Token'),
    query: new URL(context.req.url).searchParams,
  };
}

/** Reads the period of a download from the query. `severity` is ignored, as recorded from the real server. */
function periodOf(context: Context): { period: LogPeriod; problem: string | null } {
  const start = dateOf(context, 'start');
  const end = dateOf(context, 'end');
  return { period: { from: start.seconds, to: end.seconds }, problem: start.problem ?? end.problem };
}

function dateOf(context: Context, which: 'start' | 'end'): { seconds?: number; problem: string | null } {
  const text = context.req.query(`${which}_date`);
  if (!text) return { problem: null };
  if (!/^[+-]?\d+$/.test(text)) return { problem: `invalid ${which} date: ${JSON.stringify(text)}` };
  return { seconds: Number(text), problem: null };
}

function inChunks(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let start = 0;
  return new ReadableStream({
    pull(controller) {
      if (start >= bytes.length) {
        controller.close();
        return;
      }
      controller.enqueue(bytes.subarray(start, start + MAX_WHOLE_ANSWER));
      start += MAX_WHOLE_ANSWER;
    },
  });
}
