import type { Deployment } from '../../../sandbox/world/model';
import type { Row } from '../../mcp/support/client';
import { enumerate, sorted, type Question } from '../question';
import { executionsOf, type World } from '../world';

const NIGHTS = ['nights', 'legacy'] as const;

const deploymentsOf = (world: World, name: string): readonly Deployment[] =>
  [...world.sandbox.world.deployments].filter(
    ({ transferId, deletedAt }) => transferId === world.transfer(name).id && deletedAt === null,
  );

const deployedQuestion = (name: string, transfer: string): Question => ({
  name,
  topic: 'what happened',
  worlds: NIGHTS,
  ask: `Is "${transfer}" deployed already? If it was tried, how did the newest deployment end? Answer null when it was never tried.`,
  truth: (world) => deploymentsOf(world, transfer).at(-1)?.lastExecutionStatus ?? null,
  solve: async (assistant) => {
    const { result } = await assistant.call('get_transfer', { transfer_id: transfer });
    if (result['all_deployments_read'] !== true) throw new Error('Not all deployments were read');
    const [newest] = result['deployments'] as Row[];
    return newest === undefined ? null : String(newest['status']);
  },
  tell: (truth) =>
    truth === null ? 'No, nobody tried to.' : `No: its newest deployment ended as ${String(truth)}.`,
});

/** Yesterday at an hour in Berlin, unix seconds. Wrong by an hour when the clocks change in between. */
function yesterdayInBerlin(now: number, hour: number): number {
  const local = new Date(now * 1000).toLocaleString('sv-SE', { timeZone: 'Europe/Berlin' });
  const offset = Math.round((Date.parse(`${local.replace(' ', 'T')}Z`) / 1000 - now) / 60) * 60;
  return Date.parse(`${local.slice(0, 10)}T00:00:00Z`) / 1000 - offset - (24 - hour) * 3600;
}

/** Questions about what is deployed, what licences still cover, and periods that begin at a time of day. */
export const deployedAndLicensedQuestions: readonly Question[] = [
  deployedQuestion('deployed-in-vain', 'Payroll'),
  deployedQuestion('not-deployed', 'Web shop'),
  {
    name: 'the-new-machine',
    topic: 'what happened',
    worlds: ['nights'],
    ask: 'Is "Mail" deployed already, and which id has its machine at the destination?',
    truth: (world) => {
      const { 'app-02': info } = deploymentsOf(world, 'Mail').at(-1)?.info ?? {};
      return String(info?.transfer_result?.['id']);
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('get_transfer', { transfer_id: 'Mail' });
      const [newest] = result['deployments'] as { deployed_machines: { id: string }[] }[];
      return newest?.deployed_machines[0]?.id ?? null;
    },
    tell: (truth) => `Yes, as ${String(truth)}.`,
  },
  {
    name: 'the-next-licence-to-end',
    topic: 'licences',
    worlds: NIGHTS,
    ask: 'Which licence ends next, on which day (UTC), and for how many replicas is it?',
    truth: ({ sandbox }) => {
      const now = sandbox.world.serverSeconds();
      const [next] = [...sandbox.licensing.appliances.values()]
        .flatMap(({ licences }) => [...licences.values()])
        .filter(({ periodEnd }) => periodEnd > now)
        .sort((one, other) => one.periodEnd - other.periodEnd);
      const day = new Date((next?.periodEnd ?? 0) * 1000).toISOString().slice(0, 10);
      return { id: next?.id ?? '', day, replicas: next?.replicas ?? 0 };
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('get_appliance_status');
      const [next] = result['licences_ending'] as { id: string; valid_until: string; replicas: number }[];
      return {
        id: next?.id ?? '',
        day: next?.valid_until.slice(0, 10) ?? '',
        replicas: next?.replicas ?? 0,
      };
    },
    tell: (truth) => {
      const { id, day, replicas } = truth as { id: string; day: string; replicas: number };
      return `${id} on ${day}, for ${replicas} replicas.`;
    },
  },
  {
    name: 'failed-since-last-evening',
    topic: 'what needs me',
    worlds: NIGHTS,
    ask: 'What has failed since yesterday 18:00 in Berlin? Give the names.',
    truth: (world) => {
      const since = yesterdayInBerlin(world.sandbox.world.serverSeconds(), 18);
      const rows = [...world.transfers(), ...world.sandbox.world.deployments];
      return sorted(
        rows
          .filter((row) => row.lastExecutionStatus === 'ERROR' && (row.updatedAt ?? 0) >= since)
          .map(({ notes }) => String(notes)),
      );
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('summarize_estate', { since: 'yesterday 18:00 Europe/Berlin' });
      return sorted((result['failed'] as Row[]).map(({ name }) => String(name)));
    },
    tell: (truth) => `${enumerate(truth)}.`,
  },
  {
    name: 'first-of-the-failures',
    topic: 'why it failed',
    worlds: NIGHTS,
    ask: '"Orders database" fails every night. When did the first of these failures in a row begin? In UTC.',
    truth: (world) => {
      const runs = executionsOf(world.transfer('Orders database'));
      const completed = runs.findLastIndex(({ status }) => status === 'COMPLETED');
      return new Date((runs[completed + 1]?.createdAt ?? 0) * 1000).toISOString().slice(0, 19);
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_executions', { transfer_id: 'Orders database' });
      const completed = rows.findIndex(({ outcome }) => outcome === 'completed');
      return String(rows[completed - 1]?.['created_at']).slice(0, 19);
    },
    tell: (truth) => `At ${String(truth)} UTC.`,
  },
];
