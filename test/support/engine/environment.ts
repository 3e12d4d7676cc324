/**
 * What n8n-core needs before it is loaded: import this first. The engine writes an encryption key below its user folder, so
 * it gets one of its own, which goes with the process.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'n8n-engine-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

process.env['N8N_USER_FOLDER'] = folder;
process.env['N8N_LOG_LEVEL'] ??= 'silent';
// The engine in process, without a native module.
process.env['N8N_EXPRESSION_ENGINE'] = 'legacy';
