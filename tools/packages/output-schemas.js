'use strict';

const { mkdirSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

/**
 * Writes the output schemas of the built nodes where n8n looks for them: `__schema__/v<version>/<resource>/<operation>.json` beside
 * the node, and `__schema__/v<version>.json` for a node without operations. The editor offers their keys in expressions
 * before the node has run.
 * @param {string} dist folder of the built package
 */
exports.writeOutputSchemas = (dist) => {
  const { catalogue } = require(join(dist, 'src', 'catalogue.js'));
  const { findWebPage } = require(join(dist, 'nodes', 'execute', 'web-link.js'));
  const { readableShapeOf } = require(join(dist, 'src', 'readable-results.js'));
  const { eventView } = require(join(dist, 'src', 'watch', 'event-view.js'));
  for (const operation of catalogue) {
    const { resource, name, form } = operation;
    const path = join(dist, 'nodes', 'Coriolis', '__schema__', 'v1.0.0', resource, `${name}.json`);
    // Rows of a table are items of their own, and pages are files.
    const schema = objectSchema(
      readableShapeOf(operation),
      (key, { rendered }) => key !== form?.table?.output && rendered !== 'text/html',
    );
    if (findWebPage(operation) !== undefined) schema.properties['link'] = { type: 'string' };
    write(path, schema);
  }
  write(join(dist, 'nodes', 'CoriolisTrigger', '__schema__', 'v1.0.0.json'), objectSchema(eventView.shape));
};

/** @param {string} path @param {object} schema */
function write(path, schema) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
}

/** @param {Readonly<Record<string, any>>} shape */
const objectSchema = (shape, isShown = (/** @type {string} */ _key, /** @type {any} */ _field) => true) => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(shape)
      .filter(([key, field]) => isShown(key, field))
      .map(([key, field]) => [key, keySchema(field)]),
  ),
});

// Without null among the types: n8n's editor shows one type for each key.
/** @param {{ type: string, keys?: any }} key @returns {object} */
function keySchema({ type, keys }) {
  if (keys === undefined) return type === 'array' ? { type, items: { type: 'string' } } : { type };
  return type === 'array' ? { type, items: objectSchema(keys) } : objectSchema(keys);
}
