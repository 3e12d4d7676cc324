import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import type { Tool } from './client';

/** Tokens of a text, as the o200k vocabulary counts them. */
export const tokens = (text: string): number => encode(text).length;

/** What a model is shown of a tool in every turn. */
export const tokensOfTool = ({ name, description, inputSchema }: Tool): number =>
  tokens(JSON.stringify({ name, description, inputSchema }));
