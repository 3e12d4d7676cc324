import { contractTests } from './suite';

describe('the sandbox answers as the recorded server of the legacy generation did', () => {
  contractTests('legacy');
});
