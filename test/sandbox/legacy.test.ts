import { legacyActions } from './legacy-actions';
import { SandboxUser } from './user';
import type { Deployment, Execution, Json, Transfer } from './user';
import { loginToken, rawRequest } from './wire';

describe('a sandbox of the legacy generation', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start({ generation: 'legacy' });
  });

  afterEach(() => user.stop());

  const { send, replicas, migrations, migrate, fields, until, typesOf } = legacyActions(() => user);

  /** The replica of the first estate whose last execution ended like this. */
  async function replicaThat(status: 'COMPLETED' | 'ERROR' | 'UNEXECUTED'): Promise<string> {
    const found = (await replicas()).find((replica) => replica.last_execution_status === status);
    return found?.id ?? '';
  }

  it('says so, and is where the catalogue says', async () => {
    const { connection } = user.sandbox;

    expect(connection.generation).toBe('legacy');
    expect((await send('GET', '/replicas')).status).toBe(200);
  });

  it.each(['/transfers', '/transfers/detail', '/transfers/x/executions', '/deployments', '/deployments/x'])(
    'does not know %s',
    async (path) => {
      const answer = await send('GET', path);

      expect([answer.status, answer.body['error']]).toEqual([404, undefined]);
    },
  );

  describe('its lists', () => {
    it('are complete and in the order of ids, whatever is asked', async () => {
      const all = (await replicas()).map(({ id }) => id);

      const asked = await replicas('?limit=1&sort_key=created_at&sort_dir=up&status=NONSENSE&marker=x');

      expect(all).toEqual([...all].sort());
      expect(asked.map(({ id }) => id)).toEqual(all);
    });

    it.each([
      ['true', 1],
      ['True', 0],
      ['1', 0],
    ])('show deleted migrations with show_deleted=%s: %i', async (word, count) => {
      const { id } = await migrate(['web-02']);
      await until(`/migrations/${id}`, 'migration', 'COMPLETED');
      await send('DELETE', `/migrations/${id}`);

      expect(await migrations(`?show_deleted=${word}`)).toHaveLength(count);
    });
  });

  describe('a replica', () => {
    it('has nothing that came later, also when it was sent', async () => {
      const more = { scenario: 'live_migration', clone_disks: 'no boolean', skip_os_morphing: 7 };

      const answer = await send('POST', '/replicas', { replica: await fields(['web-02'], more) });

      expect(answer.status).toBe(200);
      const names = Object.keys(answer.body['replica'] as Json);
      for (const name of ['scenario', 'clone_disks', 'skip_os_morphing', 'clustered']) {
        expect(names).not.toContain(name);
      }
    });

    it('shows its executions with their tasks when it is shown alone, and no details even when asked', async () => {
      const id = await replicaThat('COMPLETED');

      const replica = await user.get<Transfer>(`/replicas/${id}?include_task_info=true`, 'replica');

      const executions = replica['executions'] as Execution[];
      expect(executions.map(({ type }) => type)).toEqual(Array(5).fill('replica_execution'));
      expect(executions[0]?.tasks[0]?.task_type).toBe('VALIDATE_REPLICA_SOURCE_INPUTS');
      expect(replica).not.toHaveProperty('info');
    });

    it('can neither be updated nor deployed by force before it was executed', async () => {
      const id = await replicaThat('UNEXECUTED');

      const update = await send('PUT', `/replicas/${id}`, { replica: { notes: 'x' } });
      const deployment = await send('POST', '/migrations', { migration: { replica_id: id, force: true } });

      expect([update.status, deployment.status]).toEqual([400, 400]);
      expect(user.message(update)).toBe('The Replica has never been executed.');
      expect(user.message(deployment)).toBe('The Replica has never been executed.');
    });

    it('is not deployed by itself', async () => {
      const id = await replicaThat('COMPLETED');
      const answer = await send('POST', `/replicas/${id}/executions`, { execution: { auto_deploy: true } });
      const { id: execution } = answer.body['execution'] as Execution;

      await until(`/replicas/${id}/executions/${execution}`, 'execution', 'COMPLETED');
      user.clock.advance(60);

      expect(await migrations()).toEqual([]);
    });

    it('keeps scripts as the text they were sent as', async () => {
      const user_scripts = { global: { linux: '#!/bin/sh\ntrue' }, instances: { 'web-02': 'echo' } };

      const answer = await send('POST', '/replicas', { replica: await fields(['web-02'], { user_scripts }) });

      expect(answer.body['replica']).toMatchObject({ user_scripts });
    });
  });

  describe('a migration of a replica', () => {
    it('deploys it, with tasks of replicas', async () => {
      const id = await replicaThat('COMPLETED');

      const { body } = await send('POST', '/migrations', { migration: { replica_id: id } });
      const started = body['migration'] as Deployment;

      expect(started).toMatchObject({
        type: 'migration',
        replica_id: id,
        shutdown_instances: false,
        replication_count: 2,
        last_execution_status: 'RUNNING',
      });
      expect(typesOf(started)).toContain('DEPLOY_REPLICA_INSTANCE_RESOURCES');
      const done = await until<Deployment>(`/migrations/${started.id}`, 'migration', 'COMPLETED');
      expect(done['transfer_result']).toHaveProperty('web-01.id');
      const busy = await send('POST', `/replicas/${id}/executions`, { execution: {} });
      expect(busy.status).toBe(200);
    });

    it('takes the scripts of the replica when it has none, and loses those for single instances', async () => {
      const user_scripts = { global: { linux: 'replica' }, instances: { 'web-02': 'of the instance' } };
      const { body } = await send('POST', '/replicas', {
        replica: await fields(['web-02'], { user_scripts }),
      });
      const { id } = body['replica'] as Transfer;
      const { body: started } = await send('POST', `/replicas/${id}/executions`, { execution: {} });
      const execution = (started['execution'] as Execution).id;
      await until(`/replicas/${id}/executions/${execution}`, 'execution', 'COMPLETED');

      const own = await send('POST', '/migrations', { migration: { replica_id: id, user_scripts } });
      const { id: first } = own.body['migration'] as Deployment;
      await until(`/migrations/${first}`, 'migration', 'COMPLETED');
      const none = await send('POST', '/migrations', { migration: { replica_id: id, user_scripts: {} } });

      expect(own.body['migration']).toMatchObject({
        user_scripts: { global: { linux: 'replica' }, instances: {} },
      });
      expect(none.body['migration']).toMatchObject({ user_scripts });
    });

    it('keeps its replica busy', async () => {
      const id = await replicaThat('COMPLETED');
      await send('POST', '/migrations', { migration: { replica_id: id } });

      const answer = await send('POST', `/replicas/${id}/executions`, { execution: {} });

      expect(user.message(answer)).toBe(`Replica '${id}' is currently being migrated`);
    });
  });

  it('has no word of the current generation for whatever happened', async () => {
    const id = await replicaThat('COMPLETED');
    const replica = `/replicas/${id}`;
    await send('POST', `${replica}/schedules`, { schedule: { minute: 0 }, auto_deploy: true });
    const { body: update } = await send('PUT', replica, { replica: { notes: 'x' } });
    await until(`${replica}/executions/${(update['execution'] as Execution).id}`, 'execution', 'COMPLETED');
    const { body: deployment } = await send('POST', '/migrations', { migration: { replica_id: id } });
    const ofReplica = `/migrations/${(deployment['migration'] as Deployment).id}`;
    await until(ofReplica, 'migration', 'COMPLETED');
    const { body: deletion } = await send('POST', `${replica}/actions`, { 'delete-disks': null });
    await until(`${replica}/executions/${(deletion['execution'] as Execution).id}`, 'execution', 'COMPLETED');
    const direct = `/migrations/${(await migrate(['fail-deploy-vm'])).id}`;
    await until(direct, 'migration', 'ERROR');

    const words = new Set<string>();
    for (const path of ['/replicas', '/replicas/detail', replica, '/migrations', ofReplica, direct]) {
      collectWords((await send('GET', path)).body, words);
    }
    for (const path of ['executions', 'executions/detail', 'schedules']) {
      collectWords((await send('GET', `${replica}/${path}`)).body, words);
    }

    expect([...words].filter((word) => /transfer|deployment/i.test(word)).sort()).toEqual([
      'CLEANUP_FAILED_INSTANCE_DEPLOYMENT',
      'FINALIZE_INSTANCE_DEPLOYMENT',
      'FINALIZE_REPLICA_INSTANCE_DEPLOYMENT',
      'VALIDATE_REPLICA_DEPLOYMENT_INPUTS',
      'transfer_result',
    ]);
    const later = ['scenario', 'clone_disks', 'skip_os_morphing', 'clustered', 'auto_deploy', 'deployer_id'];
    expect(later.filter((word) => words.has(word))).toEqual([]);
  });

  it('repeats names in errors as they were sent', async () => {
    const body = { replica: await fields(['a'], { network_map: { transfer: 'deployment' } }) };
    const missing = await send('GET', '/endpoints/transfer');
    const scripts = await send('POST', '/replicas', {
      replica: { ...body.replica, user_scripts: { global: { transfer: 'x' } } },
    });

    expect(user.message(missing)).toContain("'transfer'");
    expect(user.message(scripts)).toContain('"transfer"');
  });
});

