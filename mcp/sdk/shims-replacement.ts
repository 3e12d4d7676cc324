/**
 * Replacement for the MCP SDK's `_shims` entry in the bundle. On Node.js the SDK uses ajv, which would be a fifth of
 * the bundle. This server validates only answers to elicitation with schemas, so the smaller of the SDK's two
 * validators is enough.
 */
export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';
export { default as process } from 'node:process';
