import { InvalidInputError } from '../../../src/api/errors';
import {
  loginSettingsFromCloud,
  loginSettingsFromVariables,
  type LoginSettings,
} from '../../../src/api/login-settings';
import { isObject } from '../../../src/model/json';
import { isOpenrc, readOpenrc } from './openrc';
import { parsePastedYaml } from './parse-pasted-yaml';

/**
 * Reads the settings in a pasted openrc file or `clouds.yaml`.
 * @param cloud name of a cloud; needed only when the text has several
 * @throws {InvalidInputError} the text is neither, or has no such cloud. The error quotes only names of clouds.
 */
export function readPastedSettings(text: string, cloud: string | undefined): LoginSettings {
  if (isOpenrc(text)) return loginSettingsFromVariables(readOpenrc(text));
  const content = parsePastedYaml(text);
  const clouds = isObject(content) ? content['clouds'] : undefined;
  if (!isObject(clouds)) {
    throw new InvalidInputError('The pasted text is neither an openrc file nor a clouds.yaml', {
      advice: 'An openrc file has lines such as export OS_AUTH_URL=…, a clouds.yaml begins with clouds:.',
    });
  }
  const names = Object.keys(clouds);
  const name = cloud ?? (names.length === 1 ? names[0] : undefined);
  const chosen = name === undefined ? undefined : clouds[name];
  if (isObject(chosen)) return loginSettingsFromCloud(chosen);
  throw new InvalidInputError(
    name === undefined
      ? 'The pasted clouds.yaml has several clouds'
      : `The pasted clouds.yaml has no cloud "${name}"`,
    { advice: `Give the Cloud Name: ${names.join(', ') || 'the text has none'}.` },
  );
}
