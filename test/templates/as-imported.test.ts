import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { INode, INodeParameters } from 'n8n-workflow';
import { onStage, readTemplate, templateFolder, type Stage } from './stage';

/** Promises of every shipped workflow before anybody has filled it in, and of every mail that asks for a decision. */

const names = readdirSync(templateFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/u, ''));

const MANUAL = 'n8n-nodes-base.manualTrigger';
const isManual = (name: string): boolean => readTemplate(name).nodes.some(({ type }) => type === MANUAL);

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.stop();
  stage = undefined;
});

describe('as imported', () => {
  test.each(names.filter(isManual))('%s changes nothing and ends with a message', async (name) => {
    const one = await onStage(name, {
      thirdParties: { 'n8n-nodes-base.dataTable': { once: () => [{}] } },
    });
    stage = one;
    const before = one.lab.sandbox.requests.entries.filter(isChange).length;

    // n8n refuses a workflow whose required fields are empty before it runs.
    const error = await one.run('Start').then(
      (end) => end.error,
      (refusal: unknown) => refusal,
    );

    expect(one.lab.sandbox.requests.entries.filter(isChange).slice(before)).toEqual([]);
    expect(error !== undefined || one.mails.length > 0).toBe(true);
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
    ['cutover-weekend', { search: 'no such word', window_start: at(1), window_end: at(8) }],
    ['dr-failover-drill', { search: 'no such word' }],
  ])('%s ends red when no replica has the word', async (name, settings) => {
    stage = await onStage(name, { settings });

    const end = await stage.run('Start');

    expect(end.status).toBe('error');
    expect(end.error?.message).toContain('"no such word"');
  });

  test.each([
    ['the window is over', { window_start: at(-9), window_end: at(-1) }],
    ['the end is before the start', { window_start: at(8), window_end: at(2) }],
    ['the start is no time', { window_start: 'Saturday', window_end: at(2) }],
  ])('the cutover ends red when %s', async (_what, times) => {
    stage = await onStage('cutover-weekend', { settings: { search: 'nightly', ...times } });

    const end = await stage.run('Start');

    expect(end.error?.message).toContain('Fill in the node Settings');
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

/** A request that changes something in Coriolis; a login and a test of a connection change nothing. */
function isChange({ method, path }: Request): boolean {
  return method !== 'GET' && !/\/auth\/tokens|\/actions$/u.test(path);
}
