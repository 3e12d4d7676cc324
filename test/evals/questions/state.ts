import { vmwareVspherePlatform } from '../../../sandbox/platforms/vmware-vsphere';
import type { Transfer } from '../../../sandbox/world/model';
import { isActiveExecutionStatus } from '../../../sandbox/world/model';
import { MACHINES } from '../worlds';
import { DAY, HOUR, lastCopyOf, nameOf, type World } from '../world';
import { enumerate, sorted, textsOf, type Question } from '../question';

const NIGHTS = ['nights', 'legacy'] as const;

const replicas = (world: World): readonly Transfer[] =>
  world.transfers().filter(({ scenario }) => scenario === 'replica');

const instancesOf = (transfers: readonly Transfer[]): readonly string[] =>
  transfers.flatMap(({ instances }) => instances as readonly string[]);

const copyAgeHours = (world: World, name: string): number | null => {
  const copy = lastCopyOf(world, world.transfer(name));
  return copy === null ? null : Math.round((world.sandbox.world.serverSeconds() - copy) / HOUR);
};

/** Whether a transfer can be deployed: it has a usable copy, and nothing of it is at work. */
const isDeployable = (world: World, name: string): boolean =>
  lastCopyOf(world, world.transfer(name)) !== null &&
  !isActiveExecutionStatus(world.transfer(name).lastExecutionStatus);

/** Names of the transfers with a schedule of this kind; all schedules of these worlds are daily. */
const scheduledNames = (
  world: World,
  isMeant: (schedule: { readonly enabled: boolean }) => boolean,
): readonly string[] => {
  const meant = new Set(
    [...world.sandbox.world.schedules].filter(isMeant).map(({ transferId }) => transferId),
  );
  return sorted(
    world
      .transfers()
      .filter(({ id }) => meant.has(id))
      .map(nameOf),
  );
};

const copyAgeQuestion = (name: string, transfer: string): Question => ({
  name,
  topic: 'age of copies',
  worlds: NIGHTS,
  ask: `How old, in whole hours, is the last usable copy of "${transfer}"? Answer null when there is none.`,
  truth: (world) => copyAgeHours(world, transfer),
  solve: async (assistant) => {
    const { rows } = await assistant.call('list_transfers', {
      search: transfer,
      fields: ['name', 'last_copy_at', 'last_copy_age_seconds', 'no_copy_reason'],
    });
    const age = rows[0]?.['last_copy_age_seconds'];
    return age === undefined ? null : Math.round(Number(age) / HOUR);
  },
  tell: (truth) => (truth === null ? 'There is no usable copy.' : `${String(truth)} hours.`),
});

const safeQuestion = (name: string, transfer: string): Question => ({
  name,
  topic: 'is it safe',
  worlds: NIGHTS,
  ask: `Can "${transfer}" be deployed now, or does something stand in the way?`,
  truth: (world) => isDeployable(world, transfer),
  solve: async (assistant) => {
    const { result } = await assistant.call('preflight_transfer', { transfer_id: transfer });
    return result['verdict'] !== 'blocked';
  },
  tell: (truth) => (truth === true ? 'It can be deployed.' : 'It cannot be deployed now.'),
});

