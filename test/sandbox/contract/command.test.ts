import { contractTests } from './suite';

describe('the sandbox answers the official command-line client as the recorded server did', () => {
  contractTests('command');
});
