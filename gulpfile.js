'use strict';

const { execFileSync } = require('node:child_process');
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
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

const target = { platform: 'node', target: 'node20', minify: true, logLevel: 'warning' };

/** One self-contained CommonJS file: `npx` starts in a second, with nothing to resolve. */
const sandbox = () =>
  esbuild.build({
    ...target,
    entryPoints: [join(__dirname, 'sandbox/main.ts')],
    outfile: join(__dirname, 'sandbox/dist/coriolis-sandbox.cjs'),
    bundle: true,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
  });

/**
 * The same in several files: what `import()` names is read when it is first needed, so that an assistant's host waits for
 * nothing that its first answer does not use. esbuild splits ES modules only, and Node.js loads CommonJS faster: so it is
 * split first and made CommonJS then.
 */
async function mcp() {
  // Names of chunks change with what they hold: those of an earlier build would be published too.
  rmSync(join(__dirname, 'mcp/dist'), { recursive: true, force: true });
  const { outputFiles } = await esbuild.build({
    ...target,
    entryPoints: { 'coriolis-mcp': join(__dirname, 'mcp/main.ts') },
    outdir: join(__dirname, 'mcp/dist'),
    outExtension: { '.js': '.cjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    const { code } = await esbuild.transform(text, {
      ...target,
      format: 'cjs',
      supported: { 'dynamic-import': false },
      ...(path.endsWith('coriolis-mcp.cjs') ? { banner: '#!/usr/bin/env node' } : {}),
    });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code);
  }
}

exports.clean = clean;
exports['build:nodes'] = series(compile, assets);
exports['build:mcp'] = mcp;
exports['build:sandbox'] = sandbox;
exports.build = series(clean, parallel(series(compile, assets), mcp, sandbox));
