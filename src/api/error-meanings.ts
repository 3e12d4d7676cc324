import {
  CapabilityError,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  ProtocolError,
  ServerError,
  type CoriolisError,
  type ErrorDetails,
} from './errors';

/** Meaning of an unsuccessful answer of Coriolis: error class and advice. */
export interface ErrorMeaning {
  readonly status: number;
  /** Pattern of the server's message, from which Python class names were removed; undefined for every message. */
  readonly words?: RegExp;
  /** Pattern of method and path, such as `PUT /transfers/{id}`; undefined for every request. */
  readonly asked?: RegExp;
  readonly kind: new (message: string, details: ErrorDetails) => CoriolisError;
  /** Advice on what to do next, in full sentences. */
  readonly advice: string;
}

/** The server's generic message, which explains nothing. */
const GENERIC_MESSAGE = /^The server has either erred|^$/;

/**
 * Calls for which the server creates a Keystone trust on the caller's behalf (docs/reference/coriolis-api.md §17, trap
 * 31).
 */
const NEEDS_TRUST =
  /^POST .*\/(executions|schedules)$|^POST \/(deployments|minion_pools|migrations)$|^PUT \/(transfers|replicas)\/[^/]+$|^POST \/(transfers|replicas)\/[^/]+\/actions$/;

/**
 * Advice when the server cannot parse a request. n8n, MCP and the library make no such requests, so the releases of
 * client and server do not fit together.
 */
const MISUNDERSTOOD_ADVICE =
  'The server and this client do not understand each other: report it with the request id and the release of the server.';

/**
 * Meanings of unsuccessful answers. The first matching row applies; the last row of each status matches every answer
 * with it. Sources: docs/reference/coriolis-api.md §2 and §17, docs/reference/coriolis-domain.md §8, and recordings:
 * test/unit/errors/people-meet.test.ts checks every recorded error against this table.
 */
