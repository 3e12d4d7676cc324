import { NodeApiError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';
import { isCoriolisError, type CoriolisError } from '../../src/api/errors';
import { maskSecrets } from '../../src/model/untrusted';

/**
 * Converts an error to n8n's error classes: the message, with the advice as its description. Answers of the server
 * become a `NodeApiError` with its status, by which n8n's scheduler tells wrong credentials from the rest.
 */
export function nodeError(
  node: INode,
  error: unknown,
  itemIndex?: number,
): NodeApiError | NodeOperationError {
  const item = itemIndex === undefined ? {} : { itemIndex };
  if (!isCoriolisError(error)) {
    return new NodeOperationError(node, shownError(error), item);
  }
  const description = descriptionOf(error);
  const details = { ...item, ...(description === '' ? {} : { description }) };
  const made = answered(error)
    ? new NodeApiError(node, { message: error.message } as JsonObject, {
        ...details,
        message: error.message,
        ...(error.status === undefined ? {} : { httpCode: String(error.status) }),
      })
    : new NodeOperationError(node, error.message, details);
  // n8n replaces messages that contain a code such as ENOENT by its own text.
  made.message = error.message;
  return made;
}

/** An error of n8n or a fault of ours, which may quote what was filled in or answered. */
function shownError(error: unknown): Error | string {
  if (!(error instanceof Error)) return maskSecrets(String(error));
  const message = maskSecrets(error.message);
  if (message === error.message) return error;
  const shown = new Error(message);
  shown.stack = maskSecrets(error.stack ?? '');
  return shown;
}

const answered = (error: CoriolisError): boolean =>
  error.status !== undefined || ['authentication', 'unreachable', 'timeout'].includes(error.kind);

const descriptionOf = ({ advice, requestId }: CoriolisError): string =>
  [advice, requestId === undefined ? undefined : `Request id for support: ${requestId}.`]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
