import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(join(__dirname, '..', '..', 'dist', 'src', 'index.js'));

/**
 * A module of the core as it is published. What runs TypeScript directly wraps every named function, which costs more than
 * the core itself.
 */
export const builtCore = {
  client: () => load('./api/client.js') as typeof import('../../src/api/coriolis-client'),
  session: () => load('./api/session.js') as typeof import('../../src/api/keystone-session'),
};
