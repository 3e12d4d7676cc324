import { statusAndRequestIdOf } from './parse-answer';
import { DIALECTS, GENERATION_PROBES } from './generations';
import type { ApiRequest, Dialect, Generation } from './api-request';
import { CapabilityError, ProtocolError } from './errors';
import { missingFeatureError } from './feature-support';
import { SharedCall } from './shared-call';
import type { TransportResponse } from './transport';

/**
 * The server has no such route (a 404 of its router): nothing was done, and the server may have the other generation.
 * Never leaves the client.
 */
export class MissingRouteError extends Error {
  /** @param spoken generation in which the request was sent */
  constructor(
    readonly response: TransportResponse,
    readonly spoken: Generation,
  ) {
    super('No such route');
  }
}

/** Error for a route that the server does not have. */
export function unsupportedRouteError(
  request: ApiRequest,
  { response, spoken }: MissingRouteError,
): CapabilityError {
  return (
    missingFeatureError(request, spoken) ??
    new CapabilityError(
      `This Coriolis server has no ${request.method} ${request.path} (HTTP ${response.status})`,
      {
        ...statusAndRequestIdOf(response),
        advice:
          'The server is older or newer than the operation: find its release in the diagnostics, and upgrade it if it is older.',
      },
    )
  );
}

/**
 * Cache of a server's generation, which later clients of the server start with. It may be outdated: a 404 for a missing
 * route corrects it, and no request is refused because of the cache alone.
 */
export interface GenerationCache {
  get(): Generation | undefined;
  set(generation: Generation): void;
}

/**
 * Detects a server's dialect with at most two small requests, once for all callers. Until then, requests use the cached
 * dialect, or the current one.
 */
export class GenerationDetector {
  private spoken: Dialect;
  private isCertain = false;
  private detection: SharedCall<Generation | undefined> | undefined;

  /** @param exists sends a request, and returns true when the server has a route for it */
  constructor(
    private readonly exists: (request: ApiRequest, signal: AbortSignal) => Promise<boolean>,
    private readonly memory: GenerationCache | undefined,
  ) {
    this.spoken = DIALECTS[memory?.get() ?? 'current'];
  }

  /** Dialect for the next request: detected, or else assumed. */
  get dialectInUse(): Dialect {
    return this.spoken;
  }

  /** Detected dialect. Sends the detecting requests when the dialect is not certain yet. Throws like `detectAgain`. */
  async detectOnce(signal?: AbortSignal): Promise<Dialect> {
    if (!this.isCertain) await this.detectAgain('GET /', signal);
    return this.spoken;
  }

  /**
   * Detects the dialect anew, also when it was detected before.
   * @param what method and path of the request that needs the dialect, for the error message
   * @throws {ProtocolError} the server has the routes of no generation of Coriolis
   */
  async detectAgain(what: string, signal?: AbortSignal): Promise<void> {
    if (this.detection?.isAbandoned === true) this.detection = undefined;
    const detection = (this.detection ??= new SharedCall((shared) =>
      this.detect(shared).finally(() => {
        if (this.detection === detection) this.detection = undefined;
      }),
    ));
    const generation = await detection.waitForAnswer(signal);
    if (generation === undefined) {
      throw new ProtocolError(`No Coriolis API answers at the endpoint URL (${what}, HTTP 404)`, {
        status: 404,
        advice: 'Correct the endpoint URL: it usually ends in /v1/ and the id of the project.',
      });
    }
    this.spoken = DIALECTS[generation];
    this.isCertain = true;
    this.memory?.set(generation);
  }

  private async detect(signal: AbortSignal): Promise<Generation | undefined> {
    for (const { generation, path } of GENERATION_PROBES) {
      if (await this.exists({ method: 'GET', path, query: {} }, signal)) return generation;
    }
    return undefined;
  }
}
