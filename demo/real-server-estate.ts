import { CanceledError, isCoriolisError } from '../src/api/errors';
import { catalogue } from '../src/catalogue';
import type { Coriolis } from '../src/api/operation-context';
import type { JsonObject } from '../src/model/json';
import { isActive } from '../src/model/status';
import { quoteText } from '../src/model/untrusted-text';
import { operationId, type Operation } from '../src/operation';
import { checkCall, prepareCall, fetchCallRows } from '../src/prepared-call';
import { waitFor, type WaitTargetRef } from '../src/waiting/wait-for-targets';
import type { ProgressBar, Screen, WorkflowStep } from './screen';
import type { RealServerSummary } from './demo-result';
import { textOrEmpty } from './text-or-empty';

const NAME_LENGTH = 60;
const SHOWN_TRANSFERS = 10;
const TITLE = 'What is there';
const STALL_SECONDS = 1800;

/** Data that the demo reads from a real Coriolis. */
type RealServerEstate = Pick<RealServerSummary, 'endpoints' | 'transfers' | 'newest'> & {
  readonly running: readonly RunningWork[];
};

/** A running execution or deployment. */
interface RunningWork {
  readonly name: string;
  readonly target: WaitTargetRef;
}

const operation = (id: string): Operation => {
  const found = catalogue.find((one) => operationId(one) === id);
  if (found === undefined) throw new Error(`The catalogue has no ${id}`);
  return found;
};

async function rows(
  coriolis: Coriolis,
  id: string,
  given: JsonObject = {},
  limit?: number,
): Promise<JsonObject[]> {
  const list = operation(id);
  if (list.kind !== 'list') throw new Error(`${id} is no list`);
  const found: JsonObject[] = [];
  for await (const { row } of fetchCallRows(checkCall(list, given), coriolis, { limit })) found.push(row);
  return found;
}

async function single(coriolis: Coriolis, id: string, given: JsonObject): Promise<JsonObject> {
  const one = operation(id);
  if (one.kind !== 'single') throw new Error(`${id} is a list`);
  return await (await prepareCall(one, coriolis, given)).run();
}

const shown = (value: unknown): string => quoteText(textOrEmpty(value), NAME_LENGTH);

/** Lists endpoints and transfers, and validates the connection of each endpoint. Only reads. */
export async function fetchRealServerEstate(coriolis: Coriolis, screen: Screen): Promise<RealServerEstate> {
  const steps = new Map<string, WorkflowStep>();
  const tell = (name: string, state: WorkflowStep['state'], detail = ''): void => {
    steps.set(name, { name, state, detail });
    screen.showSection({ title: TITLE, steps: [...steps.values()], bars: [] });
  };

  tell('List transfers', 'running');
  const transfers = await rows(coriolis, 'transfer.getAll');
  const deployments = await rows(coriolis, 'deployment.getAll', {}, 100);
  tell('List transfers', 'done', String(transfers.length));

  tell('List endpoints', 'running');
  const listed = await rows(coriolis, 'endpoint.getAll');
  tell('List endpoints', 'done', String(listed.length));
  const endpoints: RealServerSummary['endpoints'][number][] = [];
  for (const { id, name, type } of listed) {
    const step = `Connect to ${shown(name)}`;
    tell(step, 'running');
    const { valid, message } = await validate(coriolis, textOrEmpty(id));
    tell(step, valid ? 'done' : 'failed', message ?? '');
    endpoints.push({ name: shown(name), type: shown(type), valid, message });
  }
  return {
    endpoints,
    transfers: transfers.length,
    newest: transfers.slice(0, SHOWN_TRANSFERS).map(({ name, status, updated_at: changed }) => ({
      name: shown(name),
      status: shown(status),
      updated_at: shown(changed),
    })),
    running: [...(await runningExecutions(coriolis, transfers)), ...runningDeployments(deployments)],
  };
}

/** Validates an endpoint. A platform without a worker counts as an invalid connection. */
async function validate(coriolis: Coriolis, id: string): Promise<{ valid: boolean; message: string | null }> {
  try {
    const { valid, message } = await single(coriolis, 'endpoint.validate', { endpointId: id });
    return { valid: valid === true, message: message === null ? null : quoteText(textOrEmpty(message), 200) };
  } catch (error) {
    if (!isCoriolisError(error) || error instanceof CanceledError) throw error;
    return { valid: false, message: error.message };
  }
}

async function runningExecutions(
  coriolis: Coriolis,
  transfers: readonly JsonObject[],
): Promise<readonly RunningWork[]> {
  const running: RunningWork[] = [];
  for (const { id, name } of transfers.filter(({ status }) => isActive(textOrEmpty(status)))) {
    const transferId = textOrEmpty(id);
    const [newest] = await rows(coriolis, 'execution.getAll', { transferId }, 1);
    if (newest === undefined) continue;
    running.push({
      name: shown(name),
      target: { kind: 'execution', transferId, executionId: textOrEmpty(newest['id']) },
    });
  }
  return running;
}

const runningDeployments = (deployments: readonly JsonObject[]): readonly RunningWork[] =>
  deployments
    .filter(({ status }) => isActive(textOrEmpty(status)) || status === 'PENDING')
    .map(({ id, name }) => ({
      name: shown(name),
      target: { kind: 'deployment', deploymentId: textOrEmpty(id) },
    }));

/** Waits for all running executions and deployments, for a limited time, and shows their progress. */
export async function waitForRunningWork(
  coriolis: Coriolis,
  { running }: RealServerEstate,
  timeoutSeconds: number,
  screen: Screen,
): Promise<RealServerSummary['waited']> {
  const bars = new Map<RunningWork, ProgressBar>();
  return await Promise.all(
    running.map(async (one) => {
      const tell = (bar: Omit<ProgressBar, 'name'>): void => {
        bars.set(one, { name: `${one.name} ${one.target.kind}`, ...bar });
        screen.showSection({ title: 'What runs', steps: [], bars: [...bars.values()] });
      };
      const report: NonNullable<Coriolis['reportProgress']> = ({ progress }) =>
        tell({
          state: 'running',
          percent: progress.percent,
          ratePerMinute: progress.rate_percent_per_minute,
          etaSeconds: progress.eta_seconds,
          task: progress.running[0]?.task_type ?? '',
        });
      const [result] = await waitFor({ ...coriolis, reportProgress: report }, [one.target], {
        timeoutSeconds,
        stallSeconds: STALL_SECONDS,
      });
      const outcome = result?.outcome ?? 'timed_out';
      tell({
        state:
          outcome === 'completed' || outcome === 'failed' || outcome === 'canceled' ? outcome : 'running',
        percent: result?.percent ?? null,
        ratePerMinute: null,
        etaSeconds: null,
        task: result?.failure?.task_type ?? '',
      });
      return { name: one.name, outcome };
    }),
  );
}
