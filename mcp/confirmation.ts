import type {
  CallToolResult,
  ClientCapabilities,
  InputRequiredResult,
  McpServer,
  ServerContext,
} from '@modelcontextprotocol/server';
import { CLIENT_CAPABILITIES_META_KEY, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import { ConflictError, InvalidInputError } from '../src/api/errors';
import type { Coriolis } from '../src/coriolis';
import type { Preview, SingleOperation } from '../src/operation';
import { previewOf } from '../src/perform';
import { quote } from '../src/model/untrusted';
import type { Confirmable, Confirmations } from './confirm';
import { answer, previewResult } from './results';
import { spell } from './schema';

/** How destructive calls are confirmed. */
export interface Confirmer {
  readonly confirmations: Confirmations;
  /** Whether to ask the person at the client, where the client can ask. */
  readonly asks: boolean;
  readonly server: McpServer;
}

const QUESTION = 'confirm';

/**
 * Sees to it that a destructive call was shown and agreed to. Undefined when it may be done; else what to answer now:
 * a question to the person where the client can ask one, or the preview with a token for a second call.
 *
 * @throws {ConflictError} it would be nonsense now, the object changed, or the person refused
 * @throws {InvalidInputError} the token is not for this call
 */
export async function confirmed(
  { confirmations, asks, server }: Confirmer,
  operation: SingleOperation,
  coriolis: Coriolis,
  input: Readonly<Record<string, unknown>>,
  token: string | undefined,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult | undefined> {
  const preview = await previewOf(operation, coriolis, input, spell);
  if (preview === undefined) {
    throw new ConflictError(`${operation.tool} cannot be previewed, so it is not done from here.`);
  }
  if (preview.refusal !== undefined) {
    throw new ConflictError(`${operation.tool} would make no sense now: ${preview.refusal}.`, {
      advice: 'Nothing was done.',
    });
  }
  const call: Confirmable = { tool: operation.tool, input, subject: preview.subject };
  const asked = inputResponse(context.mcpReq.inputResponses, QUESTION);
  const state = context.mcpReq.requestState<string>();
  if (typeof state === 'string' && asked.kind !== 'missing') {
    confirmations.redeem(state, call);
    refuseUnlessTyped(
      asked.kind === 'elicit' && asked.action === 'accept' ? asked.content : undefined,
      preview,
    );
    return undefined;
  }
  if (token !== undefined) {
    confirmations.redeem(token, call);
    return undefined;
  }
  const fresh = confirmations.issue(call);
  return asks && canAsk(server, context)
    ? question(operation, preview, fresh)
    : answer(previewResult(operation, preview, spelled(input), fresh));
}

/** The modern era tells with each request what the client can do, the legacy one once, in the beginning. */
function canAsk(server: McpServer, { mcpReq }: ServerContext): boolean {
  // The SDK checks the envelope but types it as an object without keys.
  const envelope = (mcpReq.envelope ?? {}) as {
    readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities;
  };
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- on the legacy era there is no other way to know
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();
  const elicitation = capabilities?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** What the person types: the name, or the id when the name is nothing one could type. */
const wordOf = ({ subject }: Preview): string => {
  const name = quote(subject.name, 60);
  return name === '' || name.endsWith('…') ? subject.id : name;
};

function question(operation: SingleOperation, preview: Preview, state: string): InputRequiredResult {
  const { subject, consequences } = preview;
  const word = wordOf(preview);
  const lines = [
    `${operation.summary}?`,
    `"${quote(subject.name, 200)}" (${quote(subject.status, 40)}, id ${subject.id})`,
    ...consequences.map((consequence) => `- ${quote(consequence, 400)}`),
  ];
  return inputRequired({
    inputRequests: {
      [QUESTION]: inputRequired.elicit({
        message: lines.join('\n'),
        requestedSchema: {
          type: 'object',
          properties: {
            name: { type: 'string', title: 'Name', description: `Type ${word} to confirm.` },
          },
          required: ['name'],
        },
      }),
    },
    requestState: state,
  });
}

function refuseUnlessTyped(content: Readonly<Record<string, unknown>> | undefined, preview: Preview): void {
  if (content === undefined) {
    throw new ConflictError('The person did not agree; nothing was done.', {
      advice: 'Do not ask again unless the person wants to.',
    });
  }
  const typed = content['name'];
  if (typeof typed !== 'string' || typed.trim() !== wordOf(preview)) {
    throw new InvalidInputError('What the person typed is not the name of the object; nothing was done.', {
      advice: 'Call again to be asked again.',
    });
  }
}

const spelled = (input: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [spell(name), value]));
