import { isObject } from '../../src/model/json';
import { withCleanError } from '../wire/json-rpc-messages';

/** Cleans the error message in the body of a refusal, in which the SDK quotes headers of the client whole. */
export async function withCleanErrorBody(response: Response): Promise<Response> {
  const { status, headers } = response;
  if (status < 400 || headers.get('content-type')?.startsWith('application/json') !== true) return response;
  const body: unknown = await response.json();
  return Response.json(isObject(body) ? withCleanError(body) : body, { status, headers });
}
