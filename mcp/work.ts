// What only calls need, read together with the first one. One import() for all of it, because each of them cuts the
// start-up code into more files.
export { openAccess } from './connection/access';
export { Audit, toFile } from './confirmation/audit';
export { callTool } from './calls/call';
export { Confirmations } from './confirmation/confirm';
export { createSeals } from './confirmation/seal';
export { callForTask, lookAtTask, requireTask } from './tasks/task';
