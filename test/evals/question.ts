import type { McpUser, Result, Row } from '../mcp/support/client';
import { tokens } from '../mcp/support/tokens';
import type { World } from './world';
import type { WorldName } from './worlds';

/** The daily ten: topics of the questions that people ask an assistant every day. */
export type Topic =
  | 'what needs me'
  | 'why it failed'
  | 'is it stuck'
  | 'when it is through'
  | 'age of copies'
  | 'unprotected machines'
  | 'is it safe'
  | 'is it getting slower'
  | 'licences'
  | 'what happened';

/** An answer: what the question asks for, and nothing that depends on the words of a tool. */
export type Answer =
  number | string | boolean | null | readonly Answer[] | { readonly [key: string]: Answer };

/** A question that somebody asks an assistant which has nothing but the tools. */
export interface Question {
  readonly name: string;
  readonly topic: Topic;
  /** Worlds in which it is asked. */
  readonly worlds: readonly WorldName[];
  readonly ask: string;
  /** True answer, from the state of the sandbox and not from what Coriolis or the core says. */
  readonly truth: (world: World) => Answer;
  /** Answer of a client that calls the tools an assistant would call. */
  readonly solve: (assistant: Assistant) => Promise<Answer>;
  /** Relative difference that a number may have; 0 without it. */
  readonly tolerance?: number;
  /** True answer as a sentence, for a judge who reads the answer of a model. */
  readonly tell: (truth: Answer) => string;
}

type NextStep = NonNullable<Result['structured']['next_steps']>[number];

/** A client with the tools, whose calls and tokens are counted. */
export class Assistant {
  readonly called: string[] = [];
  /** Calls that the results suggested. */
  readonly suggested: NextStep[] = [];
  tokens = 0;

  constructor(private readonly user: McpUser) {}

  /** Calls a tool. @throws when the answer is an error */
  async call(tool: string, args: Row = {}): Promise<Result['structured']> {
    const { isError, text, structured } = await this.ask(tool, args);
    if (isError) throw new Error(text);
    return structured;
  }

  /** Calls a tool that refuses; its words. */
  async refusal(tool: string, args: Row): Promise<string> {
    const { isError, text } = await this.ask(tool, args);
    if (!isError) throw new Error(`${tool} answers: ${text}`);
    return text;
  }

  private async ask(tool: string, args: Row): Promise<Result> {
    const result = await this.user.call(tool, args);
    this.called.push(tool);
    this.tokens += tokens(result.text);
    if (!result.isError) this.suggested.push(...(result.structured.next_steps ?? []));
    return result;
  }
}

export const textsOf = (rows: readonly Row[], key: string): string[] =>
  rows.map((row) => String(row[key])).sort((one, other) => one.localeCompare(other));

export const sorted = (texts: readonly string[]): string[] =>
  [...texts].sort((one, other) => one.localeCompare(other));

export const enumerate = (answer: Answer): string =>
  Array.isArray(answer) && answer.length > 0 ? (answer as readonly Answer[]).join(', ') : 'none';
