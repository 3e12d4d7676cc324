import type { Runtime } from './core-runtime';
import { findServiceAddress, type CatalogueSelection } from './service-catalogue';
import type { LocatedLogin } from './locate-keystone';
import { asError, AuthenticationError, ProtocolError } from './errors';
import type { ApplianceCredentials, KeystoneCredentials } from './login-request';
import { throwIfCanceled } from './retry';
import { isTokenRefused, logIn, mayMeanRevokedToken, refusePlainHttp, type LoginResult } from './log-in';
import type { KeystoneToken } from './keystone-token';
import { SharedCall } from './shared-call';
import type { Transport, TransportRequest, TransportResponse } from './transport';

/** Milliseconds for which a refused login is not sent again, because repeated wrong passwords lock accounts. */
const REFUSAL_STANDS_MS = 10_000;

/** Login, transport and clock of a session. */
export interface KeystoneSessionOptions {
  readonly transport: Transport;
  readonly identity: KeystoneCredentials | ApplianceCredentials;
  readonly selection?: CatalogueSelection | undefined;
  readonly runtime: Runtime;
}

/** Transport that logs in and adds the token to each request. */
export interface KeystoneSession extends Transport {
  /** Current token. Logs in when there is no usable one. Throws like `send`. */
  fetchToken(signal?: AbortSignal): Promise<KeystoneToken>;
  /** Address of Coriolis, including the project id. Logs in like `token`. */
  fetchCoriolisAddress(signal?: AbortSignal): Promise<string>;
}

/**
 * Makes a transport that logs in. It logs in once for all requests, also simultaneous ones, and again before the token
 * expires. When the server refuses the token (a 401 that proves that nothing was done), it logs in anew and repeats the
 * request once, also a change (recordings/auth). A change that ends in a 500 is not repeated, but the next request uses
 * a new token. A path is appended to the endpoint of Coriolis, or of the service that the request names. An absolute
 * URL must belong to a service of the token's catalogue, so that the token goes nowhere else.
 * @throws what `readKeystoneToken` and `findCoriolisAddress` throw
 */
export function makeKeystoneSession(options: KeystoneSessionOptions): KeystoneSession {
  return new Session(options);
}

type Headers = TransportRequest['headers'];

class Session implements KeystoneSession {
  private current: LoginResult | undefined;
  /** Addresses of the appliance's services. They are requested only once. */
  private located: LocatedLogin | undefined;
  private pending: SharedCall<LoginResult> | undefined;
  /** Last headers to which a token was added, with the result. */
  private headersWithToken:
    { readonly headers: Headers; readonly login: LoginResult; readonly result: Headers } | undefined;
  private refusal: { readonly error: AuthenticationError; readonly until: number } | undefined;

  constructor(private readonly options: KeystoneSessionOptions) {}

  async fetchToken(signal?: AbortSignal): Promise<KeystoneToken> {
    return (await this.login(signal)).token;
  }

  async fetchCoriolisAddress(signal?: AbortSignal): Promise<string> {
    return (await this.login(signal)).coriolisAddress;
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const login = this.usable(request.signal) ?? (await this.login(request.signal));
    const answer = await this.sendAs(login, request);
    if (mayMeanRevokedToken(request, answer)) this.forget(login);
    if (!isTokenRefused(request, answer)) return answer;
    this.forget(login);
    const second = await this.sendAs(await this.login(request.signal), request);
    if (isTokenRefused(request, second)) throw this.refuse(request);
    return second;
  }

  /** Drops a login, unless another call has already replaced it. */
  private forget(login: LoginResult): void {
    if (this.current === login) this.current = undefined;
  }

  // Neither async nor with a spread of the request, because each would cost every call a microsecond.
  private sendAs(login: LoginResult, request: TransportRequest): Promise<TransportResponse> {
    const { service, method, headers, body, timeoutMs, signal } = request;
    return this.options.transport.send({
      service,
      method,
      url: this.resolve(request, login),
      headers: this.withToken(headers, login),
      body,
      timeoutMs,
      signal,
    });
  }

  /**
   * Adds the token to the headers. The result is cached: nearly all requests have the same headers, and copying them
   * costs more than all checks of a small answer.
   */
  private withToken(headers: Headers, login: LoginResult): Headers {
    if (this.headersWithToken?.headers !== headers || this.headersWithToken.login !== login) {
      this.headersWithToken = { headers, login, result: { ...headers, 'X-Auth-Token': login.token.id } };
    }
    return this.headersWithToken.result;
  }

  private resolve(
    { url, service }: TransportRequest,
    { coriolisAddress, selection, token, givenAddress }: LoginResult,
  ): string {
    if (url.startsWith('/') && !url.startsWith('//')) {
      if (service === undefined) return `${coriolisAddress}${url}`;
      const base = findServiceAddress(token, service, selection);
      refusePlainHttp(base, givenAddress);
      return `${base}${url}`;
    }
    const known = [
      coriolisAddress,
      ...token.catalogue.flatMap((service) => service.endpoints.map((one) => one.url)),
    ];
    if (known.some((one) => originOf(one) === originOf(url))) return url;
    throw new ProtocolError(
      'The URL belongs to no service that this login is for, so the token is not sent there',
      {
        advice: 'Use a path below the endpoint of Coriolis.',
      },
    );
  }

  /** Current login; undefined when there is none or the token must be renewed. */
  private usable(signal: AbortSignal | undefined): LoginResult | undefined {
    throwIfCanceled(signal);
    const { current } = this;
    return current !== undefined && this.options.runtime.clock() < current.renewAt ? current : undefined;
  }

  /** Current login, the one in progress, or a new one. */
  private async login(signal: AbortSignal | undefined): Promise<LoginResult> {
    const usable = this.usable(signal);
    if (usable !== undefined) return usable;
    if (this.pending?.isAbandoned === true) this.pending = undefined;
    const pending = (this.pending ??= new SharedCall((shared) =>
      this.newLogin(shared).finally(() => {
        if (this.pending === pending) this.pending = undefined;
      }),
    ));
    return await pending.waitForAnswer(signal);
  }

  private async newLogin(signal: AbortSignal): Promise<LoginResult> {
    if (this.refusal !== undefined && this.options.runtime.clock() < this.refusal.until)
      throw this.refusal.error;
    const { transport, identity, selection = {}, runtime } = this.options;
    try {
      const login = await logIn(
        { identity, selection },
        (request) => transport.send({ ...request, signal }),
        runtime,
        { located: this.located, signal },
      );
      this.located = login.located;
      this.current = login;
      return login;
    } catch (error) {
      if (error instanceof AuthenticationError) this.remember(error);
      throw asError(error);
    }
  }

  /** Error for a new token that was refused too, so that another login would not help. */
  private refuse({ method, url }: TransportRequest): AuthenticationError {
    const error = new AuthenticationError(
      `Coriolis refuses a token that Keystone has just issued (${method} ${url.replace(/\?.*$/s, '')}, HTTP 401)`,
      {
        status: 401,
        advice: 'Check that the endpoint URL and the auth URL belong to the same installation.',
      },
    );
    this.remember(error);
    return error;
  }

  private remember(error: AuthenticationError): void {
    this.refusal = { error, until: this.options.runtime.clock() + REFUSAL_STANDS_MS };
  }
}

function originOf(url: string): string | undefined {
  return /^https?:\/\/[^/?#@]+(?=[/?#]|$)/i.exec(url)?.[0].toLowerCase();
}
