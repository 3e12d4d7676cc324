import { MissingRouteError, unsupportedRouteError, type GenerationDetector } from './generation-detector';
import type { ApiRequest, Dialect } from './api-request';
import { asError, type CapabilityError } from './errors';
import { dependsOnRelease, unsupportedError } from './feature-support';
import type { HttpExchange } from './http-exchange';
import { throwIfCanceled } from './retry';
import { SharedCall } from './shared-call';

/** Lets requests pass that the server's generation and release support, and detects both when a request depends on them. */
export class DialectGate {
  private releaseDetection: SharedCall<unknown> | undefined;

  /**
   * @param isCompanion whether the requests go to another service than Coriolis, which has no generations
   * @param readTransfer reads one transfer; its fields show the release
   */
  constructor(
    private readonly http: HttpExchange,
    private readonly detector: GenerationDetector,
    private readonly isCompanion: boolean,
    private readonly readTransfer: (signal: AbortSignal) => Promise<unknown>,
  ) {}

  /** Dialect of the server, as far as known. */
  get dialect(): Dialect {
    return this.detector.dialectInUse;
  }

  /**
   * Runs `call` in the server's dialect, after refusing a request that the server's release does not support. After a
   * 404 for a missing route, detects the server's generation and runs `call` again when the generation was another.
   */
  async runInDialect<T>(
    request: ApiRequest,
    signal: AbortSignal | undefined,
    call: () => Promise<T>,
  ): Promise<T> {
    const about = `${request.method} ${request.path}`;
    if (this.needsRelease(request)) await this.detectRelease(signal);
    if (!this.isCompanion && this.unsupported(request) !== undefined) {
      // Detects the generation again before a refusal, because the server may have been upgraded.
      if (this.dialect.generation === 'legacy') await this.detector.detectAgain(about, signal);
      this.refuseUnsupported(request);
    }
    let missing: MissingRouteError;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof MissingRouteError)) throw asError(error);
      missing = error;
    }
    await this.detector.detectAgain(about, signal);
    this.refuseUnsupported(request);
    if (this.dialect.generation === missing.spoken) throw unsupportedRouteError(request, missing);
    try {
      return await call();
    } catch (error) {
      throw error instanceof MissingRouteError ? unsupportedRouteError(request, error) : error;
    }
  }

  /**
   * Whether the server supports the request, as far as known, and the request needs no detection of the release first.
   */
  canPassUnchecked(request: ApiRequest): boolean {
    return !this.needsRelease(request) && (this.isCompanion || this.unsupported(request) === undefined);
  }

  /** Whether the meaning of a request depends on the server's release while no answer has shown the release yet. */
  private needsRelease(request: ApiRequest): boolean {
    if (this.isCompanion || !this.http.serverRelease.isUnknown) return false;
    return this.dialect.generation === 'current' && dependsOnRelease(request);
  }

  /** Detects the server's release by reading one transfer, because the fields of a transfer show the release best. */
  private async detectRelease(signal: AbortSignal | undefined): Promise<void> {
    if (this.releaseDetection?.isAbandoned === true) this.releaseDetection = undefined;
    const question = (this.releaseDetection ??= new SharedCall((shared) => this.readTransfer(shared)));
    try {
      await question.waitForAnswer(signal);
    } catch {
      throwIfCanceled(signal);
      // An error is ignored: a user who may not list transfers may still execute one, and any other error will also
      // meet the request itself.
      if (this.releaseDetection === question) this.releaseDetection = undefined;
    }
  }

  private unsupported(request: ApiRequest): CapabilityError | undefined {
    return unsupportedError(request, this.dialect.generation, this.http.serverRelease);
  }

  private refuseUnsupported(request: ApiRequest): void {
    const lack = this.unsupported(request);
    if (lack !== undefined) throw lack;
  }
}
