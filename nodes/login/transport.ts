import type {
  IDataObject,
  IExecuteFunctions,
  IHttpRequestOptions,
  ILoadOptionsFunctions,
  IPollFunctions,
} from 'n8n-workflow';
import { mayBeRevoked } from '../../src/api/keystone';
import type { Transport, TransportRequest, TransportResponse } from '../../src/api/transport';
import { causesOf, networkError } from './network-error';

/** n8n's contexts in which node code runs. All send authenticated requests the same way. */
export type NodeContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

export const credentialName = 'coriolisKeystoneApi';

/** Header with the service of a path, for the credential, which removes it. n8n's requests have no field for it. */
export const serviceHeader = 'X-Coriolis-Service';

/** Header with the minimum start time of a token, in milliseconds since 1970, for the credential, which removes it. */
export const youngerThanHeader = 'X-Coriolis-Younger-Than';

/**
 * Time of the latest request whose answer made the token doubtful, by credential: n8n renews tokens only after a 401.
 * Every run makes a transport of its own, and it is the next run that must not fail.
 */
const doubtful = new Map<string, number>();

/**
 * Transport over n8n's HTTP helper, so that n8n's proxies, certificates and network rules apply. The credential adds
 * the token and the address of Coriolis, and renews the token when a request ends in 401; hence 401 is the only status
 * that must not be ignored here.
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

  async send({
    service,
    method,
    url,
    headers,
    body,
    timeoutMs,
    signal,
  }: TransportRequest): Promise<TransportResponse> {
    const timeout = Math.min(timeoutMs, this.timeoutMs);
    const credential = this.context.getNode().credentials?.[credentialName]?.id ?? '';
    const doubt = doubtful.get(credential);
    const options: IHttpRequestOptions = {
      method,
      url,
      headers: {
        ...headers,
        ...(service === undefined ? {} : { [serviceHeader]: service }),
        ...(doubt === undefined ? {} : { [youngerThanHeader]: String(doubt) }),
      },
      timeout,
      encoding: 'text',
      returnFullResponse: true,
      ...answerButUnauthorized,
      disableFollowRedirect: true,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { abortSignal: signal }),
    };
    const sent = Date.now();
    try {
      const answer = responseOf(
        (await this.context.helpers.httpRequestWithAuthentication.call(
          this.context,
          credentialName,
          options,
        )) as FullResponse,
      );
      if (mayBeRevoked({ method }, answer)) doubtful.set(credential, sent);
      return answer;
    } catch (error) {
      const refused = refusalIn(error);
      if (refused !== undefined) return refused;
      throw networkError(error, url, timeout);
    }
  }
}

/**
 * Options that return every status as an answer except a 401, which n8n must see to log in again. n8n 1.123 knows only
 * yes or no here, in its types too, and takes this for a yes: a token that was revoked before its time is reported
 * there and not replaced.
 */
const answerButUnauthorized: object = { ignoreHttpStatusErrors: { ignore: true, except: [401] } };

interface FullResponse {
  readonly statusCode: number;
  readonly headers: IDataObject;
  readonly body: unknown;
}

const responseOf = ({ statusCode, headers, body }: FullResponse): TransportResponse => ({
  status: statusCode,
  headers: textsOf(headers),
  body: typeof body === 'string' ? body : '',
});

/** The answer in an error, if it is a 401 after a new login; the core makes its message. */
function refusalIn(error: unknown): TransportResponse | undefined {
  for (const cause of causesOf(error)) {
    const response = 'response' in cause ? (cause.response as Partial<AxiosResponse> | undefined) : undefined;
    // Other answers in errors were cut off, so their status has no meaning.
    if (response?.status === 401 && response.headers !== undefined) {
      return responseOf({ statusCode: 401, headers: response.headers, body: response.data });
    }
  }
  return undefined;
}

interface AxiosResponse {
  readonly status: number;
  readonly headers: IDataObject;
  readonly data: unknown;
}

function textsOf(headers: IDataObject): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') texts[name.toLowerCase()] = value;
  }
  return texts;
}
