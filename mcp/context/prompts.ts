import type { GetPromptResult, Prompt } from '@modelcontextprotocol/server';
import { InvalidParamsError } from '../invalid-params';
import { prompts } from '../../src/guide/prompts';
import type { GuidePrompt } from '../../src/guide/prompts';
import { quoteText } from '../../src/model/untrusted-text';
import type { Operation } from '../../src/operation';
import { mentionsOnlyOfferedTools, insertToolNames } from './tool-mentions';

const MAX_ARGUMENT_LENGTH = 500;

/** Prompts that mention only operations which the operator has selected. */
const selectedPrompts = (selected: readonly Operation[]): readonly GuidePrompt[] =>
  prompts.filter(({ text }) => mentionsOnlyOfferedTools(text, selected));

/** Answer of `prompts/list`. */
export const listPrompts = (selected: readonly Operation[]): Prompt[] =>
  selectedPrompts(selected).map(({ name, title, description, arguments: fields }) => ({
    name,
    title,
    description,
    arguments: Object.entries(fields).map(([argument, field]) => ({
      name: argument,
      title: field.title,
      description: field.description,
      required: field.required,
    })),
  }));

/**
 * Finds a prompt by its name.
 * @throws {InvalidParamsError} no such prompt, or a missing argument
 */
export function findPrompt(name: string, selected: readonly Operation[]): GuidePrompt {
  const known = selectedPrompts(selected);
  const found = known.find((prompt) => prompt.name === name);
  if (found !== undefined) return found;
  throw new InvalidParamsError(
    `No prompt "${quoteText(name, 60)}"; there are ${known.map((one) => one.name).join(', ') || 'none with the tools that are enabled here'}.`,
  );
}

/** Prompt with its arguments inserted, each in quotation marks on one line. */
export function fillPrompt(
  name: string,
  given: Readonly<Record<string, string>>,
  offered: readonly Operation[],
  selected: readonly Operation[],
): GetPromptResult {
  const prompt = findPrompt(name, selected);
  const missing = Object.entries(prompt.arguments).filter(
    ([key, { required }]) => required && !given[key]?.trim(),
  );
  if (missing.length > 0) {
    throw new InvalidParamsError(`${name} needs ${missing.map(([key]) => key).join(', ')}.`);
  }
  const filled = insertToolNames(prompt.text, offered).replace(/\{(\w+)\}/gu, (_match, key: string) => {
    const value = quoteText(given[key] ?? '', MAX_ARGUMENT_LENGTH);
    return value === '' ? '(not said)' : JSON.stringify(value);
  });
  return {
    description: prompt.description,
    messages: [{ role: 'user', content: { type: 'text', text: filled } }],
  };
}
