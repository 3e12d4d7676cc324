import { pathTemplateOf } from '../../../src/api/request-path';

const id = 'c9f2a1d4-5a0e-4f0b-9e25-3f6f0d2c7b11';

describe('the template of a path', () => {
  it.each([
    [
      `https://coriolis.example.com:7667/v1/0123abcd/transfers/${id}/executions`,
      '/v1/{id}/transfers/{id}/executions',
    ],
    [
      `http://10.0.0.1/v1/p1/endpoints/${id}/instances/d2ViLTAx?env=x#y`,
      '/v1/{id}/endpoints/{id}/instances/{id}',
    ],
    ['http://keystone:5000/v3/auth/tokens', '/v3/auth/tokens'],
    [
      `/v1/p1/minion_pools/${id}/source-minion-pool-options`,
      '/v1/{id}/minion_pools/{id}/source-minion-pool-options',
    ],
    ['https://coriolis.example.com', ''],
    ['/a%2Fb/Web-01/v10x', '/{id}/{id}/{id}'],
  ])('of %s keeps plain words only', (url, expected) => {
    expect(pathTemplateOf(url)).toBe(expected);
  });
});
