import {
  NodeApiError,
  NodeOperationError,
  type IDataObject,
  type INode,
  type JsonObject,
} from 'n8n-workflow';
import { isCoriolisError, type CoriolisError } from '../../src/api/errors';
import { withoutUndefined } from '../../src/model/json';
import { maskSecrets } from '../../src/model/untrusted-text';
import { splitErrorMessage, replaceIdsByNames } from './node-error-text';

/** Facts about the item that failed. */
interface ItemFacts {
  readonly itemIndex?: number | undefined;
  /** Known names of objects by id. They replace the ids in the message. */
  readonly names?: ReadonlyMap<string, string> | undefined;
}

/**
 * Converts an error to n8n's error classes: one sentence as the message, the advice as its description, and details for
 * support (the request, its id, the ids of named objects), which n8n shows folded. Errors from the server's responses
 * become a `NodeApiError` with the status, by which n8n's scheduler recognises wrong credentials.
 */
export function toNodeError(
  node: INode,
  error: unknown,
  { itemIndex, names: known = new Map() }: ItemFacts = {},
): NodeApiError | NodeOperationError {
  const item = itemIndex === undefined ? {} : { itemIndex };
  if (!isCoriolisError(error)) {
    return new NodeOperationError(node, shownError(error), item);
  }
  const names = new Map([...known].map(([id, name]) => [id, maskSecrets(name)] as const));
  const { sentence, request } = splitErrorMessage(error.message);
  const message = replaceIdsByNames(sentence, names);
  const details = {
    ...item,
    ...withoutUndefined({ description: error.advice && replaceIdsByNames(error.advice, names) }),
  };
  const made = isAnswered(error)
    ? new NodeApiError(node, { message } as JsonObject, {
        ...details,
        message,
        ...(error.status === undefined ? {} : { httpCode: String(error.status) }),
      })
    : new NodeOperationError(node, message, details);
  // n8n replaces messages that contain a code such as ENOENT by its own text.
  made.message = message;
  const folded = foldedDetails(
    error,
    request,
    [...names].filter(([id]) => error.message.includes(id)),
  );
  if (Object.keys(folded).length > 0) made.context['data'] = folded;
  return made;
}

/** Masks secrets in an error of n8n or of this package, which may quote inputs or responses. */
function shownError(error: unknown): Error | string {
  if (!(error instanceof Error)) return maskSecrets(String(error));
  const message = maskSecrets(error.message);
  if (message === error.message) return error;
  const shown = new Error(message);
  shown.stack = maskSecrets(error.stack ?? '');
  return shown;
}

/** Details that n8n's editor shows folded, and that an error workflow finds in `error.context.data`. */
const foldedDetails = (
  { requestId }: CoriolisError,
  request: string | undefined,
  named: ReadonlyArray<readonly [id: string, name: string]>,
): IDataObject =>
  withoutUndefined({
    request,
    request_id: requestId,
    ids: named.length === 0 ? undefined : Object.fromEntries(named.map(([id, name]) => [name, id])),
  });

const isAnswered = (error: CoriolisError): boolean =>
  error.status !== undefined || ['authentication', 'unreachable', 'timeout'].includes(error.kind);
