import { ProtocolError } from '../../../src/api/errors';
import { applianceConfigUrl, readApplianceConfig } from '../../../src/api/keystone';

describe('the configuration of an appliance', () => {
  const answer = (servicesUrls: unknown) => ({
    status: 200,
    headers: {},
    body: JSON.stringify({ config: { servicesUrls }, isFirstLaunch: false }),
  });

  it('stands at a known place', () => {
    expect(applianceConfigUrl('https://appliance/')).toBe('https://appliance/api/config');
  });

  it('leads to Keystone and Coriolis, also by relative addresses', () => {
    const urls = { keystone: 'https://appliance/identity', coriolis: '/coriolis' };
    expect(readApplianceConfig(answer(urls), 'https://appliance/')).toEqual({
      authUrl: 'https://appliance/identity',
      endpoint: 'https://appliance/coriolis',
    });
  });

  it('is missing elsewhere', () => {
    expect(() => readApplianceConfig({ status: 404, headers: {}, body: '' }, 'https://other')).toThrow(
      ProtocolError,
    );
    expect(() => readApplianceConfig(answer({}), 'https://other')).toThrow(/no Coriolis appliance/);
  });
});
