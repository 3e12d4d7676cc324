import { contentOf, detailsOf, errorBody, redirectTarget } from './answer';
import type { ErrorBody } from './answer';
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
  UnreachableError,
} from './errors';
import { parseRetryAfter } from './retry';
import type { OtherService, TransportResponse } from './transport';

/** What was asked, for the words of an error. */
export interface Asked {
  readonly method: string;
  /** Path below the endpoint, without query. */
  readonly path: string;
  /** How long the answer took, in milliseconds. */
  readonly elapsedMs: number;
  /** Who was asked, when it was not Coriolis itself. */
  readonly service?: OtherService;
}

/** State checks of the server, which answers them with 400 like any wrong value (coriolis-domain.md §8). */
const STATE =
  /in progress|being (deployed|migrated|cancell?ed)|not currently running|no running execution|currently in '[A-Z_]+' state|as (it|the pool) is in '[A-Z_]+' (status|state)|executed successfully|never been executed|have volumes information|contain volumes information|number of tasks executions/i;

/** Calls that make the server create a Keystone trust on the caller's behalf (trap 31). */
const NEEDS_TRUST =
  /^POST .*\/(executions|schedules)$|^POST \/(deployments|minion_pools|migrations)$|^PUT \/(transfers|replicas)\/|^POST \/(transfers|replicas)\/[^/]+\/actions$/;

/** The server gives up on its own workers after 60 s a hop, and the work may go on (trap 21). */
const RPC_TIMEOUT_MS = 55_000;

const GENERIC = /has either erred or is incapable of performing/;

/**
 * The error that an answer other than a success stands for. `now` is the server's time, for dates in `Retry-After`.
 * A routing 404 is the caller's to explain, who knows what generation the server speaks.
 */
export function failureOf(response: TransportResponse, asked: Asked, now: number): CoriolisError {
  const { status } = response;
  const content = contentOf(response.body);
  const error = errorBody(content);
  const about = `${asked.service === undefined ? '' : `${asked.service}: `}${asked.method} ${asked.path}`;
  const plain = content.kind === 'text' ? response.body.trim().slice(0, 300) : undefined;
  const serverMessage = error?.message || plain;
  const details = { ...detailsOf(response), ...(serverMessage === undefined ? {} : { serverMessage }) };
  const message = `${serverMessage ?? `HTTP ${status} without an explanation`} (${about}, HTTP ${status})`;

  if (status >= 300 && status < 400) {
    return new ProtocolError(
      `${about} was redirected to ${redirectTarget(response)}; redirects are not followed`,
      {
        ...details,
        advice: 'Correct the endpoint URL: its scheme (https), its host, or a path such as /v1 is wrong.',
      },
    );
  }
  if (error === undefined && [429, 502, 503, 504].includes(status)) {
    return unreachable(response, about, details, now);
  }
  if (content.kind === 'html') {
    return new ProtocolError(`${about} was answered with a web page and HTTP ${status}`, {
      ...detailsOf(response),
      advice:
        'A proxy or firewall answered instead of Coriolis: check the endpoint URL and what stands in between.',
    });
  }
  switch (status) {
    case 400:
      // Only Coriolis answers its state checks with 400.
      if (asked.service === undefined) return badRequest(message, error, asked, details);
      break;
    case 401:
      return new AuthenticationError(`The server does not accept the token (${about}, HTTP 401)`, {
        ...details,
        advice:
          'Log in again. If that does not help, check that the server uses the same Keystone as the login.',
      });
    case 403:
      if (asked.service !== undefined) return forbiddenByService(message, asked.service, details);
      return /would be orphaned!/.test(serverMessage ?? '')
        ? new ConflictError(message, {
            ...details,
            advice: 'Delete the transfers that use this endpoint first.',
          })
        : new ForbiddenError(message, {
            ...details,
            advice:
              "Ask the operator of the server for a role that may do this, or use another user's credentials.",
          });
    case 404:
      return new NotFoundError(message, {
        ...details,
        advice:
          'Check the id, and that it belongs to the project of the credentials: other projects stay invisible.',
      });
    case 405:
    case 501:
      return new CapabilityError(message, {
        ...details,
        advice: 'This platform or server version does not support the operation.',
      });
    case 409:
      return new ConflictError(message, { ...details, advice: 'Look at the current state, then decide.' });
    case 503:
      return new CapabilityError(message, {
        ...details,
        advice:
          'No running worker offers this platform, feature or region: check the workers of the server and the regions mapped to the endpoint.',
      });
  }
  return status < 500
    ? new InvalidInputError(message, { ...details, advice: 'Correct the input.' })
    : serverError(message, asked, details, serverMessage);
}

