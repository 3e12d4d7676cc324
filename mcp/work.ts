// What only calls need, read together with the first one. One import() for all of it, because each of them cuts the
// start-up code into more files.
export { openAccess } from './access';
export { Audit, toFile } from './audit';
export { callTool } from './call';
export { Confirmations } from './confirm';
export { createSeals } from './seal';
export { callForTask, lookAtTask, requireTask } from './task';
