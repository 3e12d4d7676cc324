import { withoutUndefined } from '../../src/model/json';
import type {
  IExecuteFunctions,
  IHttpRequestOptions,
  ILoadOptionsFunctions,
  IPollFunctions,
} from 'n8n-workflow';
import { isTokenRefused, mayMeanRevokedToken } from '../../src/api/keystone';
import type { Transport, TransportRequest, TransportResponse } from '../../src/api/transport';
import { readResponse, streamedResponseOptions } from './read-response';
import { networkErrorToCoriolisError } from './network-error';

/** Contexts that n8n gives to node code. All of them send authenticated requests in the same way. */
export type N8nNodeContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** Name of the credential type. */
export const credentialTypeName = 'coriolisKeystoneApi';

/**
 * Header that tells the credential to which service of the catalogue a path belongs; without the header the path
 * belongs to Coriolis. A header is used because n8n's requests have no other place for it. The credential removes the
 * header.
 */
export const serviceHeaderName = 'X-Coriolis-Service';

/**
 * Header with the time of a request after whose answer the token may have been revoked, in milliseconds since 1970. The
 * credential logs in again when its token is older than that, unless the token is only seconds old. It removes the
 * header.
 */
export const tokenDoubtfulUntilHeaderName = 'X-Coriolis-Younger-Than';

/** Header that tells the credential the start time of the token that was refused. The credential removes the header. */
export const refusedTokenStartHeaderName = 'X-Coriolis-Refused';

/**
 * Header with the number of a request. Under this number the credential stores the start time of the token in
 * `tokenStartByRequest`; it removes the header.
 */
export const requestNumberHeaderName = 'X-Coriolis-Number';

/**
 * Start times of the tokens that requests in progress were sent with, by the number of the request. n8n does not tell
 * which token it sent with a request: this request or that of another item may have caused a new login meanwhile.
 */
export const tokenStartByRequest = new Map<string, number>();

let requestCount = 0;

/**
 * Time of the latest request after whose answer the token may have been revoked, by credential id, in milliseconds
 * since 1970. n8n itself renews tokens only after a 401. All transports share this map, because each execution of a
 * workflow makes its own transport, and the next execution must not use the doubtful token either.
 */
const doubtfulSince = new Map<string, number>();

/**
 * Transport over n8n's HTTP helper, so that n8n's proxies, certificates and network rules apply. The credential adds
 * the token, the address of Coriolis and a deadline. A refused token is renewed here, once, and not by n8n: n8n repeats
 * a request after any 401, also a change that a gateway had already passed on to Coriolis.
 */
export class NodeTransport implements Transport {
  /**
   * @param timeoutMs maximum time for a request in milliseconds, even when the caller allows more, so that drop-downs
   * do not hang
   */
  constructor(
    private readonly context: N8nNodeContext,
    private readonly timeoutMs = Number.POSITIVE_INFINITY,
  ) {}

  async send(request: TransportRequest): Promise<TransportResponse> {
    const credential = this.context.getNode().credentials?.[credentialTypeName]?.id ?? '';
    const sent = Date.now();
    const first = await this.attempt(request, tokenDoubtfulUntilHeaderName, doubtfulSince.get(credential));
    if (mayMeanRevokedToken(request, first.answer)) doubtfulSince.set(credential, sent);
    if (!isTokenRefused(request, first.answer)) return first.answer;
    return (await this.attempt(request, refusedTokenStartHeaderName, first.tokenStart ?? Date.now())).answer;
  }

  /** Sends a request once. `header` tells the credential that the token must be younger than `olderThan`. */
  private async attempt(
    { service, method, url, headers, body, timeoutMs, signal }: TransportRequest,
    header: string,
    olderThan: number | undefined,
  ): Promise<{ readonly answer: TransportResponse; readonly tokenStart: number | undefined }> {
    const number = String((requestCount += 1));
    const timeout = Math.min(timeoutMs, this.timeoutMs);
    const options: IHttpRequestOptions = {
      method,
      url,
      headers: {
        ...headers,
        ...withoutUndefined({ [serviceHeaderName]: service }),
        [requestNumberHeaderName]: number,
        ...(olderThan === undefined ? {} : { [header]: String(olderThan) }),
      },
      timeout,
      ...streamedResponseOptions,
      ...withoutUndefined({ body, abortSignal: signal }),
    };
    try {
      const { httpRequestWithAuthentication: send } = this.context.helpers;
      const answer = await readResponse(await send.call(this.context, credentialTypeName, options), url);
      return { answer, tokenStart: tokenStartByRequest.get(number) };
    } catch (error) {
      throw networkErrorToCoriolisError(error, url, timeout, this.isStopped(signal));
    } finally {
      tokenStartByRequest.delete(number);
    }
  }

  /** Whether the call was canceled by `signal`, or n8n has stopped the execution. */
  private isStopped(signal: AbortSignal | undefined): boolean {
    if (signal?.aborted === true) return true;
    return (
      'getExecutionCancelSignal' in this.context && this.context.getExecutionCancelSignal()?.aborted === true
    );
  }
}
