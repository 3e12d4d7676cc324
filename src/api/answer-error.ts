import {
  parseAnswerContent,
  statusAndRequestIdOf,
  readErrorBody,
  isDefiniteRefusal,
  redirectTargetOf,
  describeProxy,
} from './parse-answer';
import { encodePathSegment } from './url-encoding';
import {
  AuthenticationError,
  CapabilityError,
  ConflictError,
  CoriolisError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  ProtocolError,
  ServerError,
  TimeoutError,
  UnreachableError,
} from './errors';
import { ERROR_MEANINGS } from './error-meanings';
import { quoteText } from '../model/untrusted-text';
import { parseRetryAfter } from './retry';
import type { CompanionService, TransportResponse } from './transport';

/** Facts about the failed request, for its error message and for choosing the error class. */
export interface FailedRequest {
  readonly method: string;
  /** Path below the endpoint, without query. */
  readonly path: string;
  /** Milliseconds from the request to its answer. */
  readonly elapsedMs: number;
  /** Service of the request; undefined for Coriolis itself. */
  readonly service?: CompanionService | undefined;
}

/**
 * Milliseconds after which a 500 counts as an RPC timeout. The server waits 60 s for each of its parts, and the work
 * may continue afterwards (docs/reference/coriolis-api.md §17, trap 21).
 */
const RPC_TIMEOUT_MS = 55_000;

/**
 * Converts an unsuccessful answer to an error. `now` is the server's time, for dates in `Retry-After`. The caller
 * handles a 404 of a missing route itself, because it knows the generation of the server.
 */
export function errorFromAnswer(
  response: TransportResponse,
  asked: FailedRequest,
  now: number,
): CoriolisError {
  const { status } = response;
  const content = parseAnswerContent(response.body);
  const error = readErrorBody(content);
  const about = `${asked.service === undefined ? '' : `${asked.service}: `}${asked.method} ${asked.path}`;
  const plain = content.kind === 'text' ? firstLine(response.body) : undefined;
  const serverMessage = error?.message || plain;
  const details = { ...statusAndRequestIdOf(response), serverMessage };
  // A failed read changes nothing. Of a change, only a definite refusal proves that it did not happen.
  const incomplete = asked.method !== 'GET' && !isDefiniteRefusal(response, asked.service);
  const message = `${serverMessage ?? `HTTP ${status} without an explanation`} (${about}, HTTP ${status})`;

  if (status >= 300 && status < 400) {
    return new ProtocolError(
      `${about} was redirected to ${redirectTargetOf(response)}; redirects are not followed`,
      {
        ...details,
        incomplete,
        advice: 'Correct the endpoint URL: its scheme (https), its host, or a path such as /v1 is wrong.',
      },
    );
  }
  // Of these statuses Coriolis itself sends only 503. The others come from gateways, whatever their bodies look like
  // (docs/reference/coriolis-api.md §2).
  if ([429, 502, 504].includes(status) || (status === 503 && error === undefined)) {
    return unreachable(response, about, details, now);
  }
  if (content.kind === 'html') {
    return new ProtocolError(
      `${about} was answered with a web page and HTTP ${status}${describeProxy(response)}`,
      {
        ...statusAndRequestIdOf(response),
        incomplete,
        advice:
          'A proxy or firewall answered instead of Coriolis: check the endpoint URL and what stands in between.',
      },
    );
  }
  if (incomplete) {
    return new ProtocolError(
      `${about} was answered by something else than Coriolis (HTTP ${status})${describeProxy(response)}`,
      {
        ...details,
        incomplete,
        advice: 'Check the endpoint URL and what stands between: a proxy, a firewall or another service.',
      },
    );
  }
  if (status === 401) {
    return new AuthenticationError(`The server does not accept the token (${about}, HTTP 401)`, {
      ...details,
      advice:
        'Log in again. If that does not help, check that the server uses the same Keystone as the login.',
    });
  }
  return asked.service === undefined
    ? failureOfCoriolis(message, asked, details)
    : failureOfService(message, asked.service, details);
}

/**
 * First line of a plain text. The log service appends the requested log to its error message, in the same line
 * (recordings/logger), so only the known message is taken.
 */
