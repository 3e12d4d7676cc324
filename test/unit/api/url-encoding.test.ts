import fc from 'fast-check';
import {
  encodeBase64Url,
  encodeEnvironment,
  encodeInstance,
  encodeOptions,
  encodePathSegment,
} from '../../../src/api/url-encoding';
import { path } from '../../../src/api/request-path';

const reference = (text: string): string =>
  Buffer.from(text, 'utf8').toString('base64').replaceAll('+', '-').replaceAll('/', '_');

describe('URL-safe base64 with padding', () => {
  it.each(['', 'a', 'ab', 'abc', 'ÿ>?', 'søk/vm-01', '日本語', '🚚🚚', '\ud800'])(
    'encodes %j as UTF-8',
    (text) => {
      expect(encodeBase64Url(text)).toBe(reference(text));
    },
  );

  it('agrees with Node on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encodeBase64Url(text)).toBe(reference(text));
      }),
    );
  });
});

describe('query parameters of platform calls', () => {
  it('encodes an environment as JSON', () => {
    expect(encodeEnvironment({ region: 'eu' })).toBe(reference('{"region":"eu"}'));
    expect(encodeEnvironment(undefined)).toBeUndefined();
  });

  it('encodes names of options as a JSON array and leaves out an empty one, which would ask for nothing', () => {
    expect(encodeOptions(['flavor_name'])).toBe(reference('["flavor_name"]'));
    expect(encodeOptions([])).toBeUndefined();
    expect(encodeOptions(undefined)).toBeUndefined();
  });
});

describe('paths', () => {
  it('carries an instance with slashes in one segment', () => {
    expect(encodeInstance('Datacenter/vm/db-01')).toBe('RGF0YWNlbnRlci92bS9kYi0wMQ==');
  });

  it('never lets an id lead elsewhere', () => {
    expect(path`/transfers/${'../endpoints'}/executions`).toBe('/transfers/..%2Fendpoints/executions');
    expect(encodePathSegment('a/b?c#d e')).toBe('a%2Fb%3Fc%23d%20e');
    expect(encodePathSegment('..')).toBe('%2E%2E');
    expect(encodePathSegment('.')).toBe('%2E');
  });

  it('makes of half a character what UTF-8 makes of it', () => {
    expect(encodePathSegment('a\ud800')).toBe('a%EF%BF%BD');
    expect(encodePathSegment('\u{1f600}')).toBe('%F0%9F%98%80');
  });
});
