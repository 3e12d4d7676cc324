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
  readonly messagePattern?: RegExp;
  /** Pattern of method and path, such as `PUT /transfers/{id}`; undefined for every request. */
  readonly requestPattern?: RegExp;
  readonly errorClass: new (message: string, details: ErrorDetails) => CoriolisError;
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
    messagePattern: /^Another tasks execution is in progress/,
    errorClass: ConflictError,
    advice:
      'A run of the transfer is active already: wait until it has ended, or cancel it, then repeat this.',
  },
  {
    status: 400,
    messagePattern: /is currently being (deployed|migrated)/,
    errorClass: ConflictError,
    advice:
      'A deployment of the transfer is active: wait until it has ended, or cancel it, then repeat this.',
  },
  {
    status: 400,
    messagePattern: /has no running execution to cancel|is not currently running/,
    errorClass: ConflictError,
    advice: 'The run has ended already, so there is nothing to cancel: look at its status.',
  },
  {
    status: 400,
    messagePattern: /is already being cancell?ed/,
    errorClass: ConflictError,
    advice: 'A cancel is in progress: wait for its end. Force the cancel only when it does not end.',
  },
  {
    status: 400,
    messagePattern: /number of tasks executions: 0/,
    errorClass: ConflictError,
    advice:
      'The deployment is still pending: cancel the execution that it waits for, or delete the deployment.',
  },
  {
    status: 400,
    messagePattern: /executed successfully|never been executed|(have|contain) volumes information/,
    errorClass: ConflictError,
    advice:
      'There are no copied disks: execute the transfer, wait until the execution has completed, then repeat this.',
  },
  {
    status: 400,
    messagePattern: /pool '[^']+' is an invalid state/i,
    errorClass: ConflictError,
    advice:
      'Only an allocated pool can be used: allocate it unless that is in progress already, wait until it is ALLOCATED, then repeat this.',
  },
  {
    status: 400,
    messagePattern: /lower maximum minion count/,
    errorClass: ConflictError,
    advice: 'The pool has too few machines for all instances: raise its maximum, or choose another pool.',
  },
  {
    status: 400,
    messagePattern:
      /minion pool .*(belongs to a different Coriolis endpoint|is configured as a|is of OS type)/,
    errorClass: InvalidInputError,
    advice: 'Choose a pool of this endpoint and side; pools for syncs have linux machines.',
  },
  {
    status: 400,
    messagePattern: /pool '[^']+' (cannot be|has one or more machines)/i,
    errorClass: ConflictError,
    advice:
      'Bring the minion pool into the state that the server names: wait when a change of the pool is in progress, else allocate or deallocate it, and wait.',
  },
  {
    status: 400,
    messagePattern: /currently in '[A-Z_]+' state/,
    errorClass: ConflictError,
    advice: 'The run is still active: wait until it has ended, or cancel it, then repeat this.',
  },
  // The request has a wrong value.
  {
    status: 400,
    messagePattern: /^Malformed request url/,
    errorClass: ProtocolError,
    advice:
      'The project in the URL is not the one of the login: correct the endpoint URL, which must end in the id of that project or leave it out.',
  },
  {
    status: 400,
    messagePattern: /ID '[^']+' not found/,
    errorClass: InvalidInputError,
    advice: 'There is no such object in the project of the credentials: list them and take an id from there.',
  },
  {
    status: 400,
    messagePattern: /^Invalid input received: Provider not found for/,
    errorClass: InvalidInputError,
    advice:
      'A platform cannot take this side of a transfer: check that origin and destination are not swapped, and what each can do with the list of providers.',
  },
  {
    status: 400,
    messagePattern: /environment: /,
    errorClass: InvalidInputError,
    advice:
      'Correct the environment as the schema of the platform says: the schema of the provider names each option.',
  },
  {
    status: 400,
    messagePattern: /Invalid (network_map|storage_mappings)/,
    errorClass: InvalidInputError,
    advice:
      'Correct the mapping: each source network to a network of the destination, and each backend or disk to a storage backend that the endpoint lists.',
  },
  {
    status: 400,
    messagePattern: /^Unknown task (execution )?status/,
    errorClass: InvalidInputError,
    advice: 'The server cannot filter by this status: leave it out and pick from the list.',
  },
  {
    status: 400,
    messagePattern: /sort (direction|key)/i,
    errorClass: InvalidInputError,
    advice: 'Give the order as key:asc or key:desc, with a column that the rows have.',
  },
  {
    status: 400,
    messagePattern: /expiration_date is in the past/,
    errorClass: InvalidInputError,
    advice: 'Give an expiration date in the future; the server reads it as UTC.',
  },
  {
    status: 400,
    messagePattern:
      /^Malformed request body|^The server could not comply|needs to be encased|^There is no such action|Incorrect padding|Expecting value|list indices|NoneType|not supported between instances/,
    errorClass: InvalidInputError,
    advice: MISUNDERSTOOD_ADVICE,
  },
  {
    status: 400,
    errorClass: InvalidInputError,
    advice: 'Correct the value that the server names, and repeat this.',
  },

  {
    status: 403,
    messagePattern: /would be orphaned!/,
    errorClass: ConflictError,
    advice: 'Delete the transfers that use this endpoint first, or keep the endpoint.',
  },
  {
    status: 403,
    errorClass: ForbiddenError,
    advice:
      "The policy of the server does not let this user do it: ask its operator for a role that may, or use another user's credentials.",
  },

  {
    status: 404,
    messagePattern: /^Provider not found for/,
    errorClass: NotFoundError,
    advice:
      'No worker offers this platform, or the platform has no schema of this kind: look at the list of providers and their types.',
  },
  {
    status: 404,
    messagePattern: /^Instance /,
    errorClass: NotFoundError,
    advice:
      'The platform of the endpoint has no such machine: list its instances and take the identifier from there; a machine that is new may need a refresh.',
  },
  {
    status: 404,
    messagePattern: /^No such schedule|entries were soft deleted/,
    errorClass: NotFoundError,
    advice: 'The object does not exist or was deleted: list the existing ones.',
  },
  {
    status: 404,
    errorClass: NotFoundError,
    advice:
      'Check the id, and that it belongs to the project of the credentials: other projects stay invisible.',
  },

  ...[405, 501].map((status) => ({
    status,
    errorClass: CapabilityError,
    advice: 'This platform or server version does not support the operation.',
  })),
  {
    status: 409,
    errorClass: ConflictError,
    advice: 'The object exists already or is in use: look at its current state, then decide.',
  },

  // A 500 with the generic message often hides another error; method and path show which one is likely.
  {
    status: 500,
    messagePattern: GENERIC_MESSAGE,
    requestPattern: NEEDS_TRUST,
    errorClass: ServerError,
    advice:
      'An application credential or a revoked token cannot start work on Coriolis. Log in with a user name and password; after a change of that password or of roles try again, which logs in anew. Otherwise, the log of coriolis-conductor tells more. An execution that was refused this way stays UNEXECUTED and never runs.',
  },
  {
    status: 500,
    messagePattern: GENERIC_MESSAGE,
    requestPattern: /^PUT .*\/schedules\/[^/]+$/,
    errorClass: ServerError,
    advice:
      'The server answers like this when there is no such schedule: list the schedules of the transfer.',
  },
  {
    status: 500,
    messagePattern: GENERIC_MESSAGE,
    requestPattern: /^POST \/endpoints\/[^/]+\/actions$|^GET \/endpoints\/[^/]+\/./,
    errorClass: ServerError,
    advice:
      'The platform did not answer within a minute, or the connection details could not be read: if they are a Barbican secret, check that it exists, that this project may read it and that it holds JSON. Else check that the worker reaches the platform; its log tells more.',
  },
  {
    status: 500,
    messagePattern: GENERIC_MESSAGE,
    requestPattern: /^(POST|PUT) \/(endpoints|regions|services|transfers|replicas)(\/[^/]+)?$/,
    errorClass: ServerError,
    advice:
      'The server answers like this to names of more than 255 characters, to emoji, and to values of a wrong type: correct them. Otherwise its log tells more; search it for the request id.',
  },
  {
    status: 500,
    messagePattern: GENERIC_MESSAGE,
    requestPattern: /^GET \/[^/]+$|^GET \/(transfers|replicas)\/[^/]+\/[^/]+$/,
    errorClass: ServerError,
    advice:
      'The server answers like this to an order by a column that it does not have: order by created_at, updated_at or id, or leave the order out. Otherwise its log tells more; search it for the request id.',
  },
  {
    status: 500,
    messagePattern: GENERIC_MESSAGE,
    errorClass: ServerError,
    advice: 'The log of the server tells more; search it for the request id.',
  },
  {
    status: 500,
    messagePattern: /ConnectionValidation|credentials|authentication failed/i,
    errorClass: ServerError,
    advice:
      'The platform refused the connection details of the endpoint: correct them (user, password, host), validate the endpoint, then repeat this.',
  },
  {
    status: 500,
    errorClass: ServerError,
    advice:
      'The server or the platform behind it failed; check what its message names, such as the connection details of the endpoint.',
  },

  {
    status: 503,
    messagePattern: /Regions? .* enabled or otherwise usable/,
    errorClass: CapabilityError,
    advice: 'All regions of the endpoint are disabled: enable one, or take the endpoint out of them.',
  },
  {
    status: 503,
    errorClass: CapabilityError,
    advice:
      'No running worker offers this platform, feature or region. Waiting does not help: check the workers (services), the regions mapped to the endpoint, and with the list of providers that the platform can do it.',
  },
];
