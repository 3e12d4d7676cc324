import { decision, onStage, type Stage, type StageOptions } from './stage';

/** Waves: a person is asked before each one, and the next one begins only when the last one arrived whole. */

let stage: Stage;
afterEach(() => stage.stop());

const filledIn = {
  origin: 'vcenter',
  destination: 'openstack',
  network_map: 'VM Network=private, Backend=storage-net',
  destination_environment: '{"migr_network": "private"}',
};

const onTheWaves = ({ settings, ...options }: StageOptions): Promise<Stage> =>
  onStage('wave-migration', { ...options, settings: { ...filledIn, ...settings } });

const waves = (...machines: ReadonlyArray<readonly string[]>) => ({
  'The waves': {
    jsonOutput: JSON.stringify({
      waves: machines.map((names, index) => ({ wave: `Wave ${index + 1}`, machines: names })),
    }),
  },
});

const subjects = () => stage.mails.map(({ subject }) => subject);
/** Requests that begin anything, on both generations. */
const started = () =>
  stage.lab.sandbox.requests.count('POST', /\/(?:transfers|migrations|deployments|executions)$/u);

describe.each(['current', 'legacy'] as const)('on a server of the %s generation', (generation) => {
  test('migrates wave after wave, each after its own approval', async () => {
    stage = await onTheWaves({
      sandbox: { generation },
      parameters: waves(['web-02', 'web-03'], ['app-01']),
    });

    const first = await stage.run('Propose the waves');
    expect(subjects()).toEqual(['Coriolis: migrate Wave 1?']);
    expect(stage.mails[0]?.text).toContain('- web-02 (40 GiB): create, sync, final sync, deploy');
    expect(started()).toBe(0);

    const second = await stage.resume(first, decision('Migrate this wave'));
    expect(subjects()).toEqual(['Coriolis: migrate Wave 1?', 'Coriolis: migrate Wave 2?']);
    const afterWaveOne = stage.lab.sandbox.listFinishedRuns().length;

    const end = await stage.resume(second, decision('Migrate this wave'));
    expect(end.error).toBeUndefined();
    expect(end.status).toBe('success');
    expect(subjects()).toHaveLength(3);
    expect(subjects()[2]).toBe('Coriolis: all waves are migrated');
    expect(stage.lab.sandbox.listFinishedRuns().length).toBeGreaterThan(afterWaveOne);
    expect(stage.lab.sandbox.listFinishedRuns().every(({ status }) => status === 'COMPLETED')).toBe(true);
    const deployments = await stage.lab.rows('deployment.getAll', { returnAll: true });
    expect(deployments.map(({ instances, outcome }) => [instances, outcome])).toEqual(
      expect.arrayContaining([
        [['web-02'], 'completed'],
        [['web-03'], 'completed'],
        [['app-01'], 'completed'],
      ]),
    );
  });
});

test('takes everything from its form, a wave from each line', async () => {
  stage = await onStage('wave-migration');

  const asked = await stage.run('Propose the waves', [
    {
      Waves: 'Wave 1: web-02, web-03\n\nWave 2:app-01\nno machines',
      'Origin endpoint': 'vcenter',
      'Destination endpoint': 'openstack',
      Networks: '*=private',
      'Destination environment': '{"migr_network": "private"}',
      Sources: 'Shut down before the last copy',
    },
  ]);

  expect(asked.error).toBeUndefined();
  expect(asked.rows('The waves')).toEqual([
    {
      waves: [
        { wave: 'Wave 1', machines: ['web-02', 'web-03'] },
        { wave: 'Wave 2', machines: ['app-01'] },
      ],
    },
  ]);
  expect(stage.mails[0]?.text).toContain('SHUT DOWN on the source');
  expect(started()).toBe(0);
});

test('starts nothing when somebody declines', async () => {
  stage = await onTheWaves({ parameters: waves(['web-01', 'web-02']) });

  const end = await stage.resume(await stage.run('Propose the waves'), decision('Stop'));

  expect(end.status).toBe('success');
  expect(subjects()).toEqual(['Coriolis: migrate Wave 1?', 'Coriolis: Wave 1 was not approved']);
  expect(started()).toBe(0);
});

test('nor when nobody answers in time', async () => {
  stage = await onTheWaves({ parameters: waves(['web-01', 'web-02']) });

  await stage.resume(await stage.run('Propose the waves'));

  expect(subjects()).toEqual(['Coriolis: migrate Wave 1?', 'Coriolis: Wave 1 was not approved']);
  expect(started()).toBe(0);
});

test('does not even ask while something stands in the way, and names all of it', async () => {
  stage = await onTheWaves({
    settings: { network_map: 'VM Network=private' },
    parameters: waves(['web-02', 'app-01', 'no-such-vm']),
  });

  await stage.run('Propose the waves');

  expect(subjects()).toEqual(['Coriolis: not ready, nothing was started']);
  const [{ text } = { text: '' }] = stage.mails;
  expect(text).toContain('app-01:\nno destination is given for network "Backend"');
  expect(text).toContain('no-such-vm:\n');
  expect(text).not.toContain('web-02');
  expect(started()).toBe(0);
});

test('stops when a wave fails: the next one is never asked for', async () => {
  stage = await onTheWaves({
    parameters: waves(['web-02', 'fail-replication-vm'], ['web-03']),
  });

  const end = await stage.resume(await stage.run('Propose the waves'), decision('Migrate this wave'));

  expect(end.status).toBe('success');
  expect(subjects()).toEqual(['Coriolis: migrate Wave 1?', 'Coriolis: Wave 1 stopped the migration']);
  expect(stage.mails[1]?.text).toContain('web-02: done');
  expect(stage.mails[1]?.text).toContain('fail-replication-vm: failed');
  expect(stage.mails[1]?.text).toContain('refused connection');
});

test('a second run takes up what exists instead of making it twice', async () => {
  stage = await onTheWaves({ parameters: waves(['web-02']) });
  await stage.resume(await stage.run('Propose the waves'), decision('Migrate this wave'));
  const before = started();

  const end = await stage.resume(await stage.run('Propose the waves'), decision('Migrate this wave'));

  expect(end.status).toBe('success');
  expect(started()).toBe(before);
});
