import { startLab, type Lab } from './lab';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe.each(['estate', 'rpo'])('the report %s', (name) => {
  it('comes as a file, and as texts beside it', async () => {
    const result = await lab.run(`report.${name}`);
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
