/**
 * What the MCP SDK takes from its surroundings (its `_shims` entry; the bundle names this file in its place). The SDK's
 * choice for Node.js is ajv, a fifth of the bundle that every start would read; here schemas only judge what a person typed
 * into a question, and the smaller of the SDK's two validators does that as well.
 */
export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';
export { default as process } from 'node:process';
