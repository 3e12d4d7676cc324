'use strict';

// The floors of the source folders, which docs/architecture.md describes and .dependency-cruiser.cjs turns into rules.

/**
 * One floor: folders, and files without their ending, and their subject for docs/architecture.md.
 * @typedef {{ readonly names: readonly string[], readonly subject: string }} Floor
 */

/**
 * @param {string} names separated by blanks
 * @param {string} subject
 * @returns {Floor}
 */
const floor = (names, subject) => ({ names: names.split(' '), subject });

/**
 * Floors of each folder, lowest first. An import leads to a lower floor or stays inside its own folder: never up, and never
 * to a neighbour on the same floor.
 * @type {Readonly<Record<string, readonly Floor[]>>}
 */
const floors = {
  src: [
    floor(
      'model',
      'meaning of what Coriolis sends: status, progress, times, schedules, known errors, redaction. Pure',
    ),
    floor('pictures', 'data to SVG pictures and self-contained HTML pages. Pure: they import only the model'),
    floor(
      'api',
      'HTTP: transport, Keystone, session, client, retries, lost answers, paging, generations, errors',
    ),
    floor(
      'vocabulary',
      'inputs and outputs of operations as typed data, which forms and schemas are made from',
    ),
    floor('fields', 'input fields that operations have in common, and the bodies and filters made of them'),
    floor('requests', 'paths of the objects, and the reads and changes that all kinds have in common; lists'),
    floor('resources', 'each resource: rows, paths, reads, creates and changes, bodies'),
    floor(
      'facts',
      'facts derived from several reads: last usable copies, progress, stall, usual durations, figures',
    ),
    floor('waiting', 'bounded waits: the polling loop and its targets'),
    floor(
      'playbooks',
      'compositions of resources and waits: diagnosis, preflight, estate, migrations, waves, drills, reports',
    ),
    floor('lookup', 'names to ids; choices of drop-downs'),
    floor('operation', 'how an operation is declared'),
    floor('run-once', 'equal calls create one object, in one process and between processes'),
    floor('prepared-call', 'an operation with checked input and resolved names, ready to run'),
    floor('bulk-call', 'one call for several transfers, made of prepared calls'),
    floor(
      'readable-results',
      'results for people: names beside ids, a sentence, a link, the most important keys first',
    ),
    floor('operations', 'the operations themselves, one file for each resource'),
    floor('form', "forms made from a platform's schema, rows of maps"),
    floor('watch', 'the trigger: cursor and lists in, events and next cursor out'),
    floor('guide', 'runbook, prompts and introduction for people and models; they name operations'),
    floor('catalogue', 'the list of all operations, which n8n, MCP and the library render'),
  ],
  mcp: [
    floor('make-lazy invalid-params-error sdk snake-case', 'small modules that everything may use'),
    floor(
      'wire caller',
      'JSON-RPC messages and standard input; who calls, with what client, and what they may do',
    ),
    floor('observability', 'log, telemetry, traces'),
    floor('configuration', 'flags, help, toolsets, allow-lists'),
    floor('connection', 'how this process reaches Coriolis: settings, `clouds.yaml`, transport, session'),
    floor('tools', 'an operation as a tool: names, schemas, annotations'),
    floor('results', 'results within their token budgets, pages, next steps, error messages'),
    floor('confirmation', 'previews, confirmation tokens, questions to people, the audit log'),
    floor('calls', 'one call of a tool, from its arguments to its result; heartbeats'),
    floor('apps', 'views for hosts (MCP Apps): the board, a page with its own script'),
    floor('context', "resources, prompts, completions, the server's instructions"),
    floor('tasks', 'long work as tasks of the protocol, their ids sealed'),
    floor('mcp-server-factory', 'makes an MCP server for each connection (stdio) or request (HTTP)'),
    floor('shared-dependencies', 'what all servers of a process share'),
    floor('http', 'serving over HTTP: tokens and OAuth, origins, rates, metrics'),
    floor('check-configuration', '`--check`'),
    floor('main', 'reads the command line and serves'),
  ],
  nodes: [
    floor('node-runtime', 'clock, sleep and random numbers of the nodes'),
    floor('login', 'credential to connection'),
    floor('render', 'fields to node properties; errors in n8n'),
    floor('read', 'parameters to input'),
    floor('lists', 'drop-downs and mappers'),
    floor('execute', 'items in, items out'),
    floor('Coriolis CoriolisTrigger', 'the two nodes; n8n wants a class in a file of its own'),
  ],
  sandbox: [
    floor('json-object', 'objects of JSON'),
    floor('python', 'values, texts, exceptions, JSON, base64 and JSON schema messages as Python has them'),
    floor('platforms', 'the platforms as data: machines, networks, schemas'),
    floor('faults', 'faults on purpose: rules, conditions, their syntax, registry, application and routes'),
    floor(
      'world/clock world/releases world/random world/api-error world/time',
      'time, releases, random numbers, error answers',
    ),
    floor('world/request-body-check world/database-values', 'checks of bodies; columns of the database'),
    floor('world/model', 'the objects of Coriolis'),
    floor('world/pool-model', 'the objects of minion pools'),
    floor(
      'world/object-collection world/stores',
      'lists of objects; the data of the services beside Coriolis',
    ),
    floor('world/runs', 'executions: plans, tasks, the engine'),
    floor('world/world', 'the world itself'),
    floor('world/installation', 'workers and regions'),
    floor('world/endpoints', 'endpoints and their platforms'),
    floor('world/minions', 'minion pools'),
    floor('world/transfers', 'transfers and their executions'),
    floor('world/deployments', 'deployments, and migrations of the legacy generation'),
    floor('world/schedules', 'schedules'),
    floor('world/initial-data', 'the objects at the start'),
    floor('keystone', 'logins'),
    floor('dialects', 'the legacy generation and older releases'),
    floor('http', 'bodies, queries, paging, policy, errors'),
    floor('barbican licensing logger metal-hub', 'the services beside Coriolis'),
    floor('appliance', 'the paths of an appliance'),
    floor('routes', 'the routes of Coriolis'),
    floor('http-app', 'the HTTP application: all routes of a sandbox'),
    floor('sandbox-options', 'options of a sandbox'),
    floor('sandbox', 'starts and stops a sandbox in this process'),
    floor('login-variables', 'the login to a sandbox, as environment variables'),
    floor('flags', 'flags of the command'),
    floor('read-command', 'reads the command line of the sandbox'),
    floor('main', 'starts the command'),
  ],
};

/**
 * Names of all folders and files of `folder` that are on a floor.
 * @param {string} folder
 */
const namesOn = (folder) => (floors[folder] ?? []).flatMap(({ names }) => names);

/** Modules of the MCP server that only calls need. They are read by `import()`, so that its start does not wait for them. */
const deferred = '^mcp/first-call-modules[.]ts$';

/**
 * Folders of this repository that each folder may import.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const folders = {
  src: [],
  'command-line': [],
  library: ['src'],
  credentials: ['src', 'nodes'],
  nodes: ['src', 'credentials'],
  sandbox: ['command-line'],
  mcp: ['src', 'command-line'],
};

/** Imports of another folder that one file has, as regular expressions. */
const exceptions = [{ from: '^mcp/connection/embedded-sandbox[.]ts$', to: '^sandbox/' }];

/**
 * A regular expression for folders and files below `folder`.
 * @param {string} folder
 * @param {readonly string[]} names
 */
const pathOf = (folder, names) => `^${folder}/(${names.join('|')})([./]|$)`;

module.exports = { floors, namesOn, deferred, folders, exceptions, pathOf };
