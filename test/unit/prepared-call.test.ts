import type { ServerContext } from '@modelcontextprotocol/server';
import { callToolWithOutcome as callTool, type ToolCallContext } from '../../mcp/calls/call-tool';
import { AuditLog } from '../../mcp/confirmation/audit-log';
import { ConfirmationTokens } from '../../mcp/confirmation/confirmation-tokens';
import { createSealMaker } from '../../mcp/confirmation/seal';
import { ConflictError } from '../../src/api/errors';
import type { Coriolis } from '../../src/api/operation-context';
import { defineOperation, type SingleOperation } from '../../src/operation';
import { prepareCall } from '../../src/prepared-call';
import { number } from '../../src/vocabulary/field-constructors';
import { key, view } from '../../src/vocabulary/result-keys';

/** A destructive operation that counts how often its input is checked: each check reads the smallest accepted value. */
function countingOperation(): { readonly operation: SingleOperation; readonly checks: () => number } {
  let checks = 0;
  const field = number('Size', 'Size of it.', { minimum: 1 });
  const counted = Object.defineProperty({ ...field }, 'minimum', {
    get: () => {
      checks += 1;
      return 1;
    },
  });
  const operation = defineOperation({
    resource: 'region',
    name: 'shrink',
    title: 'Shrink',
    tool: 'shrink_region',
    summary: 'Shrink a region',
    description: 'Only a test has it.',
    effect: 'destroy',
    input: { size: counted },
    output: view<{ readonly size: number }>()({ size: key.number('Size') }, ({ size }) => ({ size })),
    preview: async (_coriolis, { size }) => ({
      subject: { id: 'a', name: `size ${size}`, status: 'enabled', changed: '' },
      consequences: [],
    }),
    run: async () => {
      throw new ConflictError('It is busy');
    },
    findRunning: async (_coriolis, { size }) => ({ size }),
    deduplication: { findDuplicates: async () => [] },
  });
  return { operation: operation, checks: () => checks };
}

const client = {
  wasCreatedWithin: () => () => true,
  withDefaults: () => client,
  withoutDefaults: undefined as unknown,
};
client.withoutDefaults = client;
const coriolis = { client, clock: () => 0 } as unknown as Coriolis;

test('a prepared call is checked once, whatever is done with it', async () => {
  const { operation, checks } = countingOperation();
  const call = await prepareCall(operation, coriolis, { size: '3' });

  expect(await call.preview()).toMatchObject({ subject: { name: 'size 3' } });
  await expect(call.run()).rejects.toThrow('It is busy');
  expect(await call.findRunning()).toEqual({ size: 3 });
  await expect(call.runToCompletion({ timeoutSeconds: 1, stallSeconds: 1 })).rejects.toThrow('It is busy');

  expect(checks()).toBe(1);
});

test('a destructive MCP call is checked once: previewed, confirmed and run', async () => {
  const { operation, checks } = countingOperation();
  const confirmations = new ConfirmationTokens(Date.now, createSealMaker(undefined)('confirmation'));
  const callContext = {
    session: { open: async () => coriolis },
    offered: [],
    maxWaitSeconds: 60,
    caller: { subject: 'local', permissions: { write: true, destroy: true } },
    confirmationSettings: {
      getConfirmationTokens: async () => confirmations,
      asks: false,
      server: { server: { getClientVersion: () => undefined, getClientCapabilities: () => undefined } },
    },
    getAuditLog: async () => new AuditLog(undefined, {} as never, Date.now),
  } as unknown as ToolCallContext;
  const context = { mcpReq: { requestState: () => undefined } } as unknown as ServerContext;

  const previewed = await callTool(callContext, operation, { size: 3 }, context);
  expect(checks()).toBe(1);
  const { confirmation_token: token } = previewed.answer['structuredContent'] as Record<string, unknown>;
  expect(previewed.result).toBeUndefined();

  const done = await callTool(callContext, operation, { size: 3, confirmation_token: token }, context);
  expect(done.result).toEqual({ size: 3 });
  expect(checks()).toBe(2);
});
