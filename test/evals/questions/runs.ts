import type { Row } from '../../mcp/support/client';
import { isActiveExecutionStatus } from '../../../sandbox/world/model';
import type { Execution, Transfer } from '../../../sandbox/world/model';
import { DAY, executionsOf, nameOf, type World } from '../world';
import { enumerate, sorted, textsOf, type Question } from '../question';

const NIGHTS = ['nights', 'legacy'] as const;

const newestOf = (world: World, name: string): Execution => {
  const found = executionsOf(world.transfer(name)).at(-1);
  if (found === undefined) throw new Error(`${name} has no execution`);
  return found;
};

const isRecent = (world: World, at: number | null): boolean =>
  (at ?? 0) >= world.sandbox.world.serverSeconds() - DAY;

const deploymentsOf = (world: World) =>
  [...world.sandbox.world.deployments].filter(
    ({ projectId, deletedAt }) => projectId === world.sandbox.users.migration.id && deletedAt === null,
  );

const failedLately = (world: World): readonly Transfer[] =>
  world
    .transfers()
    .filter(({ lastExecutionStatus: status, updatedAt }) => status === 'ERROR' && isRecent(world, updatedAt));

/** Moment of the last sign of life of a run, in unix seconds. */
const lastSignOf = ({ tasks }: Execution): number =>
  Math.max(
    ...tasks.flatMap((task) => [
      task.updatedAt ?? 0,
      ...task.progressUpdates.map(({ updatedAt, createdAt }) => updatedAt ?? createdAt),
      ...task.events.map(({ createdAt }) => createdAt),
    ]),
  );

const stalledIn = (world: World): readonly Transfer[] =>
  world
    .transfers()
    .filter(
      (transfer) =>
        isActiveExecutionStatus(transfer.lastExecutionStatus) &&
        world.sandbox.world.serverSeconds() - lastSignOf(newestOf(world, nameOf(transfer))) > 3600,
    );

const failingTaskOf = ({ tasks }: Execution): string =>
  tasks.find(({ status }) => status === 'ERROR')?.type ?? '';

/** The disk at work of a copy, by its messages: its id and its percent. */
function diskAtWork({ tasks }: Execution): {
  readonly disk: string;
  readonly percent: number;
  readonly perStep: number;
} {
  const copy = tasks.find(({ type, status }) => type === 'REPLICATE_DISKS' && status === 'RUNNING');
  const update = copy?.progressUpdates
    .filter(({ totalSteps, currentStep }) => totalSteps === 100 && currentStep < 100)
    .at(-1);
  const disk = /6000c29\S+/u.exec(update?.message ?? '')?.[0];
  if (update === undefined || disk === undefined) throw new Error('No disk is being copied');
  const seconds = (update.updatedAt ?? update.createdAt) - update.createdAt;
  return { disk, percent: update.currentStep, perStep: seconds / update.currentStep };
}

const durationsOf = (world: World, name: string): readonly number[] =>
  executionsOf(world.transfer(name))
    .filter(({ type, status }) => type === 'transfer_execution' && status === 'COMPLETED')
    .map(({ createdAt, updatedAt }) => (updatedAt ?? 0) - createdAt)
    // The first sync copies everything.
    .slice(1);

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((total, one) => total + one, 0) / numbers.length;

/** Whether the syncs take a fifth longer at the end than at the beginning, by the line of least squares. */
function isSlower(world: World, name: string): boolean {
  const durations = durationsOf(world, name);
  const middle = (durations.length - 1) / 2;
  const spread = mean(durations.map((_, at) => (at - middle) ** 2));
  const slope = mean(durations.map((duration, at) => duration * (at - middle))) / spread;
  const [first, last] = [mean(durations) - slope * middle, mean(durations) + slope * middle];
  return last >= 1.2 * first;
}

/** Name and failing task of the newest failure in a summary of the estate. */
function newestFailure(estate: Row): { readonly name: string; readonly task: string } {
  const [failed] = estate['failed'] as { name: string; cause: string }[];
  return { name: failed?.name ?? '', task: failed?.cause.split(':')[0] ?? '' };
}

