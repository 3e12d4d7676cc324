import { InvalidInputError } from '../../src/api/errors';
import type { FileAccess } from '../connection/clouds-yaml';
import type { EnvironmentVariables } from '../../src/api/login-settings';

const MIN_KEY_LENGTH = 32;
const VARIABLE = 'CORIOLIS_MCP_CONFIRM_KEY';

/**
 * Reads the key of confirmation tokens and task ids, which all processes of this MCP server share: from the file, or
 * from `CORIOLIS_MCP_CONFIRM_KEY`. Undefined when neither is set.
 * @throws {InvalidInputError} the file cannot be read, or the key is too short
 */
export async function readConfirmationKey(
  file: string | undefined,
  environment: EnvironmentVariables,
  files: FileAccess,
): Promise<string | undefined> {
  const text = file === undefined ? environment[VARIABLE] : await files.read(file);
  const origin = file === undefined ? VARIABLE : `--confirm-key-file (${file})`;
  if (text === undefined) {
    if (file === undefined) return undefined;
    throw new InvalidInputError(`${origin} cannot be read.`);
  }
  const key = text.trim();
  if (file === undefined && key === '') return undefined;
  if (key.length >= MIN_KEY_LENGTH) return key;
  throw new InvalidInputError(
    `${origin} must hold at least ${MIN_KEY_LENGTH} characters, best random ones.`,
    {
      advice: 'One way to make a key: openssl rand -hex 32',
    },
  );
}