type Details = ReturnType<typeof detailsOf> & { readonly serverMessage?: string };

/** A role that the default policies of these services ask for; Coriolis itself needs none of them. */
const ROLES: Readonly<Record<OtherService, string>> = {
  'coriolis-logger': 'Reading logs needs the role admin: use the credentials of an administrator.',
  'coriolis-licensing': 'Ask the operator of the licensing server for access.',
  'key-manager': 'Barbican needs the role creator (or admin) in the project: ask its operator for it.',
};

function forbiddenByService(message: string, service: OtherService, details: Details): CoriolisError {
  // The log service answers 403 where others answer 401 (recordings/logger).
  return /^Failed to authenticate/.test(details.serverMessage ?? '')
    ? new AuthenticationError(`The log service does not accept the token (${message})`, {
        ...details,
        advice: 'Log in again. If that does not help, check that it uses the same Keystone as the login.',
      })
    : new ForbiddenError(message, { ...details, advice: ROLES[service] });
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
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      advice: busy ? 'Ask less often, then try again.' : 'Check that the server is up, then try again.',
    },
  );
}

function badRequest(
  message: string,
  error: ErrorBody | undefined,
  asked: Asked,
  details: Details,
): CoriolisError {
  const words = error?.message ?? '';
  if (words === 'Malformed request url') {
    return new ProtocolError(`The project in the URL is not the one of the login (${message})`, {
      ...details,
      advice: 'Correct the endpoint URL: it must end in the id of the project, or leave it out.',
    });
  }
  // A PUT checks the id in its path while it checks the body, and so answers 400 instead of 404 (trap 18).
  const missing = /ID '([^']+)' not found/.exec(words)?.[1];
  if (missing !== undefined && asked.path.split('/').includes(encodeURIComponent(missing))) {
    return new NotFoundError(message, {
      ...details,
      advice: 'Check the id, and that it belongs to the project of the credentials.',
    });
  }
  return STATE.test(words)
    ? new ConflictError(message, {
        ...details,
        advice: 'Look at its current state; wait for what runs, or cancel it.',
      })
    : new InvalidInputError(message, { ...details, advice: 'Correct the value that the server names.' });
}

function serverError(
  message: string,
  asked: Asked,
  details: Details,
  serverMessage: string | undefined,
): CoriolisError {
  const generic = serverMessage === undefined || GENERIC.test(serverMessage);
  const changes = asked.method !== 'GET';
  if (changes && asked.elapsedMs >= RPC_TIMEOUT_MS) {
    return new ServerError(message, {
      ...details,
      advice: 'The server ran out of time, and it may have happened all the same: look before you repeat it.',
    });
  }
  if (generic && NEEDS_TRUST.test(`${asked.method} ${asked.path}`)) {
    return new ServerError(message, {
      ...details,
      advice:
        'Coriolis cannot start work with an application credential or with a revoked token: log in with a user name and password. Otherwise, the log of coriolis-conductor tells more. An execution that was refused this way stays UNEXECUTED and never runs.',
    });
  }
  return new ServerError(message, {
    ...details,
    advice: generic
      ? 'The log of the server tells more; search it for the request id.'
      : 'The server or the platform behind it failed; check what its message names, such as the connection details of the endpoint.',
  });
}