/** Questions about the state: copies, protection, readiness, licences, names. */
export const stateQuestions: readonly Question[] = [
  copyAgeQuestion('copy-of-a-nightly-replica', 'Web shop'),
  copyAgeQuestion('copy-behind-failures', 'Orders database'),
  copyAgeQuestion('copy-behind-an-update', 'Continuous integration'),
  copyAgeQuestion('copy-of-deleted-disks', 'Source code'),
  copyAgeQuestion('copy-during-the-first-sync', 'File server'),
  {
    name: 'copies-of-all',
    topic: 'age of copies',
    worlds: NIGHTS,
    ask: 'Which replicas have no usable copy on the destination at all? Give their names.',
    truth: (world) =>
      sorted(
        replicas(world)
          .filter((transfer) => lastCopyOf(world, transfer) === null)
          .map(nameOf),
      ),
    solve: async (assistant) => {
      const { result } = await assistant.call('report_rpo');
      const rows = result['rows'] as Record<string, unknown>[];
      return textsOf(
        rows.filter(({ state }) => state === 'no_copy'),
        'name',
      );
    },
    tell: (truth) => `Without a copy: ${enumerate(truth)} (one name may stand for several transfers).`,
  },
  {
    name: 'older-than-a-day',
    topic: 'age of copies',
    worlds: NIGHTS,
    ask: 'Our RPO is 24 hours. Which replicas have a copy, but an older one? Give their names.',
    truth: (world) =>
      sorted(
        replicas(world)
          .filter((transfer) => {
            const copy = lastCopyOf(world, transfer);
            return copy !== null && world.sandbox.world.serverSeconds() - copy > DAY;
          })
          .map(nameOf),
      ),
    solve: async (assistant) => {
      const { result } = await assistant.call('report_rpo', { rpo_target_seconds: DAY });
      const rows = result['rows'] as Record<string, unknown>[];
      return textsOf(
        rows.filter(({ state }) => state === 'missed'),
        'name',
      );
    },
    tell: (truth) => `Older than 24 hours: ${enumerate(truth)}.`,
  },
  {
    name: 'why-there-is-no-copy',
    topic: 'age of copies',
    worlds: NIGHTS,
    ask: '"Source code" was synced last night. Why has it no usable copy?',
    truth: () => 'disks_deleted',
    solve: async (assistant) => {
      const { result } = await assistant.call('get_transfer', { transfer_id: 'Source code' });
      return String(result['no_copy_reason']);
    },
    tell: () => 'Its disks on the destination were deleted after the sync.',
  },
  {
    name: 'switched-off-schedule',
    topic: 'age of copies',
    worlds: NIGHTS,
    ask: 'Why was "Continuous integration" not synced in the last nights, although it has a schedule?',
    truth: (world) => {
      const { id } = world.transfer('Continuous integration');
      return [...world.sandbox.world.schedules].some(
        ({ transferId, enabled }) => transferId === id && enabled,
      );
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_schedules', { transfer_id: 'Continuous integration' });
      return rows.some(({ enabled }) => enabled === true);
    },
    tell: () => 'Its schedule is disabled.',
  },
  {
    name: 'schedules-that-run-tonight',
    topic: 'what needs me',
    worlds: NIGHTS,
    ask: 'Which transfers will a schedule execute within the next 24 hours? Give their names.',
    truth: (world) => scheduledNames(world, ({ enabled }) => enabled),
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_schedules', {
        within_hours: 24,
        fields: ['name', 'next_run_at'],
      });
      return textsOf(rows, 'name');
    },
    tell: (truth) => `${enumerate(truth)}.`,
  },
  {
    name: 'schedules-that-are-off',
    topic: 'what needs me',
    worlds: NIGHTS,
    ask: 'Over all transfers: whose schedules are disabled? Give their names.',
    truth: (world) => scheduledNames(world, ({ enabled }) => !enabled),
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_schedules', {
        state: 'disabled',
        fields: ['name', 'state'],
      });
      return textsOf(rows, 'name');
    },
    tell: (truth) => `Those of ${enumerate(truth)}.`,
  },
  {
    name: 'machines-without-a-transfer',
    topic: 'unprotected machines',
    worlds: NIGHTS,
    ask: 'How many machines of the endpoint "vcenter" are in no transfer?',
    truth: (world) => {
      const taken = instancesOf(world.transfers());
      const all = [
        ...vmwareVspherePlatform.instances.map(({ summary }) => summary.instance_name),
        ...MACHINES,
      ];
      return all.filter((name) => !taken.includes(name)).length;
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_instances', {
        endpoint_id: 'vcenter',
        without_transfer: true,
        fields: ['name'],
        limit: 100,
      });
      return rows.length;
    },
    tell: (truth) => `${String(truth)} machines.`,
  },
  {
    name: 'only-in-a-migration',
    topic: 'unprotected machines',
    worlds: ['nights'],
    ask: 'Which machines are only in a live migration and in no replica?',
    truth: (world) => {
      const protectedOnes = instancesOf(replicas(world));
      const moved = world.transfers().filter(({ scenario }) => scenario === 'live_migration');
      return sorted(instancesOf(moved).filter((name) => !protectedOnes.includes(name)));
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_instances', {
        endpoint_id: 'vcenter',
        coverage: 'migration',
      });
      return textsOf(rows, 'instance');
    },
    tell: (truth) => enumerate(truth),
  },
  {
    name: 'replicas-without-a-copy',
    topic: 'unprotected machines',
    worlds: NIGHTS,
    ask: 'Which machines of the endpoint "vcenter" are in a replica and have no usable copy all the same?',
    truth: (world) => {
      const copied = replicas(world).filter((transfer) => lastCopyOf(world, transfer) !== null);
      return sorted(instancesOf(replicas(world)).filter((name) => !instancesOf(copied).includes(name)));
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_instances', {
        endpoint_id: 'vcenter',
        coverage: 'replica',
        limit: 100,
      });
      return textsOf(
        rows.filter(({ last_copy_at: copy }) => copy === undefined),
        'instance',
      );
    },
    tell: (truth) => enumerate(truth),
  },
  {
    name: 'between-which-endpoints',
    topic: 'what happened',
    worlds: NIGHTS,
    ask: 'From which endpoint to which does "Web shop" go, and does a schedule sync it? Give their names.',
    truth: (world) => {
      const { originEndpointId, destinationEndpointId, id } = world.transfer('Web shop');
      const nameOfEndpoint = (wanted: string): string =>
        [...world.sandbox.world.endpoints].find((one) => one.id === wanted)?.name ?? '';
      const schedules = [...world.sandbox.world.schedules].filter(({ transferId }) => transferId === id);
      return {
        from: nameOfEndpoint(originEndpointId),
        to: nameOfEndpoint(destinationEndpointId),
        isScheduled: schedules.some(({ enabled }) => enabled),
      };
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('get_transfer', { transfer_id: 'Web shop' });
      const { origin_endpoint_name: from, destination_endpoint_name: to, schedule } = result;
      return { from: String(from), to: String(to), isScheduled: schedule === 'enabled' };
    },
    tell: (truth) => {
      const { from, to, isScheduled } = truth as { from: string; to: string; isScheduled: boolean };
      return `From ${from} to ${to}; ${isScheduled ? 'a schedule syncs it' : 'no schedule syncs it'}.`;
    },
  },
  {
    name: 'planned-but-unprotected',
    topic: 'unprotected machines',
    worlds: NIGHTS,
    ask: 'The machine "test-vm-01" is in a transfer. Is there a usable copy of it?',
    truth: (world) =>
      world
        .transfers()
        .filter((transfer) => instancesOf([transfer]).includes('test-vm-01'))
        .some((transfer) => lastCopyOf(world, transfer) !== null),
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_transfers', { search: 'test-vm-01' });
      return rows.some(({ last_copy_at: copy }) => copy !== undefined);
    },
    tell: () => 'No, it was never synced.',
  },
  safeQuestion('safe-after-a-good-night', 'Web shop'),
  safeQuestion('safe-with-an-old-copy', 'Orders database'),
  safeQuestion('unsafe-without-disks', 'Source code'),
  safeQuestion('unsafe-while-it-runs', 'Batch jobs'),
  safeQuestion('unsafe-without-a-sync', 'Not begun'),
  {
    name: 'replicas-left',
    topic: 'licences',
    worlds: NIGHTS,
    ask: 'How many more replicas do the licences allow?',
    truth: ({ sandbox: { licensing } }) => {
      const [appliance] = licensing.appliances.values();
      return appliance === undefined ? 0 : licensing.countAvailableUnits(appliance, 'replica');
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('get_appliance_status');
      return Number(result['current_available_replicas']);
    },
    tell: (truth) => `${String(truth)} more.`,
  },
  {
    name: 'licences-that-end',
    topic: 'licences',
    worlds: NIGHTS,
    ask: 'How many licences have expired, and how many end within 30 days?',
    truth: ({ sandbox }) => {
      const now = sandbox.world.serverSeconds();
      const all = [...sandbox.licensing.appliances.values()].flatMap(({ licences }) => [
        ...licences.values(),
      ]);
      return {
        expired: all.filter(({ periodEnd }) => periodEnd <= now).length,
        ending: all.filter(({ periodEnd }) => periodEnd > now && periodEnd < now + 30 * DAY).length,
      };
    },
    solve: async (assistant) => {
      const { result } = await assistant.call('get_appliance_status');
      return { expired: Number(result['licences_expired']), ending: Number(result['licences_ending_soon']) };
    },
    tell: (truth) => {
      const { expired, ending } = truth as { expired: number; ending: number };
      return `${expired} expired, ${ending} ends soon.`;
    },
  },
  {
    name: 'two-endpoints-of-one-name',
    topic: 'what needs me',
    worlds: NIGHTS,
    ask: 'Which networks has the endpoint "dr-site"? Say so if the question cannot be answered as it is.',
    truth: (world) => [...world.sandbox.world.endpoints].filter(({ name }) => name === 'dr-site').length,
    solve: async (assistant) => {
      const words = await assistant.refusal('list_endpoint_networks', { endpoint_id: 'dr-site' });
      return new Set(words.match(/[0-9a-f]{8}-[0-9a-f-]{27}/gu)).size;
    },
    tell: (truth) => `${String(truth)} endpoints have that name: one must be chosen by its id.`,
  },
  {
    name: 'two-transfers-of-one-name',
    topic: 'what happened',
    worlds: NIGHTS,
    ask: 'Which machines do the transfers named "Twin" move?',
    truth: (world) => sorted(instancesOf(world.transfers().filter(({ notes }) => notes === 'Twin'))),
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_transfers', { search: 'Twin' });
      return sorted(rows.flatMap(({ instances }) => instances as string[]));
    },
    tell: (truth) => enumerate(truth),
  },
  {
    name: 'one-of-10000-by-its-name',
    topic: 'age of copies',
    worlds: ['large'],
    ask: 'When did the last usable copy of the newest completed transfer of "gitlab" begin? Give its name and the time in UTC.',
    truth: (world) => {
      const [newest] = newestCompleted(world, 'gitlab');
      if (newest === undefined) throw new Error('There is none');
      return {
        name: nameOf(newest),
        at: new Date((lastCopyOf(world, newest) ?? 0) * 1000).toISOString().slice(0, 19),
      };
    },
    solve: async (assistant) => {
      const { rows } = await assistant.call('list_transfers', {
        search: 'gitlab',
        status: 'COMPLETED',
        limit: 1,
        fields: ['name', 'last_copy_at'],
      });
      return { name: String(rows[0]?.['name']), at: String(rows[0]?.['last_copy_at']).slice(0, 19) };
    },
    tell: (truth) => {
      const { name, at } = truth as { name: string; at: string };
      return `${name}: ${at} UTC.`;
    },
  },
];

const newestCompleted = (world: World, machine: string): readonly Transfer[] =>
  world.sandbox.world.transfers
    .newestFirst(world.sandbox.users.migration.id)
    .filter(
      ({ instances, notes, lastExecutionStatus: status }) =>
        status === 'COMPLETED' && (instances.includes(machine) || String(notes).includes(machine)),
    );
