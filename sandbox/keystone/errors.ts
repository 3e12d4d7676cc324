/** Errors of Keystone v3 (docs/reference/coriolis-api.md §3; texts from recorded traffic). */

const TITLES = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' } as const;

/** Statuses of Keystone's errors. */
export type KeystoneStatus = keyof typeof TITLES;

const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';

/** An error of Keystone: its status and message. */
export class KeystoneError extends Error {
  /** @param details further keys of the error object, besides `code`, `message` and `title` */
  constructor(
    readonly status: KeystoneStatus,
    message: string,
    private readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }

  /** The response body. */
  toResponseBody(): { error: Record<string, unknown> } {
    return {
      error: { code: this.status, ...this.details, message: this.message, title: TITLES[this.status] },
    };
  }
}

/** 401 with the same text for a wrong password, an unknown user, an unknown project and a bad token. */
export function unauthorizedError(): KeystoneError {
  return new KeystoneError(401, 'The request you have made requires authentication.');
}

/** 403 for a policy rule such as `identity:list_services`. */
export function forbiddenError(action: string): KeystoneError {
  return new KeystoneError(403, `You are not authorized to perform the requested action: ${action}.`);
}

/** 400: an attribute is missing. @param where as Keystone writes it, e.g. `project` or `request body` */
export function missingAttributeError(attribute: string, where: string): KeystoneError {
  return new KeystoneError(400, `Expecting to find ${attribute} in ${where}. ${MALFORMED}`);
}

/** 404 for a token that Keystone never issued. */
export function unrecognizedTokenError(): KeystoneError {
  return new KeystoneError(404, 'Could not recognize Fernet token');
}

/** 404 for an expired or revoked token. */
export function invalidTokenError(): KeystoneError {
  return new KeystoneError(404, 'Failed to validate token');
}
