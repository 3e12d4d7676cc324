import type { JsonObject } from '../../src/model/json';
import type { RpoResult } from '../../src/playbooks/report/rpo-report';
import type { RenderedReport } from '../../src/playbooks/report/report-document';
import { useClockedSandbox } from '../support/clocked-sandbox';
import { one } from '../support/coriolis';
import { createTransfer } from '../support/transfers';

const lab = useClockedSandbox();

const transferOf = (instance: string) =>
  createTransfer(lab.coriolis, instance, { notes: `Report of ${instance}` });

async function synced(instance: string): Promise<string> {
  const transferId = await transferOf(instance);
  const { id: executionId } = await one<{ id: string }>(lab.coriolis, 'execution.start', { transferId });
  await one(lab.coriolis, 'execution.wait', { transferId, executionId, timeoutSeconds: 80_000 });
  return transferId;
}

const rpo = (given: JsonObject = {}) => one<RpoResult & RenderedReport>(lab.coriolis, 'report.rpo', given);

describe('the report of the estate', () => {
  it('is a page, a text and messages with the same figures', async () => {
    await transferOf('fail-disk-quota-vm');
    const estate = await one<{ transfers: number }>(lab.coriolis, 'estate.summarize', {});
    const report = await one<RenderedReport>(lab.coriolis, 'report.estate', {});

    expect(report.html).toMatch(/^<!doctype html>/u);
    expect(report.html).toContain('Report of fail-disk-quota-vm');
    for (const form of [report.text, JSON.stringify(report.slack), JSON.stringify(report.teams)]) {
      expect(form).toContain(`${estate.transfers} transfers`);
      expect(form).toContain('never executed');
    }
  });
});

describe('the report of the RPO', () => {
  it('judges each last copy against the objective, the worst first', async () => {
    const copied = await synced('web-01');
    const bare = await transferOf('web-02');
    lab.clock.advance(7200);

    const strict = await rpo({ rpoTargetSeconds: 3600, search: 'Report of web' });
    expect(strict.rows.map(({ transfer_id, state }) => [transfer_id, state])).toEqual([
      [bare, 'no_copy'],
      [copied, 'missed'],
    ]);
    expect(strict).toMatchObject({ replicas: 2, met: 0, missed: 1, no_copy: 1, not_looked_up: 0 });
    expect(strict.findings).toEqual([
      'Report of web-02 has no usable copy: never synced.',
      expect.stringMatching(/^Report of web-01: the last copy is 2 h/u),
    ]);

    const lax = await rpo({ rpoTargetSeconds: 86_400, search: 'Report of web' });
    expect(lax).toMatchObject({ met: 1, missed: 0 });
  });

  it('can be of nothing', async () => {
    expect(await rpo({ search: 'no such thing' })).toMatchObject({ replicas: 0, rows: [], findings: [] });
  });
});

describe('the report of a drill', () => {
  it('shows RPO and RTO, and the clones to remove', async () => {
    await synced('app-01');
    const drill = await one<{ since: string }>(lab.coriolis, 'drill.run', {
      search: 'Report of app',
      timeoutSeconds: 80_000,
    });
    const report = await one<RenderedReport & { report: JsonObject }>(lab.coriolis, 'report.drill', {
      search: 'Report of app',
      since: drill.since,
      rpoTargetSeconds: 86_400,
    });

    expect(report.summary).toBe('Passed: 1 of 1 deployed, 0 failed, 0 without a copy.');
    expect(report.findings).toEqual(['To be removed from the destination: 1 clone.']);
    expect(report.html).toContain('Report of app-01');
    expect(report.report).toHaveProperty('report_hash');
  });
});

describe('the report of a wave', () => {
  it('has the page of the evidence, and the evidence', async () => {
    const input = {
      rows: [{ name: 'web-03' }],
      wave: 'Drawn',
      originEndpointId: 'vcenter',
      destinationEndpointId: 'openstack',
      destinationEnvironment: { migr_network: 'private' },
      networkMap: { 'VM Network': 'private' },
    };
    const { plan_hash: planHash } = await one<{ plan_hash: string }>(lab.coriolis, 'wave.plan', input);
    await one(lab.coriolis, 'wave.run', { ...input, planHash, until: 'synced', timeoutSeconds: 80_000 });
    const report = await one<RenderedReport & { report: JsonObject }>(lab.coriolis, 'report.wave', {
      wave: 'Drawn',
    });

    expect(report.title).toBe('Wave Drawn');
    expect(report.html).toContain('web-03');
    expect(report.html).toContain(String(report.report['report_hash']));
    expect(report.text).toContain('machines: 1');
  });
});
