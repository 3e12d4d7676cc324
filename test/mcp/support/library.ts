import type { Client } from '@modelcontextprotocol/client';
import type { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import type { Row } from './client';

/** What a server offers besides tools. */
export interface Library {
  resources(): Promise<readonly string[]>;
  templates(): Promise<readonly string[]>;
  /** The text that stands at an address. */
  read(uri: string): Promise<string>;
  prompts(): Promise<readonly string[]>;
  /** The text of a prompt. */
  prompt(name: string, given?: Readonly<Record<string, string>>): Promise<string>;
  completePrompt(name: string, argument: string, value: string): Promise<readonly string[]>;
  completeResource(uri: string, argument: string, value: string, context?: Row): Promise<readonly string[]>;
}

type Reference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string };

/** The same questions for clients of both generations. */
export function libraryOf(client: Client | FirstClient): Library {
  const either = client as Client;
  const complete = async (ref: Reference, name: string, value: string, known: Row = {}) => {
    const context = { arguments: known as Record<string, string> };
    return (await either.complete({ ref, argument: { name, value }, context })).completion.values;
  };
  return {
    resources: async () => (await either.listResources()).resources.map(({ uri }) => uri),
    templates: async () =>
      (await either.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    read: async (uri) => {
      const [content] = (await either.readResource({ uri })).contents;
      return content !== undefined && 'text' in content ? content.text : '';
    },
    prompts: async () => (await either.listPrompts()).prompts.map(({ name }) => name),
    prompt: async (name, given = {}) => {
      const [message] = (await either.getPrompt({ name, arguments: { ...given } })).messages;
      return message?.content.type === 'text' ? message.content.text : '';
    },
    completePrompt: (name, argument, value) => complete({ type: 'ref/prompt', name }, argument, value),
    completeResource: (uri, argument, value, context) =>
      complete({ type: 'ref/resource', uri }, argument, value, context),
  };
}
