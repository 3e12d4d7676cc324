import { ApiError } from '../world/api-error';
import type { ApiErrorKind } from '../world/api-error';

type ErrorStatus = 400 | 403 | 404 | 409 | 500 | 503;

const STATUS: Readonly<Record<ApiErrorKind, ErrorStatus>> = {
  badRequest: 400,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  internal: 500,
  unavailable: 503,
};

/** Fault names by status (docs/reference/coriolis-api.md §2). */
const FAULT_NAMES: Readonly<Record<ErrorStatus, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
  500: 'computeFault',
  503: 'serviceUnavailable',
};

/** Converts an error to the status and body of the answer. */
export function makeErrorAnswer(error: ApiError): { status: ErrorStatus; body: object } {
  const status = STATUS[error.kind];
  return { status, body: { error: { fault: FAULT_NAMES[status], code: status, message: error.message } } };
}
