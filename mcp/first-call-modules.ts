// Modules that only tool calls need, in one file of the bundle that is loaded with the first call. An import() of each
// module by itself would split the bundle into more files, and more of them would be loaded at the start.
export { openCoriolisAccess } from './connection/coriolis-access';
export { AuditLog, makeFileAppender } from './confirmation/audit-log';
export { callTool } from './calls/call-tool';
export { ConfirmationTokens } from './confirmation/confirmation-tokens';
export { createSealMaker } from './confirmation/seal';
export { callToolAsTask, pollTask, decodeTaskId } from './tasks/call-as-task';
