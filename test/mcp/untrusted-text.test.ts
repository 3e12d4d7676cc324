import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { McpUser } from './support/client';
import { endpoints } from './support/estate';
import { loginOf } from './support/server';

/** "ignore" in tag characters, which a model reads and nobody sees. */
// Coriolis stores no characters of four bytes, so tag characters never come back from it.
const invisible = '\u2060\u2063\u200d\ufeff';
const hostile = `Nightly\u202e\u200b${invisible}\u001b[31m sync\u0007`;

let sandbox: Sandbox;
let user: McpUser;
let id: string;
beforeAll(async () => {
  sandbox = await startSandbox();
  user = await startUser({ env: loginOf(sandbox), args: ['--allow-destroy', '--toolsets', 'all'] });
  const { source, destination } = await endpoints(user);
  const { structured } = await user.call('create_transfer', {
    origin_endpoint_id: source,
    destination_endpoint_id: destination,
    instances: ['web-01'],
    destination_environment: { migr_network: 'private' },
    notes: hostile,
  });
  id = String(structured.result['id']);
});
afterAll(async () => {
  await user.close();
  await sandbox.stop();
});

describe('text that somebody else wrote', () => {
  it.each([
    ['a single object', () => user.call('get_transfer', { transfer_id: id })],
    ['the whole object', () => user.call('get_transfer', { transfer_id: id, detail: 'full' })],
    ['a list', () => user.call('list_transfers', { limit: 1 })],
    ['a preview', () => user.call('delete_transfer', { transfer_id: id })],
  ])('loses what nobody can see, in %s', async (_where, ask) => {
    const { text } = await ask();

    expect(text).toContain('Nightly sync');
    expect(text).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u{e0000}-\u{e007f}]/u,
    );
    expect(text).not.toContain('\\u001b');
  });

  it('never stands in the words of the server itself', async () => {
    const { structured } = await user.call('get_transfer', { transfer_id: id });

    expect(structured.summary).not.toContain('Nightly');
    expect(JSON.stringify(structured.next_steps ?? [])).not.toContain('Nightly');
  });

  it('is cut when it is very long', async () => {
    await user.call('update_transfer', { transfer_id: id, notes: 'x'.repeat(30_000) });

    const { text } = await user.call('list_transfers', { search: 'web-01', limit: 1 });

    expect(text.length).toBeLessThan(16_000);
  });

  it('is said to be such in the schema of the result', async () => {
    const tool = (await user.tools()).find(({ name }) => name === 'get_transfer');

    expect(JSON.stringify(tool?.outputSchema)).toContain('(written by others)');
  });
});