const firstLine = (text: string): string =>
  quoteText(/^(invalid (?:start|end) date: "[^"]*"|[^\n]*)/.exec(text.trim())?.[1] ?? '', 300);

type Details = ReturnType<typeof statusAndRequestIdOf> & { readonly serverMessage: string | undefined };

/** Advice for a 404 of each service beside Coriolis. */
const NOT_FOUND_ADVICE: Readonly<Record<CompanionService, string>> = {
  'coriolis-logger': 'Check the address of the log service in the catalogue of Keystone: it ends in /api/v1.',
  'coriolis-licensing':
    'Check the id: list the appliances, and the licences and reservations of that appliance.',
  'key-manager':
    'The secret was deleted, or its reference is wrong: store the secret again and use the new reference.',
};

/** Advice for a 403 of each service beside Coriolis: the role that its default policy requires. */
const FORBIDDEN_ADVICE: Readonly<Record<CompanionService, string>> = {
  'coriolis-logger': 'Reading logs needs the role admin: use the credentials of an administrator.',
  'coriolis-licensing': 'Ask the operator of the licensing server for access.',
  'key-manager': 'Barbican needs the role creator (or admin) in the project: ask its operator for it.',
};

function failureOfService(message: string, service: CompanionService, details: Details): CoriolisError {
  const { status } = details;
  switch (status) {
    case 403:
      // The log service answers 403 where others answer 401 (recordings/logger).
      return /^Failed to authenticate/.test(details.serverMessage ?? '')
        ? new AuthenticationError(`The log service does not accept the token (${message})`, {
            ...details,
            advice: 'Log in again. If that does not help, check that it uses the same Keystone as the login.',
          })
        : new ForbiddenError(message, { ...details, advice: FORBIDDEN_ADVICE[service] });
    case 404:
      return new NotFoundError(message, { ...details, advice: NOT_FOUND_ADVICE[service] });
    case 405:
    case 501:
      return new CapabilityError(message, {
        ...details,
        advice: 'This release of the service does not support that.',
      });
    case 409:
      return new ConflictError(message, { ...details, advice: 'Look at the current state, then decide.' });
  }
  return status !== undefined && status < 500
    ? new InvalidInputError(message, {
        ...details,
        advice: 'Correct the value that the service names, and repeat this.',
      })
    : new ServerError(message, {
        ...details,
        advice: 'The log of that service tells more; search it for the request id.',
      });
}

function unreachable(
  response: TransportResponse,
  about: string,
  details: Details,
  now: number,
): CoriolisError {
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], now);
  const busy = response.status === 429;
  return new UnreachableError(
    `${busy ? 'Too many requests' : 'A proxy in front of the server got no answer from it'} (${about}, HTTP ${response.status})`,
    {
      ...details,
      retryAfterMs,
      advice: busy
        ? `Nothing was done. Ask less often, and try again${inSeconds(retryAfterMs)}.`
        : 'Check that the server is up, then try again.',
    },
  );
}

const inSeconds = (ms: number | undefined): string =>
  ms === undefined ? '' : ` in ${Math.ceil(ms / 1000)} s`;

function failureOfCoriolis(message: string, asked: FailedRequest, details: Details): CoriolisError {
  const { status, serverMessage: words = '' } = details;
  // A PUT checks the id in its path while it checks the body, and so answers 400 instead of 404
  // (docs/reference/coriolis-api.md §17, trap 18).
  const missing = status === 400 ? /ID '([^']+)' not found/.exec(words)?.[1] : undefined;
  const isInPath = missing !== undefined && asked.path.split('/').includes(encodePathSegment(missing));
  const what = isInPath ? 404 : status;
  const timedOut = status === 500 && asked.elapsedMs >= RPC_TIMEOUT_MS;
  if (timedOut) {
    const advice =
      'The part of Coriolis that does the work did not answer the API within a minute: check coriolis-conductor and the workers; their logs tell more.';
    const seconds = Math.round(asked.elapsedMs / 1000);
    return asked.method === 'GET'
      ? new TimeoutError(
          `Coriolis gave up after ${seconds} s (${asked.method} ${asked.path}, HTTP ${status ?? 500})`,
          { ...details, advice },
        )
      : new ServerError(message, { ...details, incomplete: true, advice });
  }
  const meaning = ERROR_MEANINGS.find(
    (row) =>
      row.status === what &&
      (row.messagePattern?.test(words) ?? true) &&
      (row.requestPattern?.test(`${asked.method} ${asked.path}`) ?? true),
  );
  if (meaning !== undefined) return new meaning.errorClass(message, { ...details, advice: meaning.advice });
  return status !== undefined && status < 500
    ? new InvalidInputError(message, { ...details, advice: 'Correct the input.' })
    : new ServerError(message, {
        ...details,
        advice: 'The log of the server tells more; search it for the request id.',
      });
}
