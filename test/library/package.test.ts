import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toCamelCase, methodNameOf } from '../../library/member-names';
import { catalogue, resources } from '../../src/catalogue';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { Consumer } from './consumer';
import { loginVariablesOf } from '../../sandbox/login-variables';

/** The package as npm would publish it, in a project of somebody else's. */

// Packing, installing and compiling take seconds each, and many of them beside other tests.

let consumer: Consumer;
let sandbox: Sandbox;
beforeAll(async () => {
  [consumer, sandbox] = await Promise.all([Consumer.create(), startSandbox({ speed: 1200 })]);
});
afterAll(async () => {
  consumer.remove();
  await sandbox.stop();
});

const program = (load: string): string => `
${load}
const coriolis: CoriolisApi = connect({ environment: process.env });
async function main(): Promise<void> {
  const endpoints = await coriolis.endpoints.list().toArray();
  const names: string[] = endpoints.map(({ name }) => name);
  const limit: number | undefined = undefined;
  await coriolis.transfers.list({}, { limit }).toArray();
  try {
    for await (const board of coriolis.waves.watch({ wave: 'no such wave' })) {
      const reasons: Array<string | null> = board.rows.map(({ waits_for }) => waits_for);
      console.log(board.percent, reasons);
    }
  } catch (error) {
    if (error instanceof NotFoundError) console.log(names.sort().join(' '));
  }
}
void main();
// @ts-expect-error the types of the package are really read
void coriolis.transfers.list({ stat: 'ERROR' });
// @ts-expect-error a watch of a wave needs its name
void coriolis.waves.watch({ intervalSeconds: 30 });
`;
const asModule = program(
  `import { connect, NotFoundError, type CoriolisApi } from 'n8n-nodes-coriolis/core';`,
);
const asScript = program(
  `import core = require('n8n-nodes-coriolis/core');
type CoriolisApi = core.CoriolisApi;
const { connect, NotFoundError } = core;`,
);

const [, readme = ''] =
  /```ts\n(import \{ connect \}[\s\S]*?)```/u.exec(
    readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8'),
  ) ?? [];

const [, wavesPage = ''] =
  /```ts\n(import \{ connect \}[\s\S]*?)```/u.exec(
    readFileSync(join(__dirname, '..', '..', 'docs', 'waves.md'), 'utf8'),
  ) ?? [];

it('brings nothing else along', () => {
  expect(consumer.installed()).toEqual(['n8n-nodes-coriolis']);
});

it('compiles strictly and runs: as ES module, as CommonJS, and as README and docs have it', async () => {
  consumer.write('module.mts', asModule);
  consumer.write('script.cts', asScript);
  consumer.write('readme.mts', readme);
  consumer.write('waves.mts', wavesPage);
  await consumer.compile(['module.mts', 'script.cts', 'readme.mts', 'waves.mts'], { module: 'node16' });

  const environment = loginVariablesOf(sandbox.connection);
  expect(await consumer.run('module.mjs', environment)).toBe('openstack vcenter\n');
  expect(await consumer.run('script.cjs', environment)).toBe('openstack vcenter\n');
  const printed = await consumer.run('readme.mjs', environment);
  expect(printed.trim().split('\n')).toEqual([
    expect.stringMatching(/^Database, nightly replica: .+/u),
    'Web server, nightly replica: completed',
  ]);
});

it('tells editors what each operation does and what each input means', () => {
  const said = consumer.documentation();
  const expected = catalogue.flatMap(({ resource, name, summary, input }): Array<[string, string]> => {
    const place = `${toCamelCase(resources[resource].plural)}.${methodNameOf(name)}`;
    return [
      [place, summary],
      ...Object.entries(input).map(([field, { description }]): [string, string] => [
        `${place}.${field}`,
        description,
      ]),
    ];
  });
  expect(expected.length).toBeGreaterThan(300);
  const silent = expected.filter(([place, words]) => !(said.get(place) ?? '').startsWith(words));
  expect(silent).toEqual([]);
});

it.each([
  [
    'a bundler, with all of strict',
    {
      module: 'preserve',
      moduleResolution: 'bundler',
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
    },
  ],
  ['Node.js, the declarations of the package too', { module: 'nodenext', skipLibCheck: false }],
  ['old resolution', { module: 'esnext', moduleResolution: 'node10', ignoreDeprecations: '6.0' }],
])('compiles for %s', async (_name, options) => {
  consumer.write(
    'check.ts',
    `declare const process: { env: Record<string, string | undefined> };${asModule}`,
  );
  await consumer.compile(['check.ts'], { ...options, types: [], lib: ['es2022', 'dom'], noEmit: true });
});
