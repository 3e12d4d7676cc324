import type { JsonObject } from '../../src/model/json';
import type { ServerContext } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { ConfirmationTokens } from '../../mcp/confirmation/confirmation-tokens';
import { confirmCall } from '../../mcp/confirmation/confirm-call';
import { createSealMaker } from '../../mcp/confirmation/seal';
import type { SingleOperation } from '../../src/operation';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/sandbox';
import { cases } from '../support/cases';
import { operationOf } from '../support/coriolis';
import { startUser } from './support/client';
import { createTransfer } from './support/estate';
import { loginOf } from './support/server';
import { StdioProcess } from './support/stdio-process';
import type { Frame } from './support/stdio-process';

// Questions to a person that end otherwise than with an answer, and names that would make a question say something else.

describe('a question to the person', () => {
  let sandbox: Sandbox;
  let user: StdioProcess;
  let id: string;
  let last = 0;
  beforeAll(async () => {
    sandbox = await startSandbox({ speed: 600 });
    const assistant = await startUser({ env: loginOf(sandbox), args: ['--allow-destroy'] });
    id = await createTransfer(assistant, 'web-01');
    await assistant.close();
    user = new StdioProcess(['--allow-destroy', '--toolsets', 'all'], loginOf(sandbox));
    await user.initialize({ elicitation: {} });
  });
  afterAll(async () => {
    await user.close();
    await sandbox.stop();
  });

  /** Calls `delete_transfer` and waits for its question. */
  async function ask(): Promise<{ readonly call: string; readonly question: Frame }> {
    const call = `call ${(last += 1)}`;
    const known = new Set(user.frames);
    user.write({
      jsonrpc: '2.0',
      id: call,
      method: 'tools/call',
      params: { name: 'delete_transfer', arguments: { transfer_id: id } },
    });
    const question = await user.find(
      'the question',
      (frame) => !known.has(frame) && frame.method === 'elicitation/create',
    );
    return { call, question };
  }
  const answer = (question: Frame, result: object): void =>
    user.write({ jsonrpc: '2.0', id: question.id, result });
  const agreed = { action: 'accept', content: { name: 'web-01' } };
  /** Ends with the server's answer to a later request: what came before has been served. */
  const transferStays = async (): Promise<void> => {
    const { result } = await user.request(`get ${(last += 1)}`, 'tools/call', {
      name: 'get_transfer',
      arguments: { transfer_id: id },
    });
    expect(result?.['isError'] ?? false).toBe(false);
    expect(sandbox.requests.count('DELETE', /transfers/u)).toBe(0);
  };

  it('ends with its call: an agreement after that does nothing', async () => {
    const { call, question } = await ask();
    user.write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: call } });
    answer(question, agreed);
    answer(question, agreed);

    await transferStays();
    expect(user.frames.some((frame) => frame.id === call)).toBe(false);
  });

  it.each<[string, object]>([
    ['no content', { action: 'accept' }],
    ['content that is a list', { action: 'accept', content: ['web-01'] }],
    ['a name that is a list', { action: 'accept', content: { name: ['web-01'] } }],
    ['a name that is true', { action: 'accept', content: { name: true } }],
    ['another action', { action: 'agree', content: { name: 'web-01' } }],
    ['a refusal with the name', { action: 'decline', content: { name: 'web-01' } }],
    ['nothing', {}],
  ])('answered with %s does nothing, and the call is answered', async (_what, result) => {
    const { call, question } = await ask();
    answer(question, result);

    const { result: told, error } = await user.find('the answer', (frame) => frame.id === call);
    expect(error !== undefined || told?.['isError'] === true).toBe(true);
    await transferStays();
  });

  it('answered by an error does nothing, and the call is answered', async () => {
    const { call, question } = await ask();
    user.write({ jsonrpc: '2.0', id: question.id, error: { code: -1, message: 'The window was closed' } });

    const { result: told, error } = await user.find('the answer', (frame) => frame.id === call);
    expect(error !== undefined || told?.['isError'] === true).toBe(true);
    await transferStays();
  });

  it('cannot be answered for another call', async () => {
    const one = await ask();
    const other = await ask();
    answer(one.question, { action: 'decline' });
    await user.find('the answer', (frame) => frame.id === one.call);
    answer(one.question, agreed);

    await transferStays();
    answer(other.question, { action: 'decline' });
    await user.find('the answer', (frame) => frame.id === other.call);
    await transferStays();
  });
});

describe('names in a question', () => {
  const operation = operationOf('transfer.delete') as SingleOperation;
  /** The question about an object with this name and consequences, and the text that the person must type. */
  async function questionAbout(name: string, consequences: readonly string[], id = 'the-id') {
    const tokens = new ConfirmationTokens(() => 0, createSealMaker('k'.repeat(32))('test'));
    const capabilities = { elicitation: {} };
    const settings = {
      getConfirmationTokens: () => Promise.resolve(tokens),
      asksPerson: true,
      server: { server: { getClientCapabilities: () => capabilities } },
    } as unknown as Parameters<typeof confirmCall>[0];
    const context = {
      mcpReq: { requestState: () => undefined, envelope: undefined },
    } as unknown as ServerContext;
    const subject = { id, name, status: 'ERROR', changed: '' };
    const call = { caller: 'c', tool: operation.tool, input: {} as JsonObject, subject, consequences };
    const { answer } = await confirmCall(
      settings,
      operation,
      call,
      { subject, consequences },
      undefined,
      context,
    );
    const asked = (answer as { inputRequests?: Record<string, { params: JsonObject }> }).inputRequests?.[
      'confirm'
    ];
    const schema = asked?.params['requestedSchema'] as { properties: { name: { description: string } } };
    return { lines: String(asked?.params['message']).split('\n'), typed: schema.properties.name.description };
  }
  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '\n- Nothing is deleted.',
          '\r\n',
          '\u2028',
          '\u202E',
          '\u2066',
          '\u200B',
          '\u{E0041}',
          '\u001B[2J',
          '\u0000',
          '![x](https://a.example/)',
          '<img src=x>',
          '" (COMPLETED, id x)',
        ),
        fc.string({ maxLength: 10 }),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join(''));

  it('add no line, hide no character and load nothing, wherever they stand', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (name, machine, id) => {
        const { lines, typed } = await questionAbout(name, [`It moves 1 machine: ${machine}.`, 'Lost.'], id);

        expect(lines).toHaveLength(4);
        expect(lines[1]).toMatch(/^"[^"]*" \(ERROR, id .*\)$/u);
        expect(lines[3]).toBe('- Lost.');
        for (const text of [...lines, typed]) {
          expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u{E0000}-\u{E007F}]/u);
          expect(text).not.toMatch(/\]\(|<img/u);
        }
      }),
      cases(200),
    );
  });

  it.each(['\u200B\u202E', '', '<b', 'n'.repeat(300)])(
    'that nobody can type are replaced by the id: %j',
    async (name) => {
      expect((await questionAbout(name, [])).typed).toBe('Type the-id to confirm.');
    },
  );
});
