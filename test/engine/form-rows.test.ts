import type { INodeParameters } from 'n8n-workflow';
import type { Transfer } from '../../src/model/api-objects';
import { connect } from '../support/coriolis';
import { locator, startLab, type Lab } from './lab';

/** Rows of the node's form, for maps and scripts, as the editor stores them, and what is sent for them. */

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const move: INodeParameters = {
  originEndpointId: locator('vcenter'),
  destinationEndpointId: locator('openstack'),
  instances: ['web-01'],
};

describe('rows of a map', () => {
  const environment: INodeParameters = { destinationEnvironment: '{"migr_network": "private"}' };
  const row = (source: string, destination: string): INodeParameters => ({
    source: locator(source, 'list'),
    destination: locator(destination, 'list'),
  });

  test('are sent as a map', async () => {
    const [transfer] = await lab.rows('transfer.create', {
      ...move,
      ...environment,
      networkMapRows: { rows: [row('VM Network', 'private'), row('Backend', 'prod-net'), row('', '')] },
      options: { storageMappingsRows: { rows: [row('datastore1', 'ceph-ssd')] } },
    });

    expect(transfer).toMatchObject({
      network_map: { 'VM Network': 'private', Backend: 'prod-net' },
      storage_mappings: { backend_mappings: [{ source: 'datastore1', destination: 'ceph-ssd' }] },
    });
  });

  test.each([
    [[row('VM Network', 'private'), row('VM Network', 'public')], /Network Map maps "VM Network" twice/],
    [[row('VM Network', '')], /Network Map has a row without a destination: "VM Network"/],
  ])(
    'that contradict each other or miss a side are refused before anything is sent',
    async (rows, message) => {
      lab.sandbox.requests.clear();

      const { error } = await lab.run('transfer.create', {
        ...move,
        ...environment,
        networkMapRows: { rows },
      });

      expect(error?.message).toMatch(message);
      expect(lab.sandbox.requests.total).toBe(0);
    },
  );
});

describe('rows of scripts', () => {
  const environment: INodeParameters = { destinationEnvironment: '{"migr_network": "private"}' };
  /** What the server keeps: no output of the node shows scripts. */
  const kept = async (rows: INodeParameters[]) => {
    const [transfer] = await lab.rows('transfer.create', {
      ...move,
      ...environment,
      moreRows: { userScripts: rows },
    });
    const { client } = connect(lab.sandbox);
    const answer = await client.get<{ transfer: Transfer }>(`/transfers/${String(transfer?.['id'])}`);
    return answer.transfer.user_scripts;
  };
  const usual = 'osmorphing_post_os_mount';

  test('belong to a machine, or to all of an operating system; empty ones are left out', async () => {
    expect(
      await kept([
        { instance: locator('', 'list'), system: 'windows', phase: usual, script: 'echo one' },
        {
          instance: locator('web-01', 'list'),
          system: 'linux',
          phase: usual,
          script: '#!/bin/sh\necho two\n',
        },
        { instance: locator('', 'list'), system: 'linux', phase: usual, script: '' },
      ]),
    ).toMatchObject({
      global: { windows: [{ phase: usual, payload: 'echo one' }] },
      instances: { 'web-01': [{ phase: usual, payload: '#!/bin/sh\necho two\n' }] },
    });
  });

  test('name their phase where it is another one, or where there are several', async () => {
    expect(
      await kept([
        { system: 'linux', phase: 'replica_first_boot', script: 'echo boot' },
        { system: 'linux', phase: usual, script: 'echo disk' },
      ]),
    ).toMatchObject({
      global: {
        linux: [
          { phase: 'replica_first_boot', payload: 'echo boot' },
          { phase: usual, payload: 'echo disk' },
        ],
      },
    });
  });

  test('are read from the options of workflows that were saved earlier', async () => {
    const [transfer] = await lab.rows('transfer.create', {
      ...move,
      ...environment,
      options: { userScriptsRows: { rows: [{ system: 'linux', phase: usual, script: 'echo old' }] } },
    });
    const { client } = connect(lab.sandbox);
    const answer = await client.get<{ transfer: Transfer }>(`/transfers/${String(transfer?.['id'])}`);

    expect(answer.transfer.user_scripts).toMatchObject({
      global: { linux: [{ phase: usual, payload: 'echo old' }] },
    });
  });

  test('that name a machine and no script are refused before anything is sent', async () => {
    lab.sandbox.requests.clear();

    const { error } = await lab.run('transfer.create', {
      ...move,
      ...environment,
      moreRows: { userScripts: [{ instance: locator('web-01', 'list'), script: ' ' }] },
    });

    expect(error?.message).toMatch(/User Scripts has a row without a script: "web-01"/);
    expect(lab.sandbox.requests.total).toBe(0);
  });
});
