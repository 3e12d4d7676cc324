import type { INodeProperties } from 'n8n-workflow';
import { article, plainTitle } from './wording';

/** What somebody can give without the list. */
type ByHand = 'id' | 'name' | 'id or name';

/** A resource locator: a list that can be searched and paged, or what somebody knows. */
export function locatorWith(
  title: string,
  searchListMethod: string,
  byHand: ByHand,
  example?: string,
): Pick<INodeProperties, 'type' | 'default' | 'modes'> {
  const placeholder = example === undefined ? {} : { placeholder: `e.g. ${example}` };
  // Types of older n8n versions do not know the notice; those versions pass it by.
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
        placeholder: `Select ${article(title)} ${plainTitle(title).toLowerCase()}...`,
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
