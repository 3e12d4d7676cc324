import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import type { Coriolis } from '../../src/api/operation-context';
import type { JsonObject } from '../../src/model/json';
import { connect, one, rows } from '../support/coriolis';

let sandbox: Sandbox;
let coriolis: Coriolis;

beforeAll(async () => {
  sandbox = await startSandbox();
  coriolis = connect(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => sandbox.faults.clear());

const licencePem = '-----BEGIN LICENCE-----\nbm8gcmVhbCBsaWNlbmNl\n-----END LICENCE-----';

const ids = async (operation: string, given: JsonObject = {}): Promise<unknown[]> =>
  (await rows(coriolis, operation, given)).map(({ row }) => row['id']);

describe('the licensing server', () => {
  it('tells its status', async () => {
    const status = await one<{ supported_licence_versions: string[] }>(coriolis, 'licence.getServerStatus');

    expect(status.supported_licence_versions).toContain('v2');
  });

  it('needs no appliance named as long as it knows only one', async () => {
    const single = await startSandbox();
    const fresh = connect(single);
    const [appliance] = await rows(fresh, 'licence.getAppliances');

    const status = await one(fresh, 'licence.getApplianceStatus');
    await one(fresh, 'licence.createAppliance');

    expect(status).toMatchObject({
      appliance_id: appliance?.row['id'],
      current_available_replicas: expect.any(Number) as number,
    });
    await expect(rows(fresh, 'licence.getAll')).rejects.toMatchObject({
      message: 'The licensing server knows 2 appliances: name one.',
      advice: expect.stringContaining(String(appliance?.row['id'])) as string,
    });
    await single.stop();
  });

  it('keeps licences for appliances', async () => {
    const { id: applianceId } = await one(coriolis, 'licence.createAppliance');

    const licence = await one(coriolis, 'licence.register', { applianceId, licencePem });

    expect(await ids('licence.getAppliances')).toContain(applianceId);
    expect(await one(coriolis, 'licence.getAppliance', { applianceId })).toEqual({ id: applianceId });
    expect(licence).toMatchObject({ version: 'v2', migrations: 50 });
    expect(await ids('licence.getAll', { applianceId })).toEqual([licence['id']]);
    const given = { applianceId, licenceId: licence['id'] };
    expect(await one(coriolis, 'licence.get', given)).toEqual(licence);
    expect(await one(coriolis, 'licence.getApplianceStatus', { applianceId })).toMatchObject({
      current_available_migrations: 50,
      current_performed_migrations: 0,
      licences_expired: 0,
      reserved_migrations: 0,
      // Nothing was reserved, so only the end of the licence counts.
      migrations_run_out_at: expect.any(String) as string,
    });

    expect(await one(coriolis, 'licence.delete', given)).toMatchObject({ deleted: true });

    expect(await ids('licence.getAll', { applianceId })).toEqual([]);
  });

  it('tells licences for SAP machines apart, as far as there are some', async () => {
    const own = await startSandbox();
    try {
      const fresh = connect(own);
      const [appliance] = own.licensing.appliances.values();
      if (appliance === undefined) throw new Error('the sandbox begins with an appliance');
      own.licensing.reserveUnits(appliance, 'replica', 5);
      own.faults.plan('nested-licences');
      const status = () => one(fresh, 'licence.getApplianceStatus');
      const usual = { current_available_replicas: 45, reserved_replicas: 5 };

      expect(await status()).toMatchObject({ ...usual, sap: null });
      own.licensing.addLicence(appliance, { kind: 'sap', replicas: 11, migrations: 0, days: 20 });
      own.licensing.addLicence(appliance, { kind: 'sap', days: -2 });

      expect(await status()).toMatchObject({
        ...usual,
        licences_expired: 1,
        licences_ending_soon: 1,
        sap: {
          available_replicas: 11,
          available_migrations: 0,
          performed_replicas: 0,
          reserved_replicas: 0,
          replicas_run_out_at: expect.any(String) as string,
          licences_expired: 1,
          licences_ending_soon: 1,
        },
      });
      const next = own.licensing.addLicence(appliance, { replicas: 7, migrations: 1, days: 3 });
      const { licences_ending: ending, licences_ending_soon: count } = await status();
      expect(count).toBe(2);
      expect(ending).toMatchObject([
        { id: next.id, replicas: 7, migrations: 1, version: 'v2' },
        { replicas: 11, migrations: 0, version: expect.stringMatching(/sap/u) as string },
      ]);
    } finally {
      await own.stop();
    }
  });

  it('shows and refreshes reservations', async () => {
    const [applianceId] = await ids('licence.getAppliances');
    const appliance = sandbox.licensing.appliances.get(String(applianceId));
    if (appliance === undefined) throw new Error('the sandbox begins with an appliance');
    if (appliance.licences.size === 0) sandbox.licensing.addLicence(appliance);
    const { id: reservationId } = sandbox.licensing.reserveUnits(appliance, 'migration', 3);

    const reservation = await one(coriolis, 'licence.getReservation', { applianceId, reservationId });

    expect(reservation).toMatchObject({ type: 'migration', count: 3, fulfilled_at: null });
    expect(await ids('licence.getReservations', { applianceId })).toContain(reservationId);
    expect(await one(coriolis, 'licence.refreshReservation', { applianceId, reservationId })).toMatchObject({
      id: reservationId,
    });
  });

  it('says what is wrong in its own words', async () => {
    const missing = { applianceId: '00000000-0000-4000-8000-00000000dead' };

    await expect(one(coriolis, 'licence.getAppliance', missing)).rejects.toMatchObject({
      kind: 'not_found',
      serverMessage: expect.stringContaining('could not be found') as string,
    });
  });

  it('is not asked to register what is no licence', async () => {
    const [applianceId] = await ids('licence.getAppliances');
    const before = sandbox.requests.total;

    const attempt = one(coriolis, 'licence.register', { applianceId, licencePem: 'licence.pem' });

    await expect(attempt).rejects.toMatchObject({ field: 'licencePem' });
    expect(sandbox.requests.total).toBe(before);
  });

  it('has no second licence or appliance when the answer to the first was lost', async () => {
    sandbox.faults.add({ method: 'POST', path: /\/appliances$/u, fault: { kind: 'lost-answer' } });
    const before = await ids('licence.getAppliances');
    const { id: applianceId } = await one(coriolis, 'licence.createAppliance');
    sandbox.faults.add({ method: 'POST', path: /\/licences$/u, fault: { kind: 'lost-answer' } });

    const { id } = await one(coriolis, 'licence.register', { applianceId, licencePem });

    expect(before).not.toContain(applianceId);
    expect(await ids('licence.getAppliances')).toHaveLength(before.length + 1);
    expect(await ids('licence.getAll', { applianceId })).toEqual([id]);
  });
});
