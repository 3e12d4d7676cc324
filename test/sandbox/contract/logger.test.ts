import { contractTests } from './suite';

describe('the sandbox answers as the recorded server did: coriolis-logger', () => {
  contractTests('logger');
});
