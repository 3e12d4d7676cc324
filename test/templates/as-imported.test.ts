import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { catalogue } from '../../src/catalogue';
import { agentNode, modelNode } from './agent';
import { onStage, readTemplate, templateFolder, type Stage, type StageOptions } from './stage';

/** Promises of every shipped workflow before anybody has filled it in, and of every mail that asks for a decision. */

const names = readdirSync(templateFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/u, ''));

const MANUAL = 'n8n-nodes-base.manualTrigger';
const SCHEDULE = 'n8n-nodes-base.scheduleTrigger';
const FORM = 'n8n-nodes-base.formTrigger';
const TRIGGER = 'n8n-nodes-coriolis.coriolisTrigger';

/** What each kind of beginning gives to its workflow. */
const rowsOf: Readonly<Record<string, readonly IDataObject[]>> = {
  [MANUAL]: [{}],
  [SCHEDULE]: [{}],
  [FORM]: [{ Wave: 'w', 'Your mail': 'a@example.com', 'Origin endpoint': '', 'Destination endpoint': '' }],
  [TRIGGER]: JSON.parse(
    readFileSync(join(__dirname, '../../docs/sample-events.json'), 'utf8'),
  ) as IDataObject[],
};

/** All nodes that a workflow can begin with, of all that are shipped. */
const beginnings = names.flatMap((name) =>
  readTemplate(name)
    .nodes.filter(({ type }) => type in rowsOf || /[tT]rigger$|webhook$/u.test(type))
    .map((node) => [name, node.name, node.type] as const),
);

interface Setting {
  readonly name: string;
  readonly value: unknown;
}

/** What a template lets people fill in, in its node Settings. */
const settingsOf = (name: string): readonly Setting[] => {
  const node = readTemplate(name).nodes.find((one) => one.name === 'Settings');
  return (node?.parameters['assignments'] as { assignments: Setting[] } | undefined)?.assignments ?? [];
};

/** Switches that end in something gone, off, or deployed without a word. */
const HARSH = /shut|delete|force|autoDeploy/iu;

/** All truth values among the parameters of a node, however deep, by their names. */
const flagsIn = (value: unknown, flag = ''): ReadonlyArray<readonly [flag: string, value: boolean]> =>
  typeof value === 'boolean'
    ? [[flag, value]]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) => flagsIn(one, name))
      : [];

/** Nodes that run before anybody was asked, from any beginning of a template. */
function reachedUnasked(name: string): readonly INode[] {
  const { nodes, connections } = readTemplate(name);
  const reached = new Set<string>();
  const visit = (at: string): void => {
    const node = nodes.find((one) => one.name === at);
    if (node === undefined || reached.has(at) || node.parameters['operation'] === 'sendAndWait') return;
    reached.add(at);
    for (const outputs of Object.values(connections[at] ?? {})) {
      for (const next of outputs.flat()) if (next !== null) visit(next.node);
    }
  };
  for (const [template, start] of beginnings) if (template === name) visit(start);
  return nodes.filter((node) => reached.has(node.name));
}

/** Third parties of all templates. */
const answered: StageOptions = {
  thirdParties: {
    'n8n-nodes-base.dataTable': { once: () => [{}] },
    'n8n-nodes-base.httpRequest': { once: () => [{}] },
    'n8n-nodes-base.convertToFile': { once: () => [{}] },
    'n8n-nodes-base.extractFromFile': { once: () => [] },
  },
  nodeTypes: {
    '@n8n/n8n-nodes-langchain.agent': agentNode(() => Promise.resolve('')),
    '@n8n/n8n-nodes-langchain.lmChatOpenAi': modelNode,
  },
};

/** Runs a workflow to its end; n8n refuses one whose required fields are empty before it runs. */
const errorOf = async (one: Stage, start: string, rows?: readonly IDataObject[]): Promise<unknown> =>
  await one.run(start, rows).then(
    (end) => end.error,
    (refusal: unknown) => refusal,
  );

const addEndpoints = async ({ lab }: Stage): Promise<void> => {
  for (const [name, type] of [
    ['vcenter', 'vmware_vsphere'],
    ['openstack', 'openstack'],
  ] as const) {
    const connection = JSON.stringify({ host: `${name}.example.com`, username: 'u', password: 'p' });
    await lab.rows('endpoint.create', { name, type, connection });
  }
};