const slowerQuestion = (name: string, transfer: string): Question => ({
  name,
  topic: 'is it getting slower',
  worlds: NIGHTS,
  ask: `Do the nightly syncs of "${transfer}" take noticeably longer than they used to (by a fifth or more)?`,
  truth: (world) => isSlower(world, transfer),
  async solve(assistant) {
    const { result } = await assistant.call('get_transfer_history', { transfer_id: transfer });
    const { trend_percent: trend } = result['incremental'] as { trend_percent?: number };
    return (trend ?? 0) >= 20;
  },
  tell: (truth) => (truth === true ? 'Yes, they get slower.' : 'No, they do not.'),
});

/** Questions about runs: what failed, what stands still, when it is through, what happened. */
export const runQuestions: readonly Question[] = [
  {
    name: 'failed-lately',
    topic: 'what needs me',
    worlds: NIGHTS,
    ask: 'Which transfers and deployments failed within the last 24 hours? Give their names.',
    truth: (world) =>
      sorted([
        ...failedLately(world).map(nameOf),
        ...deploymentsOf(world)
          .filter(({ execution }) => execution?.status === 'ERROR' && isRecent(world, execution.updatedAt))
          .map(({ notes }) => String(notes)),
      ]),
    solve: async (assistant) => {
      const { result } = await assistant.call('summarize_estate');
      return textsOf(result['failed'] as Record<string, unknown>[], 'name');
    },
    tell: (truth) => `These failed: ${enumerate(truth)}.`,
  },
  {
    name: 'standing-still',
    topic: 'what needs me',
    worlds: NIGHTS,
    ask: 'Which runs stand still although they are shown as running? Give the names of their transfers.',
    truth: (world) => sorted(stalledIn(world).map(nameOf)),
    solve: async (assistant) => {
      const { result } = await assistant.call('summarize_estate');
      return textsOf(result['stalled'] as Record<string, unknown>[], 'name');
    },
    tell: (truth) => `These stand still: ${enumerate(truth)}.`,
  },
  {
    name: 'counts-of-10000',
    topic: 'what needs me',
    worlds: ['large'],
    ask: 'How many transfers failed within the last 24 hours, and how many were never executed?',
    truth: (world) => ({
      failed: failedLately(world).length,
      never: world.transfers().filter(({ lastExecutionStatus: status }) => status === 'UNEXECUTED').length,
    }),
    solve: async (assistant) => {
      const { result } = await assistant.call('summarize_estate');
      return { failed: Number(result['failed_count']), never: Number(result['never_executed_count']) };
    },
    tell: (truth) => {
      const { failed, never } = truth as { failed: number; never: number };
      return `${failed} failed, ${never} were never executed.`;
    },
  },
  {
    name: 'never-executed',
    topic: 'what needs me',
    worlds: NIGHTS,
    ask: 'Which transfers were created but never executed? Give their names.',
    truth: (world) =>
      sorted(
        world
          .transfers()
          .filter(({ lastExecutionStatus: status }) => status === 'UNEXECUTED')
          .map(nameOf),
      ),
    solve: async (assistant) => {
      const { result } = await assistant.call('summarize_estate');
      return textsOf(result['never_executed'] as Record<string, unknown>[], 'name');
    },
    tell: (truth) => `Never executed: ${enumerate(truth)} (one name may stand for several transfers).`,
  },
  {
    name: 'why-the-database-failed',
    topic: 'why it failed',
    worlds: NIGHTS,
    ask: 'Why did the last sync of "Orders database" fail? Name the task, and whether a repetition without a change can help.',
    truth: (world) => ({ task: failingTaskOf(newestOf(world, 'Orders database')), retry: 'after_fix' }),
    solve: async (assistant) => {
      const { result } = await assistant.call('diagnose', { transfer_id: 'Orders database' });
      const { task_type: task = '' } = result['cause'] as { task_type?: string };
      const { retry = '' } = result['known_error'] as { retry?: string };
      return { task, retry };
    },
    tell: () =>
      'REPLICATE_DISKS failed because changed-block tracking is off or inconsistent. A repetition helps only after a fix.',
  },
  {
    name: 'why-the-newest-failure',
    topic: 'why it failed',
    worlds: NIGHTS,
    ask: 'What failed most recently, and in which task?',
    truth: (world) => {
      const [deployment] = deploymentsOf(world).filter(({ execution }) => execution?.status === 'ERROR');
      return {
        name: String(deployment?.notes),
        task: deployment?.execution?.tasks.find(({ status }) => status === 'ERROR')?.type ?? '',
      };
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('summarize_estate');
      return newestFailure(result);
    },
    tell: () =>
      'The deployment of Payroll, in DEPLOY_INSTANCE_RESOURCES: the quota of the destination is exceeded.',
  },
  {
    name: 'why-payroll-failed',
    topic: 'why it failed',
    worlds: NIGHTS,
    ask: 'Why did "Payroll" fail, in which task? Its last sync completed.',
    truth: (world) => {
      const [deployment] = deploymentsOf(world).filter(({ execution }) => execution?.status === 'ERROR');
      return deployment?.execution?.tasks.find(({ status }) => status === 'ERROR')?.type ?? '';
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('diagnose', { transfer_id: 'Payroll' });
      return (result['cause'] as { task_type?: string }).task_type ?? '';
    },
    tell: (truth) => `Its deployment failed in ${String(truth)}: the quota of the destination is exceeded.`,
  },
  {
    name: 'failures-in-a-row',
    topic: 'why it failed',
    worlds: NIGHTS,
    ask: 'How often has "Orders database" failed in a row?',
    truth: (world) => {
      const statuses = executionsOf(world.transfer('Orders database')).map(({ status }) => status);
      return statuses.length - 1 - statuses.lastIndexOf('COMPLETED');
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('get_transfer_history', { transfer_id: 'Orders database' });
      return Number(result['consecutive_failures']);
    },
    tell: (truth) => `${String(truth)} times.`,
  },
  {
    name: 'why-the-newest-of-10000',
    topic: 'why it failed',
    worlds: ['large'],
    ask: 'Which transfer failed most recently, and in which task?',
    truth: (world) => {
      const [newest] = [...failedLately(world)].sort(
        (one, other) => (other.updatedAt ?? 0) - (one.updatedAt ?? 0) || one.id.localeCompare(other.id),
      );
      if (newest === undefined) throw new Error('Nothing failed');
      return { name: nameOf(newest), task: failingTaskOf(newestOf(world, nameOf(newest))) };
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('summarize_estate');
      return newestFailure(result);
    },
    tell: (truth) => {
      const { name, task } = truth as { name: string; task: string };
      return `${name}, in ${task}.`;
    },
  },
  {
    name: 'since-when-it-stands-still',
    topic: 'is it stuck',
    worlds: NIGHTS,
    ask: 'The sync of "Batch jobs" is shown as running. For how many minutes has nothing changed in it?',
    tolerance: 0.02,
    truth: (world) => (world.sandbox.world.serverSeconds() - lastSignOf(newestOf(world, 'Batch jobs'))) / 60,
    solve: async (assistant) => {
      const { result } = await assistant.call('get_execution', { transfer_id: 'Batch jobs' });
      return Number(result['stalled_seconds']) / 60;
    },
    tell: (truth) => `Nothing has changed for about ${Math.round(Number(truth))} minutes: it is stuck.`,
  },
  {
    name: 'where-it-stands-still',
    topic: 'is it stuck',
    worlds: NIGHTS,
    ask: 'At which percent of its disk does the sync of "Batch jobs" stand still?',
    truth: (world) => diskAtWork(newestOf(world, 'Batch jobs')).percent,
    solve: async (assistant) => {
      const { result } = await assistant.call('get_execution', { transfer_id: 'Batch jobs' });
      return Number((result['running'] as { percent: number }[])[0]?.percent);
    },
    tell: (truth) => `At ${String(truth)} %.`,
  },
  {
    name: 'no-end-although-done',
    topic: 'is it stuck',
    worlds: NIGHTS,
    ask: 'The execution of "Archive" is RUNNING. Does any of its tasks still work?',
    truth: (world) => newestOf(world, 'Archive').tasks.some(({ status }) => status === 'RUNNING'),
    solve: async (assistant) => {
      const { result } = await assistant.call('get_execution', { transfer_id: 'Archive' });
      return ((result['running'] ?? []) as unknown[]).length > 0;
    },
    tell: () => 'No: all its tasks are done, and the execution still does not end.',
  },
  {
    name: 'not-stuck',
    topic: 'is it stuck',
    worlds: NIGHTS,
    ask: 'Is the sync of "File server" stuck?',
    truth: (world) => world.sandbox.world.serverSeconds() - lastSignOf(newestOf(world, 'File server')) > 3600,
    solve: async (assistant) => {
      const { result } = await assistant.call('diagnose', { transfer_id: 'File server' });
      return /nothing has changed/iu.test(String(result['summary']));
    },
    tell: () => 'No, it moves.',
  },
  {
    name: 'when-it-is-through',
    topic: 'when it is through',
    worlds: NIGHTS,
    ask: 'In how many minutes will the sync of "File server" be through?',
    tolerance: 0.25,
    truth: (world) => {
      const { percent, perStep } = diskAtWork(newestOf(world, 'File server'));
      return ((100 - percent) * perStep) / 60;
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('get_execution', { transfer_id: 'File server' });
      return Number(result['eta_seconds']) / 60;
    },
    tell: (truth) => `In about ${Math.round(Number(truth))} minutes (within a quarter).`,
  },
  {
    name: 'the-bottleneck',
    topic: 'when it is through',
    worlds: NIGHTS,
    ask: 'Which disk is the sync of "File server" copying? Give its id.',
    truth: (world) => diskAtWork(newestOf(world, 'File server')).disk,
    solve: async (assistant) => {
      const { result } = await assistant.call('get_execution', { transfer_id: 'File server' });
      const [running] = result['running'] as { message: string }[];
      return /6000c29\S+/u.exec(running?.message ?? '')?.[0] ?? '';
    },
    tell: (truth) => `${String(truth)}, the one of 1,500 GiB.`,
  },
  slowerQuestion('slower-every-night', 'Reporting'),
  slowerQuestion('as-fast-as-ever', 'Payroll'),
  {
    name: 'length-of-the-last-sync',
    topic: 'what happened',
    worlds: NIGHTS,
    ask: 'How many seconds did the last sync of "Web shop" take?',
    truth: (world) => {
      const { createdAt, updatedAt } = newestOf(world, 'Web shop');
      return (updatedAt ?? 0) - createdAt;
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_executions', { transfer_id: 'Web shop', limit: 1 });
      return Number(rows[0]?.['duration_seconds']);
    },
    tell: (truth) => `${String(truth)} seconds.`,
  },
  {
    name: 'order-of-what-happened',
    topic: 'what happened',
    worlds: NIGHTS,
    ask: 'Which kinds of executions did "Source code" have in the last 24 hours, the newest first?',
    truth: (world) =>
      [...executionsOf(world.transfer('Source code'))]
        .filter(({ updatedAt }) => isRecent(world, updatedAt))
        .reverse()
        .map(({ type }) => type),
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_executions', { transfer_id: 'Source code', since: '1d' });
      return rows.map(({ type }) => String(type));
    },
    tell: (truth) => `${enumerate(truth)} (a deletion of its disks, and before that a sync).`,
  },
  {
    name: 'when-mail-was-deployed',
    topic: 'what happened',
    worlds: ['nights'],
    ask: 'When was "Mail" deployed to the destination, and did it work? Give the end in UTC.',
    truth: (world) => {
      const deployed = deploymentsOf(world).find(({ notes }) => notes === 'Mail')?.execution;
      return {
        status: deployed?.status ?? '',
        at: new Date((deployed?.updatedAt ?? 0) * 1000).toISOString().slice(0, 19),
      };
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_deployments', { search: 'Mail' });
      return { status: String(rows[0]?.['status']), at: String(rows[0]?.['finished_at']).slice(0, 19) };
    },
    tell: (truth) => {
      const { at } = truth as { at: string };
      return `It completed at ${at} UTC.`;
    },
  },
];
