import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { startUser } from './support/client';
import type { Answer, Kind, McpUser } from './support/client';
import { createTransfer, execute } from './support/estate';
import { loginOf } from './support/server';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 600 });
});
afterAll(() => sandbox.stop());

const all = ['--allow-destroy', '--toolsets', 'all'];
const deletions = (): number => sandbox.requests.count('DELETE', /transfers/u);
const exists = async (user: McpUser, id: string): Promise<boolean> =>
  !(await user.call('get_transfer', { transfer_id: id })).isError;

describe('a destructive call of a client that cannot ask the person', () => {
  let user: McpUser;
  beforeAll(async () => {
    user = await startUser({ env: loginOf(sandbox), args: all });
  });
  afterAll(() => user.close());

  it('first shows what would be lost and does nothing', async () => {
    const id = await createTransfer(user, 'web-01');
    const before = deletions();

    const { isError, structured } = await user.call('delete_transfer', { transfer_id: id });

    expect(isError).toBe(false);
    expect(structured.preview.subject).toMatchObject({ id, name: 'web-01', status: 'UNEXECUTED' });
    expect(structured.preview.consequences.join(' ')).toContain('No copied disks are on the destination.');
    expect(deletions()).toBe(before);
    expect(await exists(user, id)).toBe(true);
  });

  it('is done with the token of its preview, once', async () => {
    const id = await createTransfer(user, 'web-01');
    const { structured } = await user.call('delete_transfer', { transfer_id: id });
    const [again] = structured.next_steps ?? [];
    expect(again?.arguments['confirmation_token']).toBe(structured.confirmation_token);

    const done = await user.call(again?.tool ?? '', again?.arguments);

    expect(done.structured.result).toEqual({ id, deleted: true });
    expect(await exists(user, id)).toBe(false);
  });

  it('is not done with a token that was used, even by a call that failed', async () => {
    const id = await createTransfer(user, 'web-01');
    const { structured } = await user.call('delete_transfer', { transfer_id: id });
    const confirmed = { transfer_id: id, confirmation_token: structured.confirmation_token };
    const undo = sandbox.faults.add({ method: 'DELETE', fault: { kind: 'status', status: 500 } });
    const failed = await user.call('delete_transfer', confirmed);
    undo();
    expect(failed.isError).toBe(true);

    const second = await user.call('delete_transfer', confirmed);

    expect(second.text).toContain('was used already');
    expect(await exists(user, id)).toBe(true);
  });

  it('is not done with the token of another object', async () => {
    const one = await createTransfer(user, 'web-01');
    const other = await createTransfer(user, 'web-02');
    const { structured } = await user.call('delete_transfer', { transfer_id: one });

    const { isError, text } = await user.call('delete_transfer', {
      transfer_id: other,
      confirmation_token: structured.confirmation_token,
    });

    expect(isError).toBe(true);
    expect(text).toContain('other arguments');
    expect(await exists(user, other)).toBe(true);
  });

  it('is not done when the object has changed since', async () => {
    const id = await createTransfer(user, 'web-01');
    const { structured } = await user.call('delete_transfer', { transfer_id: id });
    await user.call('wait_for_execution', await execute(user, id));

    const { isError, text } = await user.call('delete_transfer', {
      transfer_id: id,
      confirmation_token: structured.confirmation_token,
    });

    expect(isError).toBe(true);
    expect(text).toContain('has changed since the preview');
    expect(await exists(user, id)).toBe(true);
  });

  it('is not done with a token that somebody made up', async () => {
    const id = await createTransfer(user, 'web-01');

    const { text } = await user.call('delete_transfer', {
      transfer_id: id,
      confirmation_token: '9999999999999.aaaa.bbbb.cccc.dddd',
    });

    expect(text).toContain('was not issued by this server');
    expect(await exists(user, id)).toBe(true);
  });

  it('is refused when it makes no sense', async () => {
    const id = await createTransfer(user, 'slow-vm');
    const run = await execute(user, id);

    const { isError, text } = await user.call('delete_transfer', { transfer_id: id });

    expect(isError).toBe(true);
    expect(text).toContain('is running already: wait for it or cancel it first');
    await user.call('cancel_execution', run);
  });

  it('is needed for a forced cancel and a shutdown of machines, not for the mild ones', async () => {
    const id = await createTransfer(user, 'slow-vm');

    const shutdown = await user.call('execute_transfer', { transfer_id: id, shutdown_instances: true });
    expect(shutdown.structured.preview.consequences.join(' ')).toContain('slow-vm');

    const run = await execute(user, id);
    const forced = await user.call('cancel_execution', { ...run, force: true });
    expect(forced.structured.confirmation_token).toBeTruthy();
    const done = await user.call('cancel_execution', {
      ...run,
      force: true,
      confirmation_token: forced.structured.confirmation_token,
    });
    expect(done.structured.result).toMatchObject({ cancel_requested: true, force: true });
  });
});

describe.each<Kind>(['second generation, modern era', 'second generation, legacy era'])(
  'a destructive call of a client of the %s that can ask the person',
  (kind) => {
    const asked: string[] = [];
    const attempt = async (answer: Answer) => {
      const user = await startUser(
        {
          env: loginOf(sandbox),
          args: all,
          answers: (message) => {
            asked.push(message);
            return answer;
          },
        },
        kind,
      );
      const id = await createTransfer(user, 'web-03');
      const result = await user.call('delete_transfer', { transfer_id: id });
      const still = await exists(user, id);
      await user.close();
      return { ...result, still, question: asked.at(-1) ?? '' };
    };

    it('is done when the person types the name', async () => {
      const { structured, still, question } = await attempt({
        action: 'accept',
        content: { name: 'web-03' },
      });

      expect(structured.result['deleted']).toBe(true);
      expect(still).toBe(false);
      expect(question).toContain('web-03');
      expect(question).toContain('No copied disks are on the destination.');
    });

    it('is not done when the person types something else', async () => {
      const { isError, text, still } = await attempt({ action: 'accept', content: { name: 'yes' } });

      expect(isError).toBe(true);
      expect(text).toContain('not the name');
      expect(still).toBe(true);
    });

    it('is not done when the person declines', async () => {
      const { isError, text, still } = await attempt({ action: 'decline' });

      expect(isError).toBe(true);
      expect(text).toContain('did not agree');
      expect(still).toBe(true);
    });

    it('takes a token instead when the operator wants it so', async () => {
      const user = await startUser(
        {
          env: loginOf(sandbox),
          args: [...all, '--confirm', 'token'],
          answers: () => ({ action: 'decline' }),
        },
        kind,
      );
      const id = await createTransfer(user, 'web-03');

      const { structured } = await user.call('delete_transfer', { transfer_id: id });

      expect(structured.confirmation_token).toBeTruthy();
      await user.close();
    });
  },
);
