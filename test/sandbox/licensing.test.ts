import { SandboxUser } from './user';
import type { Transfer } from './user';

interface Reservation {
  readonly id: string;
  readonly type: string;
  readonly count: number;
  readonly fulfilled_at: string | null;
}

const PEM = '-----BEGIN LICENCE-----\nc2FuZGJveA==\n-----END LICENCE-----\n';
const LIVE = { scenario: 'live_migration' };

describe('the licensing server of the sandbox', () => {
  let user: SandboxUser;
  let appliance: string;

  const arrive = async (licensing: boolean): Promise<void> => {
    user = await SandboxUser.start({ licensing });
    const { appliances } = (await get('/appliances')) as { appliances: { id: string }[] };
    appliance = `/appliances/${appliances[0]?.id}`;
  };

  afterEach(() => user.stop());

  const get = async (path: string): Promise<unknown> => (await user.ask('GET', `/licensing${path}`)).json();
  const reservations = async (): Promise<Reservation[]> =>
    ((await get(`${appliance}/reservations`)) as { reservations: Reservation[] }).reservations;
  const status = async (): Promise<Record<string, number>> =>
    ((await get(`${appliance}/status`)) as { appliance_licence_status: Record<string, number> })
      .appliance_licence_status;
  const deploy = async (transfer: string): Promise<void> => {
    const answer = await user.send('POST', '/deployments', { deployment: { transfer_id: transfer } });
    const { id } = answer.body['deployment'] as { id: string };
    for (let step = 0; step < 500; step += 1) {
      const { last_execution_status } = await user.get<Transfer>(`/deployments/${id}`, 'deployment');
      if (last_execution_status === 'COMPLETED') return;
      user.clock.advance(10);
    }
    throw new Error('The deployment never completed');
  };

  it('registers licences in PEM format, shows and deletes them, and refuses anything else', async () => {
    await arrive(false);
    const before = await status();

    const registered = await user.ask('POST', `/licensing${appliance}/licences`, PEM);
    const { licence } = (await registered.json()) as { licence: { id: string } };
    const after = await status();
    const refused = await user.ask('POST', `/licensing${appliance}/licences`, '{"licence": "…"}');
    const shown = await get(`${appliance}/licences/${licence.id}`);
    const deleted = await user.ask('DELETE', `/licensing${appliance}/licences/${licence.id}`);
    const gone = await user.ask('GET', `/licensing${appliance}/licences/${licence.id}`);

    expect(registered.status).toBe(201);
    expect(after['current_available_replicas']).toBe(2 * (before['current_available_replicas'] ?? 0));
    expect(shown).toEqual({ licence });
    expect([refused.status, deleted.status, gone.status]).toEqual([400, 204, 404]);
    expect(await gone.json()).toEqual({
      error: { code: 404, message: expect.stringContaining(licence.id) as string },
    });
  });

  it('is not asked by Coriolis unless it is switched on', async () => {
    await arrive(false);

    const { id, reservation_id } = await user.syncedTransfer(['web-01'], LIVE);
    await deploy(id);

    expect(reservation_id).toBeNull();
    expect(await reservations()).toEqual([]);
    expect((await user.send('POST', `/transfers/${id}/executions`, { execution: {} })).status).toBe(200);
  });

  it('sets a unit aside for each instance, and counts it as used when a replica has completed', async () => {
    await arrive(true);

    const { id, reservation_id } = await user.createTransfer(['web-01', 'web-02']);
    const [reserved] = await reservations();
    const execution = await user.execute(id);
    await user.until(id, execution.id, 'COMPLETED', 60);
    const [fulfilled] = await reservations();
    const again = await user.send('POST', `/transfers/${id}/executions`, { execution: {} });

    expect(reserved).toMatchObject({ id: reservation_id, type: 'replica', count: 2, fulfilled_at: null });
    expect(fulfilled?.fulfilled_at).not.toBeNull();
    expect(again.status).toBe(200);
  });

  it('lets a live migration be executed until it is deployed, and then no more', async () => {
    await arrive(true);
    const { id } = await user.syncedTransfer(['web-01'], LIVE);
    const before = await reservations();
    await deploy(id);

    const executed = await user.send('POST', `/transfers/${id}/executions`, { execution: {} });
    const deployed = await user.send('POST', '/deployments', { deployment: { transfer_id: id } });

    expect(before).toMatchObject([{ type: 'migration', fulfilled_at: null }]);
    expect([executed.status, deployed.status]).toEqual([400, 400]);
    expect(user.message(executed)).toContain('has already been fulfilled on');
  });

  it('is in the diagnostics of a conductor that is configured with it, and only there', async () => {
    await arrive(true);
    await user.createTransfer(['web-01']);

    const entries = await user.get<Record<string, unknown>[]>('/diagnostics', 'diagnostics');
    const telling = entries.filter((entry) => 'licensing_status' in entry);

    expect(telling).toMatchObject([
      { application: 'coriolis-conductor', licensing_status: await status(), reservations: [{ count: 1 }] },
    ]);
  });

  it('refuses a transfer for which no licence is left, and gives back what a deleted one has not used', async () => {
    await arrive(true);
    const { current_available_replicas: left = 0 } = await status();
    const machines = Array.from({ length: left }, (_machine, index) => `machine-${index}`);
    const { id } = await user.createTransfer(machines);

    const endpoints = await user.get<{ id: string }[]>('/endpoints', 'endpoints');
    const body = {
      origin_endpoint_id: endpoints[0]?.id,
      destination_endpoint_id: endpoints[1]?.id,
      instances: ['web-01'],
      destination_environment: { migr_network: 'private' },
      network_map: {},
    };
    const refused = await user.send('POST', '/transfers', { transfer: body });
    await user.send('DELETE', `/transfers/${id}`);
    const accepted = await user.send('POST', '/transfers', { transfer: body });

    expect([refused.status, accepted.status]).toEqual([409, 200]);
    expect(user.message(refused)).toContain('licence');
  });
});
