const TITLES = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
} as const;

export type BarbicanStatus = keyof typeof TITLES;

/** An error of Barbican, with its own texts (recorded). */
export class BarbicanError extends Error {
  constructor(
    readonly status: BarbicanStatus,
    description: string,
  ) {
    super(description);
  }

  /** Body of the answer. Unlike errors of Coriolis and Keystone it has no key around all fields. */
  toResponseBody(): object {
    return { code: this.status, title: TITLES[this.status], description: this.message };
  }
}

/**
 * 403 for a caller whose role does not allow the action.
 * @param attempt e.g. `Secret creation`
 */
export function notAllowedError(attempt: string): BarbicanError {
  return new BarbicanError(
    403,
    `${attempt} attempt not allowed - please review your user/project privileges`,
  );
}

export function invalidSecretError(reason: string, property: string): BarbicanError {
  return new BarbicanError(
    400,
    `Provided object does not match schema 'Secret': ${reason}. Invalid property: '${property}'`,
  );
}
