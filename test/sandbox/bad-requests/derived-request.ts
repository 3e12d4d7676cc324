import type { Generation } from '../../../sandbox/world/releases';

/**
 * Wrong requests whose answers were read off the server's source (`coriolis/api`, `coriolis/db/api.py` and the RPC servers,
 * releases 1.0.21 and 1.2.7), not recorded. `<Transfer>`, `<transfer>`, `<Deployment>` and `<deployment>` stand for the words of the generation.
 */
export interface DerivedRequest {
  readonly method: string;
  readonly path: string;
  /** A text is sent as it is. */
  readonly body?: unknown;
  readonly contentType?: string;
  /** Status, and the message of an error; for each generation where they differ, `null` for no such route or feature. */
  readonly expected: Expected | Readonly<Record<Generation, Expected | null>>;
}

export type Expected = readonly [status: number, message?: string];

export const DEAD = '00000000-0000-4000-8000-0000000000ff';
export const GENERIC =
  'The server could not comply with the request since it is either malformed or otherwise incorrect.';
const INTERNAL = 'The server has either erred or is incapable of performing the requested operation.';
export const MALFORMED: Expected = [400, 'Malformed request body'];
export const crash: Expected = [500, INTERNAL];
export const invalid = (reason: string): Expected => [400, `Invalid input received: ${reason}`];

export const send = (
  method: string,
  path: string,
  body: unknown,
  expected: DerivedRequest['expected'],
  contentType = 'application/json',
): DerivedRequest => ({ method, path, body, expected, contentType });
export const get = (path: string, expected: DerivedRequest['expected']): DerivedRequest => ({
  method: 'GET',
  path,
  expected,
});
export const remove = (path: string, expected: DerivedRequest['expected']): DerivedRequest => ({
  method: 'DELETE',
  path,
  expected,
});
