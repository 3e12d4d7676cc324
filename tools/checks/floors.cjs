'use strict';

// The floors of the source folders, which docs/architecture.md describes and .dependency-cruiser.cjs turns into rules.

/**
 * Floors of each folder, lowest first. Each entry names folders, and files without their ending. An import leads to a
 * lower floor or stays inside its own folder: never up, and never to a neighbour on the same floor.
 * @type {Readonly<Record<string, readonly (readonly string[])[]>>}
 */
const floors = {
  src: [
    ['model'],
    ['pictures'],
    ['api'],
    ['vocabulary'],
    ['fields'],
    ['requests'],
    ['resources'],
    ['facts'],
    ['waiting'],
    ['playbooks'],
    ['lookup'],
    ['operation'],
    ['run-once'],
    ['prepared-call'],
    ['bulk-call'],
    ['readable-results'],
    ['operations'],
    ['form'],
    ['watch'],
    ['guide'],
    ['catalogue'],
  ],
  mcp: [
    ['lazy', 'invalid-params', 'sdk', 'snake-case'],
    ['wire', 'caller'],
    ['observability'],
    ['configuration'],
    ['connection'],
    ['tools'],
    ['results'],
    ['confirmation'],
    ['calls'],
    ['apps'],
    ['context'],
    ['tasks'],
    ['server'],
    ['service'],
    ['http'],
    ['check'],
    ['main'],
  ],
  nodes: [['login'], ['render'], ['read'], ['lists'], ['execute'], ['Coriolis', 'CoriolisTrigger']],
  sandbox: [
    ['json'],
    ['python'],
    ['platforms'],
    ['faults'],
    ['world/clock', 'world/generation', 'world/random', 'world/refusal', 'world/time'],
    ['world/body-check', 'world/database'],
    ['world/model'],
    ['world/pool-model'],
    ['world/collection', 'world/stores'],
    ['world/runs'],
    ['world/world'],
    ['world/installation'],
    ['world/endpoints'],
    ['world/minions'],
    ['world/transfers'],
    ['world/deployments'],
    ['world/schedules'],
    ['world/initial-data'],
    ['keystone'],
    ['dialects'],
    ['http'],
    ['barbican', 'licensing', 'logger', 'metal-hub'],
    ['appliance'],
    ['routes'],
    ['app'],
    ['options'],
    ['sandbox'],
    ['login'],
    ['flags'],
    ['command-line'],
    ['main'],
  ],
};

/** Modules of the MCP server that only calls need. They are read by `import()`, so that its start does not wait for them. */
const deferred = '^mcp/call-chunk[.]ts$';

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

module.exports = { floors, deferred, folders, exceptions, pathOf };
