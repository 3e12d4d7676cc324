import { errorFromAnswer } from '../../../src/api/answer-error';
import {
  AuthenticationError,
  CapabilityError,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  ProtocolError,
  ServerError,
  UnreachableError,
} from '../../../src/api/errors';
import type { CoriolisError } from '../../../src/api/errors';
import type { CompanionService } from '../../../src/api/transport';
import { BEGIN, recording } from './support';

const recorded = (name: string): CoriolisError => {
  const { method, path, response, elapsedMs } = recording(name);
  return errorFromAnswer(response, { method, path, elapsedMs }, BEGIN);
};

const answered = (
  status: number,
  message: string,
  { method = 'GET', path = '/transfers', elapsedMs = 10, headers = {} } = {},
): CoriolisError =>
  errorFromAnswer(
    { status, headers, body: JSON.stringify({ error: { fault: 'f', code: status, message } }) },
    { method, path, elapsedMs },
    BEGIN,
  );

describe('an error of the server becomes the class a caller can act on', () => {
  it.each([
    ['current/transfer-show-404', NotFoundError],
    ['current/execution-show-404', NotFoundError],
    ['current/deployment-cancel-404', NotFoundError],
    ['current/endpoint-instance-show-404', NotFoundError],
    // A PUT checks the id in its path with its body, and answers 400.
    ['current/transfer-update-unknown-400', NotFoundError],
    // The id of something else than the path names: the input is wrong.
    ['current/transfer-create-unknown-endpoint', InvalidInputError],
    ['current/transfer-create-missing-origin-400', InvalidInputError],
    ['current/transfer-create-missing-destination-option-400', InvalidInputError],
    ['current/transfer-list-limit-text-400', InvalidInputError],
    ['current/transfer-execute-while-running-400', ConflictError],
    ['current/transfer-execute-while-deploying', ConflictError],
    ['current/transfer-delete-disks-unexecuted', ConflictError],
    ['current/deployment-create-unexecuted-transfer-400', ConflictError],
    ['current/deployment-create-after-disks-deleted', ConflictError],
    ['current/deployment-delete-while-running-400', ConflictError],
    ['current/deployment-cancel-finished', ConflictError],
    ['current/deployment-cancel-pending', ConflictError],
    ['current/execution-cancel-finished', ConflictError],
    ['current/execution-cancel-twice', ConflictError],
    ['current/execution-delete-while-running-400', ConflictError],
    ['current/endpoint-delete-in-use-403', ConflictError],
    ['current/endpoint-create-403', ForbiddenError],
    ['current/endpoint-storage-list-unsupported', CapabilityError],

    ['current/endpoint-instance-list-bad-credentials', ServerError],
    ['current/auth-other-project-in-url-400', ProtocolError],
    ['current/auth-v1-root', ProtocolError],
    ['auth/expired-get-401', AuthenticationError],
  ])('%s', (name, expected) => {
    const error = recorded(name);
    expect(error).toBeInstanceOf(expected);
    expect(error.advice).toMatch(/^[A-Z].*\.$/s);
    expect(error.status).toBe(recording(name).response.status);
  });

  it.each([
    [405, CapabilityError],
    [409, ConflictError],
    [413, InvalidInputError],
    [415, InvalidInputError],
    [501, CapabilityError],
  ])('HTTP %d', (status, expected) => {
    expect(answered(status, 'Words.')).toBeInstanceOf(expected);
  });
});

describe('the words of an error', () => {
  it('are the server’s, with what was asked and the request id', () => {
    const error = recorded('current/transfer-show-404');
    expect(error.message).toBe(
      "Transfer with ID '00000000-0000-4000-8000-00000000dead' not found. (GET /transfers/00000000-0000-4000-8000-00000000dead, HTTP 404)",
    );
    expect(error.requestId).toMatch(/^req-/);
  });

  it.each([
    ['NotFound_Remote: No such schedule', 'No such schedule'],
    ['NotFound: No such schedule', 'No such schedule'],
    ['Invalid input received: Invalid input received: Bad.', 'Invalid input received: Bad.'],
  ])('lose the server’s class names and repetitions: %s', (message, words) => {
    expect(answered(404, message).serverMessage).toBe(words);
  });

  it('name the place of a wrong value, without the dump of schema and input', () => {
    const error = recorded('current/transfer-create-bool-as-string-in-environment-400');
    expect(error.serverMessage).toBe(
      "Invalid input received: Invalid destination environment: Schema validation failed: 'true' is not of type 'boolean' (at ['set_dhcp'])",
    );
  });

  it('never quote a value that is a secret', () => {
    const schema =
      "\n\nFailed validating 'type' in schema:\n    {}\n\nOn instance['credentials']['password']:\n    12345";
    const error = answered(400, `Invalid input received: 12345 is not of type 'string'${schema}`);
    expect(error.message).toContain("the value at ['credentials']['password'] is not accepted");
    expect(error.message).not.toContain('12345');
    expect(answered(500, 'Login failed: password=hunter2 refused').message).not.toContain('hunter2');
  });
});

