import type { CoriolisError } from '../../../src/api/errors';
import type { CompanionService } from '../../../src/api/transport';

/** Who answered. */
export type Server = 'keystone' | 'coriolis' | Extract<CompanionService, 'key-manager' | 'coriolis-logger'>;

/** What an error must be, and what its advice must say, for people to know how to go on. */
export interface Row {
  readonly what: string;
  readonly server?: Server;
  readonly status: number;
  readonly words?: RegExp;
  readonly asked?: RegExp;
  readonly kind: CoriolisError['kind'];
  readonly says: RegExp;
}

const GENERIC = /has either erred or is incapable/;
const MISUNDERSTOOD = /do not understand each other: report it with the request id/;

/** The first row that fits an error counts. */
export const TABLE: readonly Row[] = [
  // Keystone
  {
    what: 'a wrong login',
    server: 'keystone',
    status: 401,
    kind: 'authentication',
    says: /^Check the (password|id)|token is wrong/,
  },
  {
    what: 'a login that does not exist',
    server: 'keystone',
    status: 404,
    kind: 'authentication',
    says: /expired|log in for a new one/,
  },
  {
    what: 'an incomplete login',
    server: 'keystone',
    status: 400,
    kind: 'invalid_input',
    says: /needs its domain/,
  },

  // Coriolis: tokens and addresses
  {
    what: 'a token that is not accepted',
    status: 401,
    kind: 'authentication',
    says: /^Log in again.*same Keystone/,
  },
  {
    what: 'another project in the URL',
    status: 400,
    words: /^Malformed request url/,
    kind: 'protocol',
    says: /correct the endpoint URL/,
  },
  {
    what: 'no such route',
    server: 'coriolis',
    status: 404,
    words: /^(404 Not Found|Not Found)/,
    kind: 'capability',
    says: /upgrade it|List the instances/,
  },
  {
    what: 'no such sub-route',
    status: 404,
    words: /^The resource could not be found\.$/,
    kind: 'not_found',
    says: /^Check the id/,
  },

  // Coriolis: the state forbids it
  {
    what: 'a run at work',
    status: 400,
    words: /^Another tasks execution is in progress/,
    kind: 'conflict',
    says: /run of the transfer is active.*wait until it has ended, or cancel it/,
  },
  {
    what: 'a deployment at work',
    status: 400,
    words: /currently being deployed/,
    kind: 'conflict',
    says: /deployment of the transfer is active.*cancel it/,
  },
  {
    what: 'nothing to cancel',
    status: 400,
    words: /no running execution to cancel|not currently running/,
    kind: 'conflict',
    says: /ended already.*look at its status/,
  },
  {
    what: 'a second cancel',
    status: 400,
    words: /already being cancelled/,
    kind: 'conflict',
    says: /Force the cancel only/,
  },
  {
    what: 'a cancel of what is pending',
    status: 400,
    words: /number of tasks executions/,
    kind: 'conflict',
    says: /cancel the execution that it waits for/,
  },
  {
    what: 'nothing synced',
    status: 400,
    words: /executed successfully|never been executed|contain volumes/,
    kind: 'conflict',
    says: /execute the transfer, wait/,
  },
  {
    what: 'a pool in another state',
    status: 400,
    words: /pool '[^']+' cannot be/i,
    kind: 'conflict',
    says: /allocate or deallocate it/,
  },
  {
    what: 'a record of a run at work',
    status: 400,
    words: /currently in 'RUNNING' state/,
    kind: 'conflict',
    says: /wait until it has ended, or cancel it/,
  },
  {
    what: 'an endpoint in use',
    status: 403,
    words: /would be orphaned/,
    kind: 'conflict',
    says: /Delete the transfers that use this endpoint/,
  },

  // Coriolis: the user may not
  { what: 'policy', server: 'coriolis', status: 403, kind: 'forbidden', says: /ask its operator for a role/ },

  // Coriolis: wrong values
  {
    what: 'an id in the path of an update',
    status: 400,
    asked: /^PUT/,
    words: /ID '00000000[^']*' not found/,
    kind: 'not_found',
    says: /^Check the id/,
  },
  {
    what: 'an unknown id in a body',
    status: 400,
    words: /ID '[^']+' not found/,
    kind: 'invalid_input',
    says: /list them and take an id/,
  },
  {
    what: 'swapped endpoints',
    status: 400,
    words: /Provider not found for/,
    kind: 'invalid_input',
    says: /not swapped/,
  },
  {
    what: 'a wrong environment',
    status: 400,
    words: /environment: /,
    kind: 'invalid_input',
    says: /schema of the provider names each option/,
  },
  {
    what: 'a wrong mapping',
    status: 400,
    words: /network_map|storage_mappings/,
    kind: 'invalid_input',
    says: /Correct the mapping/,
  },
  {
    what: 'a filter the server lacks',
    status: 400,
    words: /^Unknown task/,
    kind: 'invalid_input',
    says: /leave it out/,
  },
  {
    what: 'a wrong order',
    status: 400,
    words: /sort direction/i,
    kind: 'invalid_input',
    says: /key:asc or key:desc/,
  },
  {
    what: 'a time in the past',
    status: 400,
    words: /in the past/,
    kind: 'invalid_input',
    says: /in the future.*UTC/,
  },
  {
    what: 'a request that no face makes',
    server: 'coriolis',
    status: 400,
    words:
      /^Malformed request body|could not comply|needs to be encased|no such action|Incorrect padding|Expecting value|list indices|NoneType|not supported between/i,
    kind: 'invalid_input',
    says: MISUNDERSTOOD,
  },
  {
    what: 'any other wrong value',
    server: 'coriolis',
    status: 400,
    kind: 'invalid_input',
    says: /^Correct the value that the server names/,
  },

  // Coriolis: not there
  {
    what: 'a platform or schema that is not there',
    status: 404,
    words: /Provider not found for/,
    kind: 'not_found',
    says: /list of providers/,
  },
  {
    what: 'a machine that is not there',
    status: 404,
    words: /Instance "/,
    kind: 'not_found',
    says: /list its instances/,
  },
  {
    what: 'something deleted before',
    status: 404,
    words: /No such schedule|soft deleted/,
    kind: 'not_found',
    says: /does not exist or was deleted/,
  },
  {
    what: 'an id that is not there',
    server: 'coriolis',
    status: 404,
    kind: 'not_found',
    says: /belongs to the project of the credentials/,
  },

  // Coriolis: a 500 that is something else
  {
    what: 'work that needs a trust',
    status: 500,
    words: GENERIC,
    asked: /^POST .*(executions|schedules|minion_pools|migrations)$|^PUT \/transfers\/[^/]+$/,
    kind: 'server',
    says: /application credential.*user name and password/,
  },
  {
    what: 'an update of an unknown schedule',
    status: 500,
    words: GENERIC,
    asked: /^PUT .*schedules/,
    kind: 'server',
    says: /list the schedules/,
  },
  {
    what: 'a platform that is slow, or an unreadable secret',
    status: 500,
    words: GENERIC,
    asked: /^(GET|POST) \/endpoints\/./,
    kind: 'server',
    says: /within a minute.*Barbican secret.*holds JSON/,
  },
  {
    what: 'a value of a wrong type',
    status: 500,
    words: GENERIC,
    asked: /^POST \/(endpoints|regions|transfers)$/,
    kind: 'server',
    says: /255 characters.*emoji.*wrong type/,
  },
  {
    what: 'an unusable list',
    status: 500,
    words: GENERIC,
    asked: /^GET \/transfers(\/[^/]+\/schedules)?$/,
    kind: 'server',
    says: /leave the order out/,
  },
  {
    what: 'an unusable request for a schema',
    status: 500,
    words: GENERIC,
    asked: /^GET \/providers/,
    kind: 'server',
    says: /log of the server/,
  },
  {
    what: 'wrong connection details',
    status: 500,
    words: /Invalid credentials/,
    kind: 'server',
    says: /refused the connection details.*validate the endpoint/,
  },

  // Coriolis: no worker
  {
    what: 'regions that are disabled',
    status: 503,
    words: /^None of the selected Regions/,
    kind: 'capability',
    says: /enable one/,
  },
  { what: 'no worker', status: 503, kind: 'capability', says: /Waiting does not help: check the workers/ },

  // Barbican
  {
    what: 'a missing role for secrets',
    server: 'key-manager',
    status: 403,
    kind: 'forbidden',
    says: /role creator/,
  },
  {
    what: 'a secret that is not there',
    server: 'key-manager',
    status: 404,
    kind: 'not_found',
    says: /store the secret again/,
  },
  {
    what: 'a secret that exists',
    server: 'key-manager',
    status: 409,
    kind: 'conflict',
    says: /current state/,
  },
  ...[400, 406, 413, 415].map((status): Row => ({
    what: 'a secret that Barbican refuses',
    server: 'key-manager',
    status,
    kind: 'invalid_input',
    says: /^Correct the value/,
  })),
  {
    what: 'trouble of Barbican',
    server: 'key-manager',
    status: 500,
    kind: 'server',
    says: /log of that service/,
  },

  // The log service
  {
    what: 'a token that the log service refuses',
    server: 'coriolis-logger',
    status: 403,
    words: /^Failed to authenticate/,
    kind: 'authentication',
    says: /^Log in again/,
  },
  {
    what: 'logs that are for administrators',
    server: 'coriolis-logger',
    status: 403,
    kind: 'forbidden',
    says: /role admin/,
  },
  {
    what: 'a wrong date for logs',
    server: 'coriolis-logger',
    status: 400,
    kind: 'invalid_input',
    says: /^Correct the value/,
  },
  {
    what: 'a wrong address of the log service',
    server: 'coriolis-logger',
    status: 404,
    kind: 'not_found',
    says: /ends in \/api\/v1/,
  },
  {
    what: 'a method that the log service lacks',
    server: 'coriolis-logger',
    status: 405,
    kind: 'capability',
    says: /does not support that/,
  },
];
