/**
 * What n8n-core needs before it is loaded: import this first. The engine writes an encryption key below its user folder, so
 * each worker has one of its own in the project's cache; a worker that is ended from outside could not remove it.
 */
import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(
  __dirname,
  '../../../.cache/n8n-engine',
  `worker-${process.env['JEST_WORKER_ID'] ?? 'none'}`,
);
mkdirSync(folder, { recursive: true });

process.env['N8N_USER_FOLDER'] = folder;
process.env['N8N_LOG_LEVEL'] ??= 'silent';
// The engine in process, without a native module.
process.env['N8N_EXPRESSION_ENGINE'] = 'legacy';
