import { contractTests } from './suite';

describe('the sandbox answers as the recorded server did: Barbican', () => {
  contractTests('barbican');
});
