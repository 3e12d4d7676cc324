import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { connectHttpUser } from '../mcp/support/client';
import { createTransfer, execute } from '../mcp/support/estate';
import { serveHttp } from '../mcp/support/http';
import type { HttpProcess } from '../mcp/support/http';
import { loginOf } from '../mcp/support/server';
import { ask } from './judges';
import { standIn } from './stand-in';
import type { StandIn, Translate } from './stand-in';

interface Check {
  readonly id: string;
  readonly status: string;
}

/** What each scenario finds, besides checks that are passed; the reasons stand beside it. */
const FAILING: Readonly<Record<string, readonly string[]>> = {
  'tasks-lifecycle': [
    // Work that has failed is a result that says so, and no error of the tool: diagnosing it is the next call.
    'sep-2663-tool-error-uses-completed-status',
    // No tool of a product fails on purpose.
    'sep-2663-tasks-get-status-failed',
    // Canceling a task stops nothing here, which the extension leaves to the server: migrations must not end by accident.
    'sep-2663-cancel-ack-empty-result',
  ],
  'tasks-capability-negotiation': [],
  'tasks-wire-fields': [],
  'tasks-request-state-removal': [],
  // Wants the very words of the suite's own tool in the answer.
  'tasks-request-headers': ['tasks-headers-tolerate-mcp-method-on-tools-call'],
  // Wants a tool that asks in the course of a task; nothing is asked here.
  'tasks-dispatch-and-envelope': ['tasks-result-type-complete-on-non-task-responses'],
  // No tool needs tasks: who does not know them gets a plain answer instead of an error.
  'tasks-required-task-error': ['sep-2663-server-returns-missing-capability-when-required'],
};

let sandbox: Sandbox;
let server: HttpProcess;
let fixtures: StandIn;
let folder: string;

beforeAll(async () => {
  // Real time: what is waited for must not end by itself.
  sandbox = await startSandbox({ speed: 1 });
  server = await serveHttp(loginOf(sandbox), ['--allow-write']);
  const user = await connectHttpUser({ url: server.url });
  const run = await execute(user, await createTransfer(user, 'slow-vm'));
  await user.close();
  const executions = [`${run.transfer_id}/${run.execution_id}`];
  const translate: Translate = ({ name, arguments: given }) => {
    if (name === 'greet') return { name: 'list_endpoints', arguments: {} };
    if (name !== 'slow_compute' && name !== 'failing_job') return undefined;
    const seconds = Number(given['seconds'] ?? 1);
    return seconds === 0
      ? { name: 'list_endpoints', arguments: {} }
      : { name: 'wait_for', arguments: { executions, timeout_seconds: seconds } };
  };
  fixtures = await standIn(server.url, translate);
  folder = mkdtempSync(join(tmpdir(), 'coriolis-conformance-tasks-'));
});
afterAll(async () => {
  await fixtures.stop();
  await server.stop();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function checksOf(scenario: string): Promise<readonly Check[]> {
  const place = join(folder, scenario);
  const spec = ['--spec-version', '2026-07-28', '--force'];
  const { stdout, stderr } = await ask(
    'conformance',
    ['server', '--url', fixtures.url, '--scenario', scenario, ...spec, '-o', place],
    folder,
  );
  const [name] = readdirSync(place);
  if (name === undefined) throw new Error(`${stdout}\n${stderr}`);
  return JSON.parse(readFileSync(join(place, name, 'checks.json'), 'utf8')) as Check[];
}

describe('the suite’s scenarios of the tasks extension, with work of ours in the place of its tools', () => {
  it.each(Object.entries(FAILING))(
    '%s fails only where this server means to do otherwise',
    async (scenario, failing) => {
      const checks = await checksOf(scenario);

      const passed = checks.filter(({ status }) => status === 'SUCCESS');
      const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');

      expect(failed.map(({ id }) => id)).toEqual(failing);
      expect(passed.length).toBeGreaterThan(0);
    },
  );
});
