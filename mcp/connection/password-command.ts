import { exec } from 'node:child_process';
import { InvalidInputError } from '../../src/api/errors';

/** Timeout of the command, long enough for a person to unlock a vault. */
const TIMEOUT_MS = 60_000;

/**
 * Runs a shell command and returns its first line of output. Its stderr is passed on, so that a vault can prompt.
 * @throws {InvalidInputError} the command failed, took too long or printed nothing; the error does not quote its output
 */
export function runPasswordCommand(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = exec(command, { timeout: TIMEOUT_MS, encoding: 'utf8' }, (error, stdout) => {
      const [line = ''] = stdout.split(/\r?\n/u);
      if (error === null && line !== '') resolve(line);
      else reject(failure(error === null ? 'printed nothing' : ending(error)));
    });
    child.stdin?.end();
    child.stderr?.pipe(process.stderr, { end: false });
  });
}

const ending = ({
  code,
  killed,
}: {
  readonly code?: number | string | undefined;
  readonly killed?: boolean;
}) => (killed === true ? `took longer than ${TIMEOUT_MS / 1000} s` : `ended with ${String(code)}`);

const failure = (what: string): InvalidInputError =>
  new InvalidInputError(`The command of --password-command ${what}.`, {
    advice:
      'Tell the operator of this MCP server: run alone, the command must print the password and end with 0.',
  });