/** What a young Coriolis has, in which most workflows find nothing to do. */
const barrenWorlds: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'endpoints without machines': async (one) => {
    await addEndpoints(one);
    one.lab.sandbox.faults.add({
      path: /\/endpoints\/[^/]+\/instances/u,
      times: Infinity,
      fault: { kind: 'status', status: 200, body: '{"instances": []}' },
    });
  },
  'endpoints only': addEndpoints,
  'transfers without executions': async (one) => {
    await addEndpoints(one);
    await one.replicaOf('web-01', 'nightly');
    await one.replicaOf('app-01', 'wave 1');
  },
};

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.stop();
  stage = undefined;
});

describe('as imported', () => {
  test.each(beginnings)(
    '%s, from "%s": nothing is destroyed, and the end is told',
    async (name, start, type) => {
      stage = await onStage(name, answered);
      const { sandbox } = stage.lab;
      const before = sandbox.requests.entries.length;

      const error = await errorOf(stage, start, rowsOf[type]);

      // A sync of replicas that exist, which leaves their machines running, is all that a workflow may do unasked.
      const changes = sandbox.requests.entries.slice(before).filter(isChange);
      expect(changes.filter((change) => !(type === SCHEDULE && isSync(change)))).toEqual([]);
      const isTold = error !== undefined || stage.mails.length > 0 || changes.some(isSync);
      if (type !== TRIGGER) expect(isTold).toBe(true);
    },
  );

  test.each(beginnings.filter(([, , type]) => type !== TRIGGER))(
    '%s, from "%s": a Coriolis without anything is told of',
    async (name, start, type) => {
      stage = await onStage(name, { ...answered, sandbox: { populated: false } });

      const error = await errorOf(stage, start, rowsOf[type]);

      expect(stage.lab.sandbox.requests.entries.filter(isChange)).toEqual([]);
      expect(error !== undefined || stage.mails.length > 0).toBe(true);
    },
  );

  describe.each(Object.entries(barrenWorlds))('in a Coriolis of %s', (_world, prepare) => {
    test.each(beginnings.filter(([, , type]) => type !== TRIGGER))(
      '%s, from "%s": the end is told',
      async (name, start, type) => {
        stage = await onStage(name, { ...answered, sandbox: { populated: false } });
        await prepare(stage);
        const before = stage.lab.sandbox.requests.entries.length;

        const error = await errorOf(stage, start, rowsOf[type]);

        const changes = stage.lab.sandbox.requests.entries.slice(before).filter(isChange);
        expect(changes.filter((change) => !(type === SCHEDULE && isSync(change)))).toEqual([]);
        expect(error !== undefined || stage.mails.length > 0 || changes.some(isSync)).toBe(true);
      },
    );
  });

  test.each(names.filter((name) => settingsOf(name).some((setting) => setting.name === 'search')))(
    '%s tells when no replica has the word',
    async (name) => {
      // The cutover needs its window, too.
      const settings = { search: 'no such word', window_start: at(1), window_end: at(8) };
      stage = await onStage(name, { settings });
      const [start = ''] = beginnings.flatMap(([template, node]) => (template === name ? [node] : []));

      const error = await errorOf(stage, start);

      expect(stage.lab.sandbox.requests.entries.filter(isChange)).toEqual([]);
      const { message } = (error ?? {}) as { readonly message?: string };
      expect([message, ...stage.mails.map(({ text }) => text)].join(' ')).toContain('"no such word"');
    },
  );

  test.each(names)('%s shuts down, deletes and forces nothing without an approval', (name) => {
    const unasked = reachedUnasked(name).flatMap(({ name: node, parameters }) => {
      const { resource, operation: called, ...given } = parameters;
      const operation = catalogue.find((one) => one.resource === resource && one.name === called);
      if (operation === undefined || operation.effect === 'read') return [];
      const harsh = flagsIn(given).filter(([flag, value]) => HARSH.test(flag) && value);
      return [
        ...harsh.map(([flag]) => `${node}: ${flag}`),
        ...(operation.effect === 'destroy' && /delete|abandon/u.test(operation.name) ? [node] : []),
      ];
    });
    const settings = settingsOf(name).filter((one) => HARSH.test(one.name) && one.value === true);
    expect([...unasked, ...settings]).toEqual([]);
  });

  test.each([
    ['waves-from-a-spreadsheet', 10],
    ['wave-migration', 12],
    ['cutover-weekend', 12],
    ['dr-failover-drill', 12],
  ])('%s has at most %i nodes besides its notes', (name, most) => {
    const nodes = readTemplate(name).nodes.filter(({ type }) => !/stickyNote/u.test(type));
    expect(nodes.length).toBeLessThanOrEqual(most);
  });

  test.each(names)('%s holds no switch that shuts a machine down, and no date', (name) => {
    const { nodes } = readTemplate(name);
    for (const { name: node, parameters } of nodes.filter(({ type }) => !/stickyNote/u.test(type))) {
      expect([node, JSON.stringify(parameters)]).toEqual([
        node,
        expect.not.stringMatching(/"20\d\d-\d\d-\d\d/u),
      ]);
      expect([node, JSON.stringify(parameters)]).toEqual([
        node,
        expect.not.stringMatching(/"shut_down_sources","type":"boolean","value":true/u),
      ]);
    }
  });

  test.each([
    ['the window is over', { window_start: at(-9), window_end: at(-1) }],
    ['the end is before the start', { window_start: at(8), window_end: at(2) }],
    ['the start is no time', { window_start: 'Saturday', window_end: at(2) }],
  ])('the cutover ends red when %s', async (_what, times) => {
    stage = await onStage('cutover-weekend', { settings: { search: 'nightly', ...times } });

    const end = await stage.run('Propose a weekend');

    expect(end.error?.message).toContain('The window in the form starts and ends at times such as');
  });
});

interface Asked {
  readonly template: string;
  readonly node: INode;
}

interface MailRequest {
  readonly parameters: INodeParameters;
  readonly method: string;
  readonly userAgent: string;
  readonly query: Readonly<Record<string, string>>;
}

const asking: readonly Asked[] = names.flatMap((template) =>
  readTemplate(template)
    .nodes.filter(({ parameters }) => parameters['operation'] === 'sendAndWait')
    .map((node) => ({ template, node })),
);

const N8N_NODES = join(__dirname, '../../.cache/tools/n8n-nodes-base/node_modules/n8n-nodes-base');

/**
 * Answers requests for the addresses in such mails as n8n's own code does, in a process of its own because that code does not
 * load in Jest; tells of each whether the workflow goes on.
 */
function goesOn(requests: readonly MailRequest[]): readonly boolean[] {
  const script = `
    // The package is left out of the tests' copy of n8n's nodes. No browser is a bot to it.
    Object.assign(require(require.resolve('isbot', { paths: ['${N8N_NODES}'] })), { __esModule: true, default: () => false });
    const { sendAndWaitWebhook } = require('${N8N_NODES}/dist/utils/sendAndWait/utils.js');
    const read = (parameters, name, standard) =>
      name.split('.').reduce((value, key) => value?.[key], parameters) ?? standard;
    const answer = ({ parameters, method, userAgent, query }) =>
      sendAndWaitWebhook.call({
        getRequestObject: () => ({ method, headers: { 'user-agent': userAgent }, query }),
        getResponseObject: () => ({ render() {}, send() {}, setHeader() {} }),
        getNodeParameter: (name, standard) => read(parameters, name, standard),
        getNode: () => ({ typeVersion: 2.1 }),
      });
    Promise.all(JSON.parse(process.argv[1]).map(answer)).then((answers) =>
      console.log(JSON.stringify(answers.map(({ workflowData }) => workflowData !== undefined))));`;
  const out = execFileSync(process.execPath, ['-e', script, JSON.stringify(requests)], { encoding: 'utf8' });
  return JSON.parse(out) as boolean[];
}

const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  '',
];

