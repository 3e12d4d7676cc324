import type { GetPromptResult, Prompt } from '@modelcontextprotocol/server';
import { InvalidParamsError } from '../invalid-params-error';
import { guidePrompts } from '../../src/guide/guide-prompts';
import type { GuidePrompt } from '../../src/guide/guide-prompts';
import { cleanText, quoteText } from '../../src/model/untrusted-text';
import type { Operation } from '../../src/operation';
import type { Field } from '../../src/vocabulary/field';
import { mentionsOnlyOfferedTools, insertToolNames } from './tool-mentions';

const MAX_ARGUMENT_LENGTH = 500;
/** Maximum number of characters of a text of several lines, such as a table. */
const MAX_TEXT_LENGTH = 60_000;

/** Prompts that mention only operations which the operator has selected. */
const selectedPrompts = (selected: readonly Operation[]): readonly GuidePrompt[] =>
  guidePrompts.filter(({ text }) => mentionsOnlyOfferedTools(text, selected));

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

/**
 * Prompt with its arguments inserted, each in quotation marks on one line. Texts of several lines keep their line breaks as
 * JSON writes them.
 * @throws {InvalidParamsError} a missing argument, or a text that is too long to be handed on whole
 */
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
    const value = cleaned(given[key] ?? '', prompt.arguments[key]);
    return value === '' ? '(not said)' : JSON.stringify(value);
  });
  return {
    description: prompt.description,
    messages: [{ role: 'user', content: { type: 'text', text: filled } }],
  };
}

function cleaned(value: string, field: Field | undefined): string {
  if (field?.kind !== 'text' || !field.multiline) return quoteText(value, MAX_ARGUMENT_LENGTH);
  if (value.length <= MAX_TEXT_LENGTH) return cleanText(value, MAX_TEXT_LENGTH);
  throw new InvalidParamsError(
    `${field.title} has ${value.length} characters, and a prompt takes ${MAX_TEXT_LENGTH}: say where it is instead.`,
  );
}