describe('advice', () => {
  it.each([
    'current/appcred-transfer-execute',
    'current/appcred-unrestricted-transfer-execute',
    'auth/revoked-cached-update',
  ])('on work that cannot start speaks of application credentials and revoked tokens: %s', (name) => {
    const error = recorded(name);
    expect(error).toBeInstanceOf(ServerError);
    expect(error.advice).toMatch(/application credential.*revoked token.*user name and password/s);
  });

  it('on a call that the server gave up on names what did not answer it; a change may have happened', () => {
    const slow = { method: 'POST', path: '/transfers/t/executions', elapsedMs: 60_300 };
    const words = 'The server has either erred or is incapable of performing the requested operation.';
    expect(answered(500, words, slow)).toMatchObject({
      kind: 'server',
      incomplete: true,
      advice: expect.stringMatching(/coriolis-conductor/) as string,
    });
    const read = answered(500, words, { ...slow, method: 'GET' });
    expect(read).toMatchObject({
      kind: 'timeout',
      advice: expect.stringMatching(/coriolis-conductor/) as string,
    });
    expect(read.advice).not.toMatch(/may have happened/);
  });

  it('on a failing platform points to the endpoint', () => {
    const error = recorded('current/endpoint-instance-list-bad-credentials');
    expect(error.message).toContain('Invalid credentials: authentication failed');
    expect(error.advice).toMatch(/connection details/);
  });
});

describe('what a proxy says', () => {
  const proxy = (status: number, headers: Record<string, string> = {}, body = '<html>Bad Gateway</html>') =>
    errorFromAnswer({ status, headers, body }, { method: 'GET', path: '/transfers', elapsedMs: 1 }, BEGIN);

  it.each([502, 503, 504])('is an outage with HTTP %d', (status) => {
    expect(proxy(status)).toBeInstanceOf(UnreachableError);
  });

  it.each([
    ['12', 12_000],
    [new Date(BEGIN + 5_000).toUTCString(), 5_000],
    [new Date(BEGIN - 5_000).toUTCString(), 0],
    ['soon', undefined],
  ])('may ask to wait: Retry-After %s', (header, ms) => {
    expect(proxy(429, { 'retry-after': header })).toMatchObject({ kind: 'unreachable', retryAfterMs: ms });
  });

  it('is no answer of Coriolis otherwise', () => {
    expect(proxy(403)).toBeInstanceOf(ProtocolError);
    expect(proxy(500)).toBeInstanceOf(ProtocolError);
  });

  it('is quoted only when it is short text', () => {
    expect(proxy(403, {}, `Forbidden ${'x'.repeat(5_000)}`).message.length).toBeLessThan(400);
  });
});

describe('an error of a service beside Coriolis', () => {
  const LOG: CompanionService = 'coriolis-logger';
  const KEYS: CompanionService = 'key-manager';
  const recordedBy = (service: CompanionService, name: string): CoriolisError => {
    const { method, path, response, elapsedMs } = recording(name);
    return errorFromAnswer(response, { method, path, elapsedMs, service }, BEGIN);
  };

  it.each([
    [LOG, 'logger/log-download-member-403', ForbiddenError, 'you need admin level access to view logs'],
    [LOG, 'logger/logs-list-bad-token-403', AuthenticationError, 'Failed to authenticate'],
    [LOG, 'logger/logs-list-no-token-403', AuthenticationError, 'missing token in headers'],
    [LOG, 'logger/api-root-404', NotFoundError, '404 page not found'],
    [LOG, 'logger/log-download-bad-date', InvalidInputError, 'invalid start date'],
    [
      KEYS,
      'barbican/barbican-secret-create-member-403',
      ForbiddenError,
      'Secret creation attempt not allowed',
    ],
    [KEYS, 'barbican/barbican-secret-delete-404', NotFoundError, 'Secret not found.'],
    [KEYS, 'barbican/barbican-secret-put-payload-again-409', ConflictError, 'Secret'],
    [KEYS, 'barbican/barbican-secret-create-too-large', InvalidInputError, 'too large'],
    [KEYS, 'barbican/barbican-secret-list-unscoped', ServerError, 'retrieval failure'],
  ])('%s: %s has its words', (service, name, kind, words) => {
    const error = recordedBy(service, name);

    expect(error).toBeInstanceOf(kind);
    expect(error.serverMessage).toContain(words);
    expect(error.message).toContain(`${service}: `);
    expect(error.advice).toBeTruthy();
  });

  it('of the licensing server has them in the usual wrapper', () => {
    const body = JSON.stringify({ error: { code: 404, message: 'Appliance could not be found.' } });
    const asked = {
      method: 'GET',
      path: '/appliances/x',
      elapsedMs: 5,
      service: 'coriolis-licensing',
    } as const;

    const error = errorFromAnswer({ status: 404, headers: {}, body }, asked, BEGIN);

    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.serverMessage).toBe('Appliance could not be found.');
  });
});
