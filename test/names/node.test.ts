import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';
import { locator, startLab, type Lab } from '../engine/lab';
import { cases } from '../support/cases';
import { connect, one } from '../support/coriolis';
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

/** What a person fills in, or an expression gives, goes to the server as it is. */

const [names = []] = fc.sample(fc.uniqueArray(oddName, { minLength: 40, maxLength: 40 }), {
  numRuns: 1,
  seed: 11,
});
let lab: Lab;
let coriolis: ReturnType<typeof connect>;
let world: OddWorld;

beforeAll(async () => {
  lab = await startLab({ machines: names.map((name) => machine(name)) });
  coriolis = connect(lab.sandbox);
  world = await oddWorld(coriolis);
});
afterAll(() => lab.stop());

/** A value as an expression that gives it, from the item. */
const ofItem = (name: string) => `={{ $json[${JSON.stringify(name)}] }}`;

/** Rows of an editor, whose texts are expressions, as a list offers names that begin with "=". */
const rowsOf = (pairs: ReadonlyArray<readonly [string, string]>) => ({
  rows: pairs.map(([source, destination]) => ({
    source: locator(`={{ ${JSON.stringify(source).replace(/[{}]/gu, escaped)} }}`),
    destination: locator(`={{ ${JSON.stringify(destination).replace(/[{}]/gu, escaped)} }}`),
  })),
});
const escaped = (brace: string) => (brace === '{' ? '\\u007b' : '\\u007d');

it('stores a move with exactly the names of its parts, from expressions and from rows', async () => {
  await fc.assert(
    fc.asyncProperty(oddMove, fc.nat(), async (move, choice) => {
      const { origin, destination } = endpointsOf(world, move);
      const written = writtenMove(move, choice);
      const isInRows = choice % 2 === 0;
      const mappings: INodeParameters = isInRows
        ? {
            storageMappingsRows: rowsOf(move.backends),
            diskMappingsRows: rowsOf(move.disks),
          }
        : { storageMappings: ofItem('storageMappings'), diskMappings: ofItem('diskMappings') };
      const { error, rows } = await lab
        .run(
          'transfer.create',
          {
            originEndpointId: locator(ofItem('origin')),
            destinationEndpointId: locator(ofItem('destination')),
            instances: ofItem('instances'),
            ...(isInRows ? { networkMapRows: rowsOf(move.networks) } : { networkMap: ofItem('networkMap') }),
            destinationEnvironment: '{"migr_network": "private"}',
            options: {
              checkInstances: false,
              ...(move.defaultStorage === undefined
                ? {}
                : { defaultStorage: locator(ofItem('defaultStorage')) }),
              ...mappings,
            },
          },
          {
            items: [
              {
                ...written,
                origin: origin.name,
                destination: destination.name,
                defaultStorage: move.defaultStorage,
              },
            ],
          },
        )
        .then((result) => ({ error: result.error, rows: result.error ? [] : result.rows('Coriolis') }));
      expect(error?.message).toBeUndefined();
      const stored = await one(coriolis, 'transfer.get', { transferId: rows[0]?.['id'] }, 'full');
      expect(comparable(stored)).toEqual(storedMove(world, move));
    }),
    cases(40),
  );
});

it.each(names)('offers a machine in lists, and reads it by what was picked: %j', async (name) => {
  const form = lab.coriolis('instance.get', { endpointId: locator('vcenter') });
  const { results } = await lab.engine.listSearch(form, 'searchInstanceInEndpointId', { filter: name });
  const picked =
    results.find(({ value }) => value === name) ??
    // A value that begins with "=" is written as an expression.
    results.find((one) => one.name.startsWith(`${name} (`));
  expect(picked).toBeDefined();
  const [row] = await lab.rows('instance.get', {
    endpointId: locator('vcenter'),
    instance: locator(String(picked?.value), 'list'),
  });
  expect(row?.['name']).toBe(name);
});
