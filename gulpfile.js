'use strict';

const { execFileSync } = require('node:child_process');
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { basename, dirname, join, relative } = require('node:path');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const { describeTypes } = require('./tools/docs/describe-types');
const { writeBillOfMaterials } = require('./tools/packages/bill-of-materials');
const { writeOutputSchemas } = require('./tools/packages/output-schemas');

const bin = (name) => join(__dirname, 'node_modules', '.bin', name);

/** Removes what an earlier build left, so that nothing deleted from the source is published. */
function clean(done) {
  for (const folder of ['dist', 'mcp/dist', 'sandbox/dist']) {
    rmSync(join(__dirname, folder), { recursive: true, force: true });
  }
  done();
}

/** Compiles what the n8n package publishes. */
function compile(done) {
  execFileSync(bin('tsc'), ['-p', 'tsconfig.json'], { cwd: __dirname, stdio: 'inherit' });
  done();
}

/** What the catalogue says of inputs and results, in the declarations too. */
function describe(done) {
  describeTypes(join(__dirname, 'dist'));
  done();
}

/** Output schemas of the nodes, made from the keys that the catalogue describes. */
function schemas(done) {
  writeOutputSchemas(join(__dirname, 'dist'));
  done();
}

/** Icons and codex files stand beside the compiled nodes and credentials. */
const assets = () =>
  src(['nodes/**/*.{svg,png}', 'nodes/**/*.node.json', 'credentials/**/*.{svg,png}'], {
    base: '.',
    encoding: false,
  }).pipe(dest('dist'));

const target = { platform: 'node', target: 'node20', minify: true, logLevel: 'warning' };

/** Writes the bill of materials of the n8n package, which contains no software of others. */
function materials(done) {
  writeBillOfMaterials({ root: __dirname, folder: __dirname, into: join(__dirname, 'dist') });
  done();
}

/** One self-contained CommonJS file: `npx` starts in a second, with nothing to resolve. */
async function sandbox() {
  const folder = join(__dirname, 'sandbox');
  const { metafile } = await esbuild.build({
    ...target,
    entryPoints: [join(folder, 'main.ts')],
    outfile: join(folder, 'dist/coriolis-sandbox.cjs'),
    bundle: true,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    metafile: true,
  });
  writeBillOfMaterials({ root: __dirname, folder, into: join(folder, 'dist'), metafile });
}

/** Two packages of the MCP SDK bring the same release of zod, each its own copy: one is enough. */
const oneZod = {
  name: 'one zod',
  setup({ onResolve, resolve }) {
    const resolveDir = dirname(require.resolve('@modelcontextprotocol/server'));
    onResolve({ filter: /^zod(\/|$)/ }, ({ path, kind, pluginData }) =>
      pluginData === oneZod ? undefined : resolve(path, { resolveDir, kind, pluginData: oneZod }),
    );
  },
};

/** Scripts of the views that hosts draw (MCP Apps), as texts: `import script from 'view:board'`. */
const views = {
  name: 'views',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^view:/ }, ({ path }) => ({ path: path.slice('view:'.length), namespace: 'view' }));
    onLoad({ filter: /./, namespace: 'view' }, async ({ path }) => {
      const { outputFiles } = await esbuild.build({
        entryPoints: [join(__dirname, 'mcp/apps', path, `${path}-view.ts`)],
        bundle: true,
        minify: true,
        format: 'iife',
        target: 'es2020',
        charset: 'ascii',
        logLevel: 'warning',
        write: false,
      });
      return { contents: outputFiles[0].text.replaceAll('</script', '<\\/script'), loader: 'text' };
    });
  },
};

/**
 * The same in several files: what `import()` names is read when it is first needed, so that an assistant's host waits for
 * nothing that its first answer does not use. esbuild splits ES modules only, and Node.js loads CommonJS faster: so it is
 * split first and made CommonJS then.
 */
async function mcp() {
  const folder = join(__dirname, 'mcp/dist');
  const { outputFiles, metafile } = await esbuild.build({
    ...target,
    entryPoints: { 'coriolis-mcp': join(__dirname, 'mcp/main.ts') },
    alias: { '@modelcontextprotocol/server/_shims': join(__dirname, 'mcp/sdk/shims-replacement.ts') },
    plugins: [oneZod, views],
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    metafile: true,
    write: false,
  });
  const pieces = new Map();
  for (const { path, text } of outputFiles) {
    const options = { ...target, format: 'cjs', supported: { 'dynamic-import': false } };
    pieces.set(relative(__dirname, path), (await esbuild.transform(text, options)).code);
  }
  // Names of chunks change with what they hold: those of an earlier build would be published too.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'chunks'), { recursive: true });
  const entry = 'mcp/dist/coriolis-mcp.cjs';
  const atStart = staticImports(metafile, entry);
  for (const [path, code] of pieces) {
    const shared = `module.exports=require("../coriolis-mcp.cjs").parts[${JSON.stringify(basename(path))}];`;
    writeFileSync(join(__dirname, path), atStart.includes(path) ? shared : code);
  }
  writeBillOfMaterials({ root: __dirname, folder: join(__dirname, 'mcp'), into: folder, metafile });
  writeFileSync(join(__dirname, entry), startFile(atStart.map((path) => [basename(path), pieces.get(path)])));
}

/** What an output needs before it can run, in the order in which it is needed, itself at the end. */
function staticImports({ outputs }, path, found = []) {
  for (const { path: next, kind } of outputs[path].imports) {
    if (kind === 'import-statement' && next in outputs && !found.includes(next))
      staticImports({ outputs }, next, found);
  }
  if (!found.includes(path)) found.push(path);
  return found;
}

/**
 * One file of all that is needed at the start: esbuild would cut it into as many pieces as later chunks share, and each
 * file costs a millisecond or two. Later chunks find the pieces in `parts`.
 */
const startFile = (parts) =>
  [
    '#!/usr/bin/env node',
    '"use strict";const parts=exports.parts={};',
    'const load=(id)=>{if(!/^[.]/.test(id))return require(id);const name=id.replace(/^.*[/]/,"");return parts[name]??require("./chunks/"+name)};',
    ...parts.map(
      ([name, code]) =>
        `((module,exports,require)=>{${code}\nparts[${JSON.stringify(name)}]=module.exports})(...((m)=>[m,m.exports,load])({exports:{}}));`,
    ),
    '',
  ].join('\n');

/** Builds what the n8n package publishes. */
const nodes = series(compile, describe, schemas, assets, materials);

exports.clean = clean;
exports['build:nodes'] = nodes;
exports['build:mcp'] = mcp;
exports['build:sandbox'] = sandbox;
exports.build = series(clean, parallel(nodes, mcp, sandbox));
