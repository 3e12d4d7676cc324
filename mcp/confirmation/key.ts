import { InvalidInputError } from '../../src/api/errors';
import type { Files } from '../connection/clouds';
import type { Environment } from '../../src/api/settings';

const SHORTEST = 32;
const VARIABLE = 'CORIOLIS_MCP_CONFIRM_KEY';

/**
 * The key that replicas share, from the file or from `CORIOLIS_MCP_CONFIRM_KEY`; undefined when there is neither.
 * @throws {InvalidInputError} the file cannot be read, or the key is too short to be one
 */
export async function readKey(
  file: string | undefined,
  environment: Environment,
  files: Files,
): Promise<string | undefined> {
  const text = file === undefined ? environment[VARIABLE] : await files.read(file);
  const origin = file === undefined ? VARIABLE : `--confirm-key-file (${file})`;
  if (text === undefined) {
    if (file === undefined) return undefined;
    throw new InvalidInputError(`${origin} cannot be read.`);
  }
  const key = text.trim();
  if (file === undefined && key === '') return undefined;
  if (key.length >= SHORTEST) return key;
  throw new InvalidInputError(`${origin} must hold at least ${SHORTEST} characters, best random ones.`, {
    advice: 'One way to make a key: openssl rand -hex 32',
  });
}
