/**
 * Replacement for the MCP SDK's `_shims` entry in the bundle. The SDK uses ajv on Node.js, a fifth of the bundle; here
 * schemas only validate answers to elicitation, so the smaller of the SDK's two validators is enough.
 */
export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';
export { default as process } from 'node:process';
