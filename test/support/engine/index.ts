export {
  createEngine,
  Engine,
  type EngineOptions,
  type NodeFailure,
  type RunOptions,
  type RunResult,
  type StoredCredential,
  type WorkflowJson,
} from './engine';
export type { Poller } from './poller';
export type { CredentialTestResult } from './credential-test';
export { chain, items, node } from './workflow';
