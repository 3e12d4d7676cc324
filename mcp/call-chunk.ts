// Modules that only tool calls need, as one chunk of the bundle. With an import() for each module, the bundle would have
// more files to load at the start.
export { openAccess } from './connection/open-access';
export { Audit, appendToFile as toFile } from './confirmation/audit';
export { callTool } from './calls/call-tool';
export { ConfirmationTokens } from './confirmation/confirmation-tokens';
export { createSeals } from './confirmation/seal';
export { callForTask, readTask, requireTask } from './tasks/call-as-task';
