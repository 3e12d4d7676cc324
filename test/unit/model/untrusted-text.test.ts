import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { disarmMarkup, truncate, maskSecrets, quoteText } from '../../../src/model/untrusted-text';

const SECRET = 'Sup3rS3cretValue';
const RECORDINGS = join(__dirname, '../../fixtures/recordings');

/** What real servers said when they refused something. */
function* recordedRefusals(): Iterable<string> {
  for (const folder of ['auth', 'barbican', 'current', 'legacy', 'logger']) {
    for (const file of readdirSync(join(RECORDINGS, folder))) {
      const { response } = JSON.parse(readFileSync(join(RECORDINGS, folder, file), 'utf8')) as {
        readonly response?: { readonly status: number; readonly body: unknown };
      };
      if (response === undefined || response.status < 400) continue;
      const { body } = response as {
        body: { error?: { message?: string }; description?: string } | string | null;
      };
      const text = typeof body === 'string' ? body : (body?.error?.message ?? body?.description);
      // Behind the first line come quoted schemas and instances, whose values may well be secrets.
      if (text !== undefined) yield text.split('\n')[0] ?? '';
    }
  }
}

describe('texts that somebody else wrote', () => {
  test.each([
    [`{"username": "admin", "password": "${SECRET}"}`],
    [`{'user': 'admin', 'pkey_password': u'${SECRET}', 'port': 22}`],
    [`winrm connection must be a dict: {'password': '${SECRET}\\'s'}`],
    [`https://admin:${SECRET}@vcenter.example/sdk`],
    [`curl --password ${SECRET} https://example`],
    [`export OS_PASSWORD=${SECRET}; yum install`],
    [`X-Auth-Token: ${SECRET}`],
    [`Authorization: Bearer ${SECRET}${SECRET}`],
    [`https://store.example/blob?sv=1&sig=${SECRET}&x=1`],
    [`https://s3.example/o?X-Amz-Signature=${SECRET}`],
    [`encrypted_disks_passphrase: ${SECRET}`],
    [`does not match schema 'Secret': {'payload_token': '${SECRET}'}`],
    [`does not match schema 'password': ${SECRET}`],
    [`no schema {'Secret': '${SECRET}'}`],
    [`-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`],
    [`-----BEGIN PRIVATE KEY-----\n${SECRET} and then cut`],
    [`token gAAAAAB${SECRET}${SECRET}`],
    [`pass\u200bword=${SECRET}`],
  ])('lose their secrets: %s', (text) => {
    expect(maskSecrets(text)).not.toContain(SECRET);
    expect(quoteText(text, 1000)).not.toContain(SECRET);
  });

  test('lose BitLocker recovery passwords', () => {
    const recovery = Array.from({ length: 8 }, (_, index) => `11${index}111`).join('-');
    expect(maskSecrets(`could not unlock with ${recovery}`)).toBe('could not unlock with ***');
  });

  test.each([
    ['Provided secret id is invalid.'],
    ['Secret not found.'],
    ['Failed to authenticate: authenticating token: 401 UNAUTHORIZED'],
    ["Provided object does not match schema 'Secret': If 'payload' specified, must be non empty."],
    ['The token of the user has expired'],
    ["Flavor 'm1.small' could not be found"],
    ['Failed to connect to 10.0.0.7:902'],
  ])('keep what is no secret: %s', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  test('keep the words of every recorded refusal', () => {
    const words = [...recordedRefusals()];
    expect(words.length).toBeGreaterThan(100);
    expect(words.filter((text) => maskSecrets(text) !== text)).toEqual([]);
  });

  test('lose control characters and line breaks, and become short', () => {
    expect(quoteText('\u001b[31mred\u001b[0m\r\n\u0007\u202etxt  end', 100)).toBe('red txt end');
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncate('ab\ud83d\ude00cd', 4)).toBe('ab…');
  });

  test('never become longer than asked, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 1, max: 300 }),
        (text, length) => {
          const quoted = quoteText(text, length);
          expect(quoted.length).toBeLessThanOrEqual(length);
          expect(quoted).not.toMatch(/\p{Cc}/u);
        },
      ),
    );
  });

  test.each([
    ['a picture', '![x](https://evil.example/?q=1)', '![x] (https://evil.example/?q=1)'],
    ['a link', 'see [the fix](javascript:x)', 'see [the fix] (javascript:x)'],
    ['tags', 'a <img src=x onerror=y> b</a><!-- c --><?d', 'a ‹img src=x onerror=y> b‹/a>‹!-- c -->‹?d'],
    ['an address in angles', '<https://evil.example>', '‹https://evil.example>'],
    ['what is no markup', 'a < b, [1], f (x), 3<4', 'a < b, [1], f (x), 3<4'],
  ])('draw and load nothing: %s', (_what, given, shown) => {
    expect(disarmMarkup(given)).toBe(shown);
    expect(disarmMarkup(shown)).toBe(shown);
    const json = JSON.stringify({ notes: given, rows: [[], [1]] });
    expect(JSON.parse(disarmMarkup(json))).toEqual({ notes: shown, rows: [[], [1]] });
  });
});