/** Gathers the names of members and the values that are words of the API. */
function collectWords(value: unknown, words: Set<string>): void {
  if (Array.isArray(value)) {
    for (const element of value) collectWords(element, words);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      words.add(name);
      if (name === 'type' || name === 'task_type') words.add(String(member));
      collectWords(member, words);
    }
  }
}

describe('a 204 of a legacy sandbox', () => {
  async function rawCancel(options: { bodyOn204?: boolean }): Promise<string> {
    const user = await SandboxUser.start({ generation: 'legacy', ...options });
    try {
      const [replica] = await user.get<Transfer[]>('/replicas', 'replicas');
      const token = await loginToken(user.sandbox);
      return await rawRequest(user.sandbox.url, [
        `DELETE ${new URL(user.sandbox.coriolisUrl).pathname}/replicas/${replica?.id} HTTP/1.1`,
        'Host: sandbox',
        'Connection: close',
        `X-Auth-Token: ${token}`,
      ]);
    } finally {
      await user.stop();
    }
  }

  it('carries a body', async () => {
    const raw = await rawCancel({});

    expect(raw).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(raw).toMatch(/\r\ncontent-length: 64\r\n/i);
    expect(raw).toMatch(/\r\n\r\n\{"error": \{"fault": "computeFault", "code": 204, "message": ""\}\}$/);
  });

  it('carries none where that is switched off', async () => {
    const raw = await rawCancel({ bodyOn204: false });

    expect(raw).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(raw).toMatch(/\r\n\r\n$/);
  });
});
