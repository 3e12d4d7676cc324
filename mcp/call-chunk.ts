// Modules that only calls need, as one chunk of the bundle: each import() of its own would cut the start-up code into more files.
export { openAccess } from './connection/access';
export { Audit, toFile } from './confirmation/audit';
export { callTool } from './calls/call';
export { Confirmations } from './confirmation/confirm';
export { createSeals } from './confirmation/seal';
export { callForTask, lookAtTask, requireTask } from './tasks/task';
