import type { INodeProperties } from 'n8n-workflow';
import { indefiniteArticleOf, removeBracketsFromTitle } from './ui-texts';

/** Kinds of text that a resource locator accepts besides a choice from its list. */
type TypedMode = 'id' | 'name' | 'id or name';

/** Makes a resource locator: a searchable list with pages, an id, or a name. */
export function renderResourceLocator(
  title: string,
  searchListMethod: string,
  byHand: TypedMode,
  example?: string,
): Pick<INodeProperties, 'type' | 'default' | 'modes'> {
  const placeholder = example === undefined ? {} : { placeholder: `e.g. ${example}` };
  // Older versions of n8n do not have the notice in their types, and ignore it.
  const typeOptions = {
    searchListMethod,
    searchable: true,
    slowLoadNotice: { message: `This takes a while. The ${byHand} works without the list.`, timeout: 8000 },
  };
  return {
    type: 'resourceLocator',
    default: { mode: 'list', value: '' },
    modes: [
      {
        displayName: 'From List',
        name: 'list',
        type: 'list',
        placeholder: `Select ${indefiniteArticleOf(title)} ${removeBracketsFromTitle(title).toLowerCase()}...`,
        typeOptions,
      },
      ...(byHand === 'name'
        ? []
        : [{ displayName: 'By ID', name: 'id', type: 'string' as const, ...placeholder }]),
      ...(byHand === 'id'
        ? []
        : [{ displayName: 'By Name', name: 'name', type: 'string' as const, ...placeholder }]),
    ],
  };
}