export const ERROR_MEANINGS: readonly ErrorMeaning[] = [
  // The state of an object forbids the call. The server answers 400, as for a wrong value
  // (docs/reference/coriolis-domain.md §8).
  {
    status: 400,
    words: /^Another tasks execution is in progress/,
    kind: ConflictError,
    advice:
      'A run of the transfer is active already: wait until it has ended, or cancel it, then repeat this.',
  },
  {
    status: 400,
    words: /is currently being (deployed|migrated)/,
    kind: ConflictError,
    advice:
      'A deployment of the transfer is active: wait until it has ended, or cancel it, then repeat this.',
  },
  {
    status: 400,
    words: /has no running execution to cancel|is not currently running/,
    kind: ConflictError,
    advice: 'The run has ended already, so there is nothing to cancel: look at its status.',
  },
  {
    status: 400,
    words: /is already being cancell?ed/,
    kind: ConflictError,
    advice: 'A cancel is in progress: wait for its end. Force the cancel only when it does not end.',
  },
  {
    status: 400,
    words: /number of tasks executions: 0/,
    kind: ConflictError,
    advice:
      'The deployment is still pending: cancel the execution that it waits for, or delete the deployment.',
  },
  {
    status: 400,
    words: /executed successfully|never been executed|(have|contain) volumes information/,
    kind: ConflictError,
    advice:
      'There are no copied disks: execute the transfer, wait until the execution has completed, then repeat this.',
  },
  {
    status: 400,
    words: /pool '[^']+' is an invalid state/i,
    kind: ConflictError,
    advice:
      'Only an allocated pool can be used: allocate it unless that is in progress already, wait until it is ALLOCATED, then repeat this.',
  },
  {
    status: 400,
    words: /lower maximum minion count/,
    kind: ConflictError,
    advice: 'The pool has too few machines for all instances: raise its maximum, or choose another pool.',
  },
  {
    status: 400,
    words: /minion pool .*(belongs to a different Coriolis endpoint|is configured as a|is of OS type)/,
    kind: InvalidInputError,
    advice: 'Choose a pool of this endpoint and side; pools for syncs have linux machines.',
  },
  {
    status: 400,
    words: /pool '[^']+' (cannot be|has one or more machines)/i,
    kind: ConflictError,
    advice:
      'Bring the minion pool into the state that the server names: wait when a change of the pool is in progress, else allocate or deallocate it, and wait.',
  },
  {
    status: 400,
    words: /currently in '[A-Z_]+' state/,
    kind: ConflictError,
    advice: 'The run is still active: wait until it has ended, or cancel it, then repeat this.',
  },
  // The request has a wrong value.
  {
    status: 400,
    words: /^Malformed request url/,
    kind: ProtocolError,
    advice:
      'The project in the URL is not the one of the login: correct the endpoint URL, which must end in the id of that project or leave it out.',
  },
  {
    status: 400,
    words: /ID '[^']+' not found/,
    kind: InvalidInputError,
    advice: 'There is no such object in the project of the credentials: list them and take an id from there.',
  },
  {
    status: 400,
    words: /^Invalid input received: Provider not found for/,
    kind: InvalidInputError,
    advice:
      'A platform cannot take this side of a transfer: check that origin and destination are not swapped, and what each can do with the list of providers.',
  },
  {
    status: 400,
    words: /environment: /,
    kind: InvalidInputError,
    advice:
      'Correct the environment as the schema of the platform says: the schema of the provider names each option.',
  },
  {
    status: 400,
    words: /Invalid (network_map|storage_mappings)/,
    kind: InvalidInputError,
    advice:
      'Correct the mapping: each source network to a network of the destination, and each backend or disk to a storage backend that the endpoint lists.',
  },
  {
    status: 400,
    words: /^Unknown task (execution )?status/,
    kind: InvalidInputError,
    advice: 'The server cannot filter by this status: leave it out and pick from the list.',
  },
  {
    status: 400,
    words: /sort (direction|key)/i,
    kind: InvalidInputError,
    advice: 'Give the order as key:asc or key:desc, with a column that the rows have.',
  },
  {
    status: 400,
    words: /expiration_date is in the past/,
    kind: InvalidInputError,
    advice: 'Give an expiration date in the future; the server reads it as UTC.',
  },
  {
    status: 400,
    words:
      /^Malformed request body|^The server could not comply|needs to be encased|^There is no such action|Incorrect padding|Expecting value|list indices|NoneType|not supported between instances/,
    kind: InvalidInputError,
    advice: MISUNDERSTOOD_ADVICE,
  },
  {
    status: 400,
    kind: InvalidInputError,
    advice: 'Correct the value that the server names, and repeat this.',
  },

  {
    status: 403,
    words: /would be orphaned!/,
    kind: ConflictError,
    advice: 'Delete the transfers that use this endpoint first, or keep the endpoint.',
  },
  {
    status: 403,
    kind: ForbiddenError,
    advice:
      "The policy of the server does not let this user do it: ask its operator for a role that may, or use another user's credentials.",
  },

  {
    status: 404,
    words: /^Provider not found for/,
    kind: NotFoundError,
    advice:
      'No worker offers this platform, or the platform has no schema of this kind: look at the list of providers and their types.',
  },
  {
    status: 404,
    words: /^Instance /,
    kind: NotFoundError,
    advice:
      'The platform of the endpoint has no such machine: list its instances and take the identifier from there; a machine that is new may need a refresh.',
  },
  {
    status: 404,
    words: /^No such schedule|entries were soft deleted/,
    kind: NotFoundError,
    advice: 'The object does not exist or was deleted: list the existing ones.',
  },
  {
    status: 404,
    kind: NotFoundError,
    advice:
      'Check the id, and that it belongs to the project of the credentials: other projects stay invisible.',
  },

  ...[405, 501].map((status) => ({
    status,
    kind: CapabilityError,
    advice: 'This platform or server version does not support the operation.',
  })),
  {
    status: 409,
    kind: ConflictError,
    advice: 'The object exists already or is in use: look at its current state, then decide.',
  },

  // A 500 with the generic message often hides another error; method and path show which one is likely.
  {
    status: 500,
    words: GENERIC_MESSAGE,
    asked: NEEDS_TRUST,
    kind: ServerError,
    advice:
      'An application credential or a revoked token cannot start work on Coriolis. Log in with a user name and password; after a change of that password or of roles try again, which logs in anew. Otherwise, the log of coriolis-conductor tells more. An execution that was refused this way stays UNEXECUTED and never runs.',
  },
  {
    status: 500,
    words: GENERIC_MESSAGE,
    asked: /^PUT .*\/schedules\/[^/]+$/,
    kind: ServerError,
    advice:
      'The server answers like this when there is no such schedule: list the schedules of the transfer.',
  },
  {
    status: 500,
    words: GENERIC_MESSAGE,
    asked: /^POST \/endpoints\/[^/]+\/actions$|^GET \/endpoints\/[^/]+\/./,
    kind: ServerError,
    advice:
      'The platform did not answer within a minute, or the connection details could not be read: if they are a Barbican secret, check that it exists, that this project may read it and that it holds JSON. Else check that the worker reaches the platform; its log tells more.',
  },
  {
    status: 500,
    words: GENERIC_MESSAGE,
    asked: /^(POST|PUT) \/(endpoints|regions|services|transfers|replicas)(\/[^/]+)?$/,
    kind: ServerError,
    advice:
      'The server answers like this to names of more than 255 characters, to emoji, and to values of a wrong type: correct them. Otherwise its log tells more; search it for the request id.',
  },
  {
    status: 500,
    words: GENERIC_MESSAGE,
    asked: /^GET \/[^/]+$|^GET \/(transfers|replicas)\/[^/]+\/[^/]+$/,
    kind: ServerError,
    advice:
      'The server answers like this to an order by a column that it does not have: order by created_at, updated_at or id, or leave the order out. Otherwise its log tells more; search it for the request id.',
  },
  {
    status: 500,
    words: GENERIC_MESSAGE,
    kind: ServerError,
    advice: 'The log of the server tells more; search it for the request id.',
  },
  {
    status: 500,
    words: /ConnectionValidation|credentials|authentication failed/i,
    kind: ServerError,
    advice:
      'The platform refused the connection details of the endpoint: correct them (user, password, host), validate the endpoint, then repeat this.',
  },
  {
    status: 500,
    kind: ServerError,
    advice:
      'The server or the platform behind it failed; check what its message names, such as the connection details of the endpoint.',
  },

  {
    status: 503,
    words: /Regions? .* enabled or otherwise usable/,
    kind: CapabilityError,
    advice: 'All regions of the endpoint are disabled: enable one, or take the endpoint out of them.',
  },
  {
    status: 503,
    kind: CapabilityError,
    advice:
      'No running worker offers this platform, feature or region. Waiting does not help: check the workers (services), the regions mapped to the endpoint, and with the list of providers that the platform can do it.',
  },
];
