import { join, resolve } from 'node:path';
import ts from 'typescript';
import {
  connect,
  type CoriolisApi,
  type Cursor,
  type Groups,
  type JsonObject,
  type Rows,
  type WaveBoard,
} from '../../library';
import { catalogue, resources } from '../../src/catalogue';
import { operationId } from '../../src/operation';

/** What the compiler knows of the library; a line marked as an error that compiles fails the type check. */

/** Compiles only for a value of that type. */
const takes = <T>(value: T): T => value;

/** Resources whose operations the compiler cannot tell from others. */
type Loose = { [G in keyof Groups]: string extends keyof Groups[G] ? G : never }[keyof Groups];

/** Compiled, never called. */
const claims: ReadonlyArray<(coriolis: CoriolisApi) => unknown> = [
  async ({ transfers }) => {
    for await (const transfer of transfers.list({ status: 'ERROR' })) {
      takes<string>(transfer.id);
      takes<string | null>(transfer.updated_at);
      // @ts-expect-error it may be null
      takes<string>(transfer.updated_at);
      // @ts-expect-error a row of a list has no such key
      takes<unknown>(transfer.network_map);
    }
  },
  ({ transfers }) => {
    // @ts-expect-error no such status
    void transfers.list({ status: 'BROKEN' });
    // @ts-expect-error no such input
    void transfers.list({ stat: 'ERROR' });
    // @ts-expect-error no such operation
    takes<unknown>(transfers.deallocate);
  },
  async ({ transfers }) => {
    // @ts-expect-error the id is missing
    void transfers.get();
    // @ts-expect-error the id is misspelled
    void transfers.get({ transferID: 'nightly' });
    // @ts-expect-error the id is no number
    void transfers.get({ transferId: 5 });
    const transfer = await transfers.get({ transferId: 'nightly' });
    takes<number | undefined>(transfer.executions[0]?.number);
  },
  async ({ transfers }) => {
    const whole = await transfers.get({ transferId: 'nightly' }, { detail: 'full' });
    takes<JsonObject>(whole);
    // @ts-expect-error nothing is known of its keys
    takes<string>(whole['id']);
    const rows = transfers.list({}, { detail: 'full' });
    takes<Rows<JsonObject>>(rows);
  },
  ({ executions, regions, services }) => {
    void executions.wait({ transferId: 'nightly', timeoutSeconds: 60 });
    void executions.wait({ transferId: 'nightly', timeoutSeconds: undefined });
    void regions.list();
    // @ts-expect-error it takes no input
    void services.list({ status: 'up' });
  },
  ({ endpoints }) => {
    void endpoints.getSourceOptions({ endpointId: 'vcenter' });
    // @ts-expect-error no such operation
    takes<unknown>(endpoints.getOptions);
    // Names that the compiler does not know would make it accept any.
    takes<[Loose] extends [never] ? true : Loose>(true);
  },
  async ({ watch }) => {
    for await (const { events, cursor } of watch({ kinds: ['execution'] })) {
      takes<string | null | undefined>(events[0]?.transfer_id);
      takes<Cursor>(cursor);
    }
    // @ts-expect-error no such kind
    void watch({ kinds: ['weather'] });
  },
  async ({ waves }) => {
    for await (const board of waves.watch({ wave: 'Wave 7', intervalSeconds: 10 })) {
      takes<WaveBoard>(board);
      takes<string | null | undefined>(board.rows[0]?.waits_for);
      // @ts-expect-error a board has no such key
      takes<unknown>(board.eta);
    }
    // @ts-expect-error the name is missing
    void waves.watch({ intervalSeconds: 10 });
  },
  () => {
    // @ts-expect-error no such option
    void connect({ authURL: 'https://keystone.example.com' });
  },
];

const api: object = connect({ authUrl: 'http://127.0.0.1:9', token: 'unused', projectId: 'p' });

/** What the compiler finds wrong in this file: an error, or a line marked as one that compiles. */
function diagnosticsOfThisFile(): string[] {
  const root = resolve(__dirname, '../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.check.json'), (path) => ts.sys.readFile(path));
  const {
    options: { tsBuildInfoFile: _file, ...options },
  } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [__filename] }, ts.sys, root);
  const program = ts.createProgram([__filename], { ...options, incremental: false });
  const file = program.getSourceFile(__filename);
  if (file === undefined) throw new Error('the compiler did not read this file');
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

it('has the types that these examples claim', () => {
  expect(diagnosticsOfThisFile()).toEqual([]);
  expect(claims).toHaveLength(9);
});

it.each(catalogue.map((operation) => [operationId(operation), operation]))(
  'has a method for %s',
  (_id, { resource, name }) => {
    const [first = '', ...rest] = resources[resource].plural.split(' ');
    const group = [first, ...rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
    expect(api).toHaveProperty([group, name === 'getAll' ? 'list' : name], expect.any(Function));
  },
);