describe('a scanner that opens the link of a mail', () => {
  test('there are mails that ask', () => {
    expect(asking.map(({ template }) => template)).toEqual(
      expect.arrayContaining(['cutover-weekend', 'wave-migration']),
    );
  });

  const requestsOf = ({ node: { parameters } }: Asked): MailRequest[] =>
    BROWSERS.flatMap((userAgent) =>
      [{}, { approved: 'true' }, { approved: 'false' }].map((query) => ({
        parameters,
        method: 'GET',
        userAgent,
        query,
      })),
    );

  test.each(asking.map((one) => [one.template, one.node.name, one] as const))(
    '%s, %s: decides nothing',
    (_template, _node, one) => {
      expect(goesOn(requestsOf(one))).not.toContain(true);
    },
  );

  test("would decide by n8n's default kind of answer", () => {
    const byLink = asking.slice(0, 1).map(({ template, node }) => ({
      template,
      node: { ...node, parameters: { ...node.parameters, responseType: 'approval' } },
    }));
    expect(byLink.flatMap((one) => goesOn(requestsOf(one)))).toContain(true);
  });
});

function at(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

interface Request {
  readonly method: string;
  readonly path: string;
}

const isSync = ({ method, path }: Request): boolean => method === 'POST' && /\/executions$/u.test(path);

/** A request that changes something in Coriolis; a login and a test of a connection change nothing. */
function isChange({ method, path }: Request): boolean {
  return method !== 'GET' && !/\/auth\/tokens|\/actions$/u.test(path);
}
