import fc from 'fast-check';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { withoutUndefined } from '../../src/model/json';
import { cases } from '../support/cases';
import { connect, one, rows } from '../support/coriolis';
import { machine } from '../waves/estate';
import {
  comparable,
  endpointsOf,
  oddMove,
  oddName,
  oddWorld,
  storedMove,
  writtenMove,
  type OddWorld,
} from './odd-names';

/** What goes to the server is exactly the name that was given, or the id of the one object that has it. */

const [names = []] = fc.sample(fc.uniqueArray(oddName, { minLength: 60, maxLength: 60 }), {
  numRuns: 1,
  seed: 7,
});
let sandbox: Sandbox;
let coriolis: ReturnType<typeof connect>;
let world: OddWorld;

beforeAll(async () => {
  sandbox = await startSandbox({ machines: names.map((name) => machine(name)) });
  coriolis = connect(sandbox);
  world = await oddWorld(coriolis);
});
afterAll(() => sandbox.stop());

describe('a move whose parts have any names', () => {
  it('is stored with exactly these names, however they are written', async () => {
    await fc.assert(
      fc.asyncProperty(oddMove, fc.nat(), async (move, choice) => {
        const { origin, destination } = endpointsOf(world, move);
        const { instances, networkMap, storageMappings, diskMappings } = writtenMove(move, choice);
        const ownSpelling = withoutUndefined({
          default: move.defaultStorage,
          backend_mappings: move.backends.length === 0 ? undefined : storageMappings,
          disk_mappings: move.disks.length === 0 ? undefined : diskMappings,
        });
        const storage =
          choice % 2 === 0
            ? { defaultStorage: move.defaultStorage, storageMappings, diskMappings }
            : { storageMappings: choice % 3 === 0 ? JSON.stringify(ownSpelling) : ownSpelling };
        const { id } = await one<{ id: string }>(coriolis, 'transfer.create', {
          originEndpointId: origin.name,
          destinationEndpointId: destination.name,
          instances,
          networkMap,
          ...storage,
          destinationEnvironment: { migr_network: 'private' },
          checkInstances: false,
        });
        const stored = await one(coriolis, 'transfer.get', { transferId: id }, 'full');
        expect(comparable(stored)).toEqual(storedMove(world, move));
      }),
      cases(60),
    );
  });
});

describe('a machine with any name', () => {
  it.each(names)('is found by search, and read by what the list gave: %j', async (name) => {
    const found = await rows(coriolis, 'instance.getAll', { endpointId: 'vcenter', search: name.trim() });
    const row = found.map((each) => each.row).find((each) => each['name'] === name);
    expect(row).toBeDefined();
    const given = { endpointId: 'vcenter', instance: row?.['instance'] };
    expect((await one(coriolis, 'instance.get', given))['name']).toBe(name);
  });
});
