import { isSameWatchScope } from '../../../src/watch/watch-scope';

const scope = (
  where: string,
  whose: object = { name: 'p', domain: { id: 'default' } },
  selection: object = {},
) => JSON.stringify([where, whose, selection]);

const keystone = 'https://coriolis.example:5000/v3';

describe('the scope of a cursor is the server and project', () => {
  test.each([
    ['a trailing slash', scope(`${keystone}/`)],
    ['no version of Keystone', scope('https://coriolis.example:5000')],
    ['upper case', scope('https://Coriolis.Example:5000/v3')],
    ['http', scope('http://coriolis.example:5000/v3')],
    ['another interface', scope(keystone, undefined, { interface: 'internal' })],
    ['the usual type of the service', scope(keystone, undefined, { serviceType: 'migration' })],
    ['the domain by its name', scope(keystone, { name: 'p', domain: { name: 'Default' } })],
  ])('whatever its address says: %s', (_difference, other) => {
    expect(isSameWatchScope(scope(keystone), other)).toBe(true);
  });

  test.each([
    ['another host', scope('https://other.example:5000/v3')],
    ['another port', scope('https://coriolis.example:5001/v3')],
    ['another path', scope('https://coriolis.example:5000/identity/v3')],
    ['another project', scope(keystone, { name: 'q', domain: { id: 'default' } })],
    ['another domain', scope(keystone, { name: 'p', domain: { name: 'Lab' } })],
    ['another region', scope(keystone, undefined, { region: 'two' })],
    ['another endpoint', scope(keystone, undefined, { override: 'https://other.example/v1' })],
  ])('and not the same with %s', (_difference, other) => {
    expect(isSameWatchScope(scope(keystone), other)).toBe(false);
  });

  test('default ports and paths of an override are no difference', () => {
    expect(isSameWatchScope(scope('https://a.example'), scope('https://a.example:443/v3/'))).toBe(true);
    expect(isSameWatchScope(scope('http://a.example:80'), scope('http://a.example'))).toBe(true);
  });

  test('a scope of any other form is compared as text', () => {
    expect(isSameWatchScope('sandbox', 'sandbox')).toBe(true);
    expect(isSameWatchScope('sandbox', 'sandbox/')).toBe(false);
  });
});
