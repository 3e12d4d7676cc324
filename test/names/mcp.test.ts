import fc from 'fast-check';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { withoutUndefined } from '../../src/model/json';
import { startUser, type McpUser } from '../mcp/support/client';
import { loginOf } from '../mcp/support/server';
import { cases } from '../support/cases';
import { connect, one } from '../support/coriolis';
import {
  comparable,
  endpointsOf,
  oddMove,
  oddWorld,
  storedMove,
  writtenMove,
  type OddWorld,
} from './odd-names';

/** What an assistant names goes to the server as it is. */

let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
let user: McpUser;
let world: OddWorld;

beforeAll(async () => {
  sandbox = await startSandbox();
  coriolis = connect(sandbox);
  world = await oddWorld(coriolis);
  user = await startUser({ env: loginOf(sandbox), args: ['--allow-write', '--toolsets', 'all'] });
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

it('stores a move with exactly the names of its parts', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(oddMove, fc.nat(), async (move, choice) => {
      const { origin, destination } = endpointsOf(world, move);
      const { instances, networkMap, storageMappings, diskMappings } = writtenMove(move, choice);
      const isBeside = choice % 2 === 0;
      const storage = isBeside
        ? {
            storage_mappings: storageMappings,
            disk_mappings: diskMappings,
            default_storage: move.defaultStorage,
          }
        : {
            storage_mappings: withoutUndefined({
              default: move.defaultStorage,
              backend_mappings: storageMappings,
              disk_mappings: diskMappings,
            }),
          };
      const { isError, text, structured } = await user.call('create_transfer', {
        origin_endpoint_id: origin.name,
        destination_endpoint_id: destination.name,
        instances,
        network_map: networkMap,
        destination_environment: { migr_network: 'private' },
        options: { check_instances: false, ...withoutUndefined(storage), notes: `move ${(count += 1)}` },
      });
      expect(isError ? text : '').toBe('');
      const transferId = structured.result['id'];
      const stored = await one(coriolis, 'transfer.get', { transferId }, 'full');
      expect(comparable(stored)).toEqual(storedMove(world, move));
    }),
    cases(40),
  );
});
