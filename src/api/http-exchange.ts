import { statusAndRequestIdOf, isDefiniteRefusal, isMissingRoute, parseAnswer } from './parse-answer';
import type { RequestOptions } from './api-client';
import { ProtocolError } from './errors';
import { errorFromAnswer } from './answer-error';
import { adaptToRelease, ServerRelease } from './feature-support';
import { MalformedValue } from './answer-field-check';
import { isMixedUpAnswer } from './mixed-up-answer';
import { MissingRouteError } from './generation-detector';
import { joinPathAndQuery, type ApiRequest, type Dialect } from './api-request';
import { throwIfCanceled } from './retry';
import type { Runtime } from './core-runtime';
import { ServerClock } from './server-clock';
import type { CompanionService, Transport, TransportRequest, TransportResponse } from './transport';
import { checkAnswerBody } from './answer-check';
import { isObject } from '../model/json';

/** Timeout in milliseconds of a call that the server answers from its own database. */
const TIMEOUT_MS = 30_000;
/**
 * Timeout in milliseconds of a call that the server forwards to a platform: two hops of 60 s each, after which the
 * server gives up (docs/reference/coriolis-api.md §1.9), and a margin.
 */
const SLOW_TIMEOUT_MS = 150_000;

/** A successful answer: its body is checked and has the names of the current generation. */
export interface CheckedAnswer {
  readonly body: unknown;
  /** The server's time of the answer, in milliseconds since 1970. */
  readonly date: number;
  /** Headers of the answer, as they came. */
  readonly headers: TransportResponse['headers'];
}

/** Sends single requests to one service, and derives the server's time and release from the answers. */
export class HttpExchange {
  readonly serverClock: ServerClock;
  readonly serverRelease = new ServerRelease();

  constructor(
    private readonly transport: Transport,
    private readonly runtime: Runtime,
    /** Service that is called; Coriolis itself when undefined. */
    private readonly service: CompanionService | undefined,
  ) {
    this.serverClock = new ServerClock(runtime.clock);
  }

  /**
   * Sends one request, translated to the server's dialect, and translates the answer back.
   * @param leftMs maximum time in milliseconds, for calls that the server answers from its own database
   * @throws {MissingRouteError} the server has no such route, and nothing was changed
   */
  async send(
    meant: ApiRequest,
    options: RequestOptions,
    dialect: Dialect,
    leftMs: number = TIMEOUT_MS,
  ): Promise<CheckedAnswer> {
    throwIfCanceled(options.signal);
    const request = dialect.convertRequest(
      dialect.generation === 'current' ? adaptToRelease(meant, this.serverRelease) : meant,
    );
    const { service } = this;
    const accept = options.accept ?? JSON_TYPE;
    const hasBody = request.body !== undefined;
    const sentAt = this.runtime.clock();
    const response = await this.transport.send({
      service,
      method: request.method,
      url: joinPathAndQuery(request.path, request.query),
      headers: headersOf(accept, hasBody ? (options.contentType ?? JSON_TYPE) : undefined),
      body: hasBody ? textOf(request.body, options.contentType) : undefined,
      timeoutMs:
        options.mayTakeMinutes === true
          ? SLOW_TIMEOUT_MS
          : Math.min(TIMEOUT_MS, Math.max(Math.ceil(leftMs), 1_000)),
      signal: options.signal,
    });
    const date = this.serverClock.observe(response.headers) ?? this.serverClock.now();
    const { status, headers } = response;
    if (status < 200 || status > 299) {
      if (service === undefined && isMissingRoute(response) && provesNothingDone(request, response)) {
        throw new MissingRouteError(response, dialect.generation);
      }
      const elapsedMs = this.runtime.clock() - sentAt;
      throw errorFromAnswer(
        response,
        { method: request.method, path: request.path, elapsedMs, service },
        date,
      );
    }
    if (accept !== JSON_TYPE) return { body: response.body, date, headers };
    if (isAnsweredWith204(meant) && status !== 204) {
      throw new ProtocolError(
        `The answer to ${meant.method} ${meant.path} does not come from the server: it is HTTP ${status} instead of 204`,
        {
          ...statusAndRequestIdOf(response),
          incomplete: true,
          advice: 'Check the endpoint URL and what stands between: a proxy, a firewall or another service.',
        },
      );
    }
    const body = checkedBody(
      dialect.convertAnswerBody(meant, parseAnswer(response, request)),
      meant,
      response,
      {
        service,
        isNullRefused: options.isNullRefused,
      },
    );
    if (service === undefined) this.serverRelease.learn(body);
    return { body, date, headers };
  }
}

const JSON_TYPE = 'application/json';

/**
 * Headers of most reads. They are one shared object, so that a session adds its token to it only once (`keystone-session.ts`).
 */
const JSON_READ: TransportRequest['headers'] = { Accept: JSON_TYPE };

function headersOf(accept: string, contentType: string | undefined): TransportRequest['headers'] {
  if (contentType !== undefined) return { Accept: accept, 'Content-Type': contentType };
  return accept === JSON_TYPE ? JSON_READ : { Accept: accept };
}

const textOf = (body: unknown, contentType: string | undefined): string =>
  contentType !== undefined && typeof body === 'string' ? body : JSON.stringify(body);

/** Whether the answer to a request must be a 204: all services answer deletions and cancellations so (recordings). */
const isAnsweredWith204 = ({ method, path, body }: ApiRequest): boolean =>
  method === 'DELETE' || (path.endsWith('/actions') && isObject(body) && 'cancel' in body);

const provesNothingDone = ({ method }: ApiRequest, response: TransportResponse): boolean =>
  method === 'GET' || isDefiniteRefusal(response, undefined);

/**
 * Checks the body of a successful answer, so that callers can rely on its fields.
 * @throws {ProtocolError} the body is not an answer to this request. The outcome of a change is then unknown
 */
function checkedBody(
  body: unknown,
  request: ApiRequest,
  response: TransportResponse,
  {
    service,
    isNullRefused,
  }: { readonly service: CompanionService | undefined } & Pick<RequestOptions, 'isNullRefused'>,
): unknown {
  // The answer to a deletion or to an action without a result has no body.
  if (body === undefined) return body;
  const read = checkAnswerBody(body, request, service, isNullRefused);
  if (read instanceof MalformedValue) {
    throw new ProtocolError(`${about(request)} is not one of Coriolis: ${read.place} is not ${read.wanted}`, {
      ...statusAndRequestIdOf(response),
      incomplete: true,
      advice:
        'Check that the endpoint URL is that of Coriolis; if it is, its release is one that this client does not know.',
    });
  }
  if (service === undefined && isMixedUpAnswer(read, request)) {
    throw new ProtocolError(`${about(request)} is about another object`, {
      ...statusAndRequestIdOf(response),
      incomplete: true,
      mixedUp: true,
      advice: 'A proxy between mixes answers up: check it, then try again.',
    });
  }
  return read;
}

const about = ({ method, path }: ApiRequest): string => `The answer to ${method} ${path}`;
