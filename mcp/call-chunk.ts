// Modules that only tool calls need, as one chunk of the bundle: each import() of its own would cut the start-up code
// into more files.
export { openAccess } from './connection/open-client';
export { Audit, appendToFile as toFile } from './confirmation/audit';
export { callTool } from './calls/call';
export { ConfirmationTokens } from './confirmation/confirmation-tokens';
export { createSeals } from './confirmation/seal';
export { callForTask, readTask, requireTask } from './tasks/task';
