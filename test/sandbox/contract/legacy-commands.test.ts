import { contractTests } from './suite';

describe('the sandbox answers the command-line client of the legacy generation as the recorded server did', () => {
  contractTests('legacyCommands');
});
