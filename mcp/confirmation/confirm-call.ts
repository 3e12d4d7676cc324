import type {
  CallToolResult,
  InputRequiredResult,
  McpServer,
  ServerContext,
} from '@modelcontextprotocol/server';
import { inputRequired, inputResponse } from '@modelcontextprotocol/server';
import { ConflictError, InvalidInputError } from '../../src/api/errors';
import type { JsonObject } from '../../src/model/json';
import type { Operation, SingleOperation } from '../../src/operation';
import type { Preview } from '../../src/vocabulary/preview';
import { disarmMarkup, quoteText } from '../../src/model/untrusted-text';
import { readClientCapabilities } from '../caller/client-capabilities';
import { fitToTokenBudget } from '../results/fit-to-token-budget';
import { MAX_CONFIRMATION_MINUTES } from './confirmation-tokens';
import type { ConfirmableCall, ConfirmationTokens, ConfirmationMethod } from './confirmation-tokens';
import { makeToolResult, tokenBudgets, formatToolNameInWords } from '../results/tool-results';
import { toSnakeCaseKeys } from '../snake-case';

/** Settings for confirming destructive calls. */
export interface ConfirmationSettings {
  readonly getConfirmationTokens: () => Promise<ConfirmationTokens>;
  /** True to ask the person by elicitation; a client without it gets a confirmation token, as all clients do when false. */
  readonly asksPerson: boolean;
  readonly server: McpServer;
}

/** Result of a confirmation request: confirmed, or the tool result that asks for confirmation. */
export interface ConfirmationResult {
  readonly confirmation: { readonly id: string; readonly by: ConfirmationMethod };
  /** Tool result that asks for the confirmation; undefined when the call is confirmed. */
  readonly answer?: CallToolResult | InputRequiredResult;
}

const QUESTION_KEY = 'confirm';

/** A call that can be previewed: for one object, or for several. */
export interface PreviewableCall {
  readonly operation: SingleOperation;
  preview(): Promise<Preview | undefined>;
}

/**
 * Previews a destructive call.
 * @throws {ConflictError} the operation has no preview
 */
export async function fetchPreview(call: PreviewableCall): Promise<Preview> {
  const preview = await call.preview();
  if (preview !== undefined) return preview;
  throw new ConflictError(`${call.operation.tool} cannot be previewed, so it is not done from here.`);
}

/**
 * Confirms a destructive call after its preview. Where the client can ask, the person answers a question. Otherwise a
 * second call brings the token of the preview. The first call returns the question, or the preview with the token, as
 * `answer`.
 *
 * @throws {ConflictError} the preview has a refusal, the object changed, or the person declined
 * @throws {InvalidInputError} the token is not for this call
 */
export async function confirmCall(
  { getConfirmationTokens: confirmations, asksPerson, server }: ConfirmationSettings,
  operation: SingleOperation,
  call: ConfirmableCall,
  preview: Preview,
  token: string | undefined,
  context: ServerContext,
): Promise<ConfirmationResult> {
  if (preview.refusal !== undefined) {
    throw new ConflictError(`${operation.tool} would make no sense now: ${preview.refusal}.`, {
      advice: 'Nothing was done.',
    });
  }
  const all = await confirmations();
  const asked = inputResponse(context.mcpReq.inputResponses, QUESTION_KEY);
  const state = context.mcpReq.requestState<string>();
  if (typeof state === 'string' && asked.kind !== 'missing') {
    const id = all.redeem(state, call, 'person');
    refuseUnlessTyped(
      asked.kind === 'elicit' && asked.action === 'accept' ? asked.content : undefined,
      preview,
    );
    return { confirmation: { id, by: 'person' } };
  }
  if (token !== undefined) {
    return { confirmation: { id: all.redeem(token, call, 'token'), by: 'token' } };
  }
  const by = asksPerson && canAsk(server, context) ? 'person' : 'token';
  const fresh = all.issue(call, by);
  return {
    confirmation: { id: fresh.id, by },
    answer:
      by === 'person'
        ? question(operation, preview, fresh.token)
        : makeToolResult(previewResult(operation, preview, toSnakeCaseKeys(call.input), fresh.token)),
  };
}

function canAsk(server: McpServer, context: ServerContext): boolean {
  const elicitation = readClientCapabilities(server, context)?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/**
 * Text that the person must type: the object's name, or its id when the name is empty, too long, or changed where it is
 * shown.
 */
const confirmationWordOf = ({ subject }: Preview): string => {
  const name = quoteText(subject.name, 60);
  return name === '' || name.endsWith('…') || disarmMarkup(name) !== name ? shownId(subject) : name;
};

const shownId = ({ id }: Preview['subject']): string => disarmMarkup(quoteText(id, 80));

function question(operation: SingleOperation, preview: Preview, state: string): InputRequiredResult {
  const { subject, consequences } = preview;
  const word = confirmationWordOf(preview);
  const lines = [
    `${operation.summary}?`,
    // A quotation mark in the name would seem to end it, and the rest to be the status.
    `"${quoteText(subject.name, 200).replaceAll('"', "'")}" (${quoteText(subject.status, 40)}, id ${shownId(subject)})`,
    ...consequences.map((consequence) => `- ${quoteText(consequence, 400)}`),
  ];
  return inputRequired({
    inputRequests: {
      [QUESTION_KEY]: inputRequired.elicit({
        message: disarmMarkup(lines.join('\n')),
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
      advice:
        'Do not ask again unless the person wants to. If nobody was asked, the client cannot show questions: the operator can start this MCP server with --confirm token.',
    });
  }
  const typed = content['name'];
  if (typeof typed !== 'string' || typed.trim() === '' || typed.trim() !== confirmationWordOf(preview)) {
    throw new InvalidInputError('What the person typed is not the name of the object; nothing was done.', {
      advice: 'Call again to be asked again.',
    });
  }
}

/** Result with the preview and the token that confirms it. */
function previewResult(
  operation: Operation,
  { subject, consequences }: Preview,
  input: JsonObject,
  token: string,
): JsonObject {
  return {
    summary: `${formatToolNameInWords(operation)}: nothing done yet, this needs a confirmation`,
    preview: fitToTokenBudget({ subject, consequences }, tokenBudgets.summary.single).value,
    confirmation_token: token,
    warnings: [
      `Show the preview to the person you work for. Only with their consent call again within ${MAX_CONFIRMATION_MINUTES} minutes, with the same arguments and this confirmation_token.`,
    ],
    next_steps: [{ tool: operation.tool, arguments: { ...input, confirmation_token: token } }],
  };
}
