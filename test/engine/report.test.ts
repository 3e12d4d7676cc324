import type { INodeParameters } from 'n8n-workflow';
import { connect, one } from '../support/coriolis';
import { startLab, type Lab } from './lab';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** Parameters of each report. */
const REPORTS: Readonly<Record<string, (() => Promise<INodeParameters>) | undefined>> = {
  estate: undefined,
  rpo: undefined,
  wave: async () => {
    const coriolis = connect(lab.sandbox);
    const input = {
      table: 'machine,wave\ndb-02,Shop',
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { '*': 'private' },
    };
    const plan = await one(coriolis, 'wave.plan', input);
    await one(coriolis, 'wave.run', { ...input, planHash: plan['plan_hash'], timeoutSeconds: 0 });
    return { wave: 'Shop' };
  },
  drill: async () => {
    const coriolis = connect(lab.sandbox);
    const { since } = await one(coriolis, 'drill.run', { search: 'nightly', timeoutSeconds: 0 });
    return { search: 'nightly', since: String(since) };
  },
};

describe.each(Object.keys(REPORTS))('the report %s', (name) => {
  it('comes as a file, and as texts beside it', async () => {
    const parameters = (await REPORTS[name]?.()) ?? {};
    const result = await lab.run(`report.${name}`, parameters);
    expect(result.error).toBeUndefined();
    const [item] = result.items('Coriolis');

    expect(Object.keys(item?.binary ?? {})).toEqual(['html']);
    const { data = '', fileName, mimeType } = item?.binary?.['html'] ?? {};
    expect([fileName, mimeType]).toEqual([`coriolis-report-${name}.html`, 'text/html']);
    expect(Buffer.from(data, 'base64').toString('utf8')).toMatch(/^<!doctype html>[^]*<svg /u);
    expect(item?.json).not.toHaveProperty('html');
    expect(item?.json).toMatchObject({
      title: expect.any(String),
      text: expect.any(String),
      slack: { blocks: expect.any(Array) },
      teams: { type: 'message' },
    });
  });
});
