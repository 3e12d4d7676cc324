import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Next } from 'hono';
import type { RequestFault } from './rules';

/** Functions on the sandbox's tokens that faults need. */
interface Tokens {
  expireAllTokens(): void;
}

type NodeContext = Context<{ Bindings: HttpBindings }>;

const PAGE =
  '<html><head><title>Error</title></head><body><h1>Something went wrong at the proxy</h1></body></html>';
const PIECES_OF_SLOW_BODY = 10;
const BODY_OF_204 = '{"error": {"fault": "computeFault", "code": 204, "message": ""}}';

/**
 * Applies a fault to a request.
 * @param identity the tokens that `expire-tokens` expires
 * @returns status of the answer, even when the client does not receive the answer; 0 when the request was neither
 * processed nor answered
 */
export async function applyFault(
  context: NodeContext,
  next: Next,
  fault: RequestFault,
  identity: Tokens,
): Promise<number> {
  let done = 0;
  const work: Next = async () => {
    await next();
    done = context.res.status;
  };
  const answer = await faultAnswer(context, work, fault, identity);
  if (answer) replaceAnswer(context, answer);
  return answer === RESPONSE_ALREADY_SENT ? done : context.res.status;
}

/** Replaces the answer of a request. */
export function replaceAnswer(context: NodeContext, answer: Response): void {
  // Otherwise the headers of the replaced answer would be kept.
  context.res = undefined;
  context.res = answer;
}

/** Makes the answer of a fault; undefined leaves the usual answer unchanged. */
async function faultAnswer(
  context: NodeContext,
  next: Next,
  fault: RequestFault,
  identity: Tokens,
): Promise<Response | undefined> {
  switch (fault.kind) {
    case 'reset':
      return hangUp(context);
    case 'status':
      return new Response(fault.body ?? null, {
        status: fault.status,
        headers: {
          ...(fault.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...fault.headers,
        },
      });
    case 'html':
      return new Response(PAGE, { status: fault.status, headers: { 'Content-Type': 'text/html' } });
    case 'redirect':
      return new Response(null, { status: 302, headers: { Location: fault.location } });
    case 'latency':
      await delay(fault.ms);
      await next();
      return undefined;
    case 'slow-body':
      await next();
      return new Response(streamSlowly(await context.res.arrayBuffer(), fault.ms), context.res);
    case 'expire-tokens':
      identity.expireAllTokens();
      await next();
      return undefined;
    case 'lost-answer':
      await next();
      return hangUp(context);
    case 'truncate':
      await next();
      return sendHalf(context);
    case 'body-on-204':
      await next();
      return context.res.status === 204 ? sendBodyWith204(context) : undefined;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Streams a body in pieces over a number of milliseconds. */
function streamSlowly(body: ArrayBuffer, ms: number): ReadableStream<Uint8Array> {
  const bytes = new Uint8Array(body);
  const size = Math.max(1, Math.ceil(bytes.length / PIECES_OF_SLOW_BODY));
  let start = 0;
  return new ReadableStream({
    async pull(controller) {
      await delay(ms / PIECES_OF_SLOW_BODY);
      controller.enqueue(bytes.subarray(start, start + size));
      start += size;
      if (start >= bytes.length) controller.close();
    },
  });
}

function hangUp(context: NodeContext): Response {
  context.env.outgoing.socket?.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

async function sendHalf(context: NodeContext): Promise<Response> {
  const { outgoing } = context.env;
  const body = Buffer.from(await context.res.arrayBuffer());
  const headers = { ...Object.fromEntries(context.res.headers), 'content-length': String(body.length) };
  outgoing.writeHead(context.res.status, headers);
  outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.socket?.destroy());
  return RESPONSE_ALREADY_SENT;
}

/** Sends a 204 with a body. Node.js drops such a body, so it is written to the socket itself. */
export function sendBodyWith204(context: NodeContext): Response {
  const { socket } = context.env.outgoing;
  const date = context.env.outgoing.getHeader('Date');
  const all = [...context.res.headers, ...(date === undefined ? [] : [['Date', String(date)]])];
  const headers = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket?.write(
    `HTTP/1.1 204 No Content\r\n${headers}Content-Type: application/json\r\nContent-Length: ${BODY_OF_204.length}\r\n\r\n${BODY_OF_204}`,
    () => socket.end(),
  );
  return RESPONSE_ALREADY_SENT;
}
