// Operations of each resource, under its name in the catalogue.
export { providerOperations as provider } from './provider';
export { endpointOperations as endpoint } from './endpoint';
export { instanceOperations as instance } from './instance';
export { transferOperations as transfer } from './transfer';
export { executionOperations as execution } from './execution';
export { scheduleOperations as schedule } from './schedule';
export { deploymentOperations as deployment } from './deployment';
export { migrationOperations as migration } from './migration';
export { waveOperations as wave } from './wave';
export { drillOperations as drill } from './drill';
export { minionPoolOperations as minionPool } from './minion-pool';
export { regionOperations as region } from './region';
export { serviceOperations as service } from './service';
export { logOperations as log } from './log';
export { diagnosticsOperations as diagnostics } from './diagnostics';
export { licenceOperations as licence } from './licence';
export { estateOperations as estate } from './estate';
