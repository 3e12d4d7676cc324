import { withoutUndefined } from '../../src/model/json';
import type {
  IExecuteFunctions,
  IHttpRequestOptions,
  ILoadOptionsFunctions,
  IPollFunctions,
} from 'n8n-workflow';
import { isTokenRefused, mayBeRevoked } from '../../src/api/keystone';
import type { Transport, TransportRequest, TransportResponse } from '../../src/api/transport';
import { readAnswer, unreadAnswerOptions } from './answer';
import { networkError } from './network-error';

/** Contexts of n8n in which node code runs. All send authenticated requests the same way. */
export type NodeContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

export const credentialName = 'coriolisKeystoneApi';

/** Header with the service of a path, for the credential, which removes it. n8n's requests have no field for it. */
export const serviceHeader = 'X-Coriolis-Service';

/** Header with the minimum start time of a token, in milliseconds since 1970, for the credential, which removes it. */
export const youngerThanHeader = 'X-Coriolis-Younger-Than';

/** Header with the minimum start time of a token after a refused token, for the credential, which removes it. */
export const refusedHeader = 'X-Coriolis-Refused';

/**
 * Time of the latest request whose answer made the token doubtful, by credential: n8n renews tokens only after a 401.
 * Every run makes a transport of its own, and it is the next run that must not fail.
 */
const doubtful = new Map<string, number>();

/**
 * Transport over n8n's HTTP helper, so that n8n's proxies, certificates and network rules apply. The credential adds
 * the token, the address of Coriolis and a deadline. A token that is refused is renewed here, once: n8n would do so
 * after any 401, and send a change again that a gateway had passed on.
 */
export class NodeTransport implements Transport {
  /**
   * @param timeoutMs maximum time for a request in milliseconds, whatever the core allows, so that drop-downs do not
   * hang
   */
  constructor(
    private readonly context: NodeContext,
    private readonly timeoutMs = Number.POSITIVE_INFINITY,
  ) {}

  async send(request: TransportRequest): Promise<TransportResponse> {
    const credential = this.context.getNode().credentials?.[credentialName]?.id ?? '';
    const sent = Date.now();
    const answer = await this.attempt(request, youngerThanHeader, doubtful.get(credential));
    if (mayBeRevoked(request, answer)) doubtful.set(credential, sent);
    return isTokenRefused(request, answer) ? await this.attempt(request, refusedHeader, sent) : answer;
  }

  /** Sends a request once, with a token that is younger than the given time. */
  private async attempt(
    { service, method, url, headers, body, timeoutMs, signal }: TransportRequest,
    header: string,
    olderThan: number | undefined,
  ): Promise<TransportResponse> {
    const timeout = Math.min(timeoutMs, this.timeoutMs);
    const options: IHttpRequestOptions = {
      method,
      url,
      headers: {
        ...headers,
        ...withoutUndefined({ [serviceHeader]: service }),
        ...(olderThan === undefined ? {} : { [header]: String(olderThan) }),
      },
      timeout,
      ...unreadAnswerOptions,
      ...withoutUndefined({ body, abortSignal: signal }),
    };
    try {
      const { httpRequestWithAuthentication: send } = this.context.helpers;
      return await readAnswer(await send.call(this.context, credentialName, options), url);
    } catch (error) {
      throw networkError(error, url, timeout, this.isStopped(signal));
    }
  }

  /** Whether the caller or the execution was stopped; n8n aborts with the signal of the execution. */
  private isStopped(signal: AbortSignal | undefined): boolean {
    if (signal?.aborted === true) return true;
    return (
      'getExecutionCancelSignal' in this.context && this.context.getExecutionCancelSignal()?.aborted === true
    );
  }
}
