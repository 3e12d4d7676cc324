import type { ICredentialTestRequest } from 'n8n-workflow';

type Rules = NonNullable<ICredentialTestRequest['rules']>;

const ADDRESS = 'check the endpoint URL, region and service type.';

/** Sentences that the credential's test shows for statuses of Coriolis with a known cause. */
const SENTENCES: Readonly<Record<number, string>> = {
  401: 'Coriolis refuses a token that Keystone has just issued: check that Auth URL and endpoint belong to the same installation.',
  403: 'The login works, but the user may not list transfers: ask for a role in the project.',
  404: `The login works, but no Coriolis 1.1 or later answers at its address: ${ADDRESS}`,
  407: 'The login works, but a proxy before Coriolis asks for a login of its own (HTTP 407).',
  429: 'The login works, but the server takes no more requests for now (HTTP 429): test again in a minute.',
};

/** Statuses that need a sentence: all registered ones from 300 on, and those that common gateways have added. */
const STATUSES: readonly number[] = [
  ...[300, 301, 302, 303, 304, 305, 307, 308],
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418],
  ...[421, 422, 423, 424, 425, 426, 428, 429, 431, 444, 451, 494, 495, 496, 497, 498, 499],
  ...[500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511],
  ...[520, 521, 522, 523, 524, 525, 526, 527, 529, 530],
];

function sentenceFor(status: number): string {
  if (status < 400)
    return `The login works, but the address of Coriolis leads to another one (HTTP ${status}): ${ADDRESS}`;
  if (status < 500) return `The login works, but Coriolis refuses the test (HTTP ${status}): ${ADDRESS}`;
  return `The login works, but Coriolis or a gateway before it fails (HTTP ${status}): test again, and read the log of coriolis-api.`;
}

/**
 * Rules with a sentence for each status. For a status without a rule n8n's credential test would show the reason phrase
 * of the answer: a text of the server or of a gateway, which may hold a secret.
 */
export const credentialTestRules: Rules = STATUSES.map((value) => ({
  type: 'responseCode',
  properties: { value, message: SENTENCES[value] ?? sentenceFor(value) },
}));
