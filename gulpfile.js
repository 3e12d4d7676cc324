'use strict';

const { execFileSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const { join } = require('node:path');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');

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

/** Icons and codex files stand beside the compiled nodes and credentials. */
const assets = () =>
  src(['nodes/**/*.{svg,png}', 'nodes/**/*.node.json', 'credentials/**/*.{svg,png}'], {
    base: '.',
    encoding: false,
  }).pipe(dest('dist'));

/** One self-contained CommonJS file a command, so that `npx` starts in a second with nothing to resolve. */
const bundle = (entry, outfile) =>
  esbuild.build({
    entryPoints: [join(__dirname, entry)],
    outfile: join(__dirname, outfile),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });

const mcp = () => bundle('mcp/main.ts', 'mcp/dist/coriolis-mcp.cjs');
const sandbox = () => bundle('sandbox/main.ts', 'sandbox/dist/coriolis-sandbox.cjs');

exports.clean = clean;
exports['build:nodes'] = series(compile, assets);
exports['build:mcp'] = mcp;
exports['build:sandbox'] = sandbox;
exports.build = series(clean, parallel(series(compile, assets), mcp, sandbox));
