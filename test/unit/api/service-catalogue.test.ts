import { CapabilityError, InvalidInputError } from '../../../src/api/errors';
import {
  findCoriolisAddress,
  readKeystoneToken,
  findServiceAddress,
  catalogueRegionsToChoose,
} from '../../../src/api/keystone';
import { demo, recording } from './support';

const PROJECT = '351ed44ac151474599d97370df948b5e';
const token = readKeystoneToken(
  recording('current/keystone-token-password-project').response,
  demo('http://keystone:5000'),
);

describe('the endpoint from the catalogue', () => {
  it('is the public one of the service of type migration', () => {
    expect(findCoriolisAddress(token)).toBe(`http://127.0.0.1:7667/v1/${PROJECT}`);
  });

  it('may be of another service type', () => {
    expect(findCoriolisAddress(token, { serviceType: 'migration-legacy' })).toBe(
      `http://127.0.0.1:7668/v1/${PROJECT}`,
    );
  });

  it('loses a trailing slash', () => {
    expect(findCoriolisAddress(token, { serviceType: 'identity' })).toBe('http://127.0.0.1:5000/v3');
  });

  it.each(['$(tenant_id)s', '%(tenant_id)s', '%(project_id)s', PROJECT])(
    'names the project, however the catalogue has it: %s',
    (id) => {
      const endpoint = {
        interface: 'public',
        region: 'one',
        url: `http://[fd00::7]:7667/coriolis/v1/${id}/`,
      };
      const catalogue = [{ type: 'migration', name: 'coriolis', endpoints: [endpoint] }];
      expect(findCoriolisAddress({ projectId: PROJECT, catalogue })).toBe(
        `http://[fd00::7]:7667/coriolis/v1/${PROJECT}`,
      );
    },
  );

  it('follows region and interface', () => {
    const endpoint = (region: string, kind: string) => ({
      region,
      interface: kind,
      url: `http://${region}/${kind}`,
    });
    const catalogue = [
      {
        type: 'migration',
        name: 'coriolis',
        endpoints: [
          endpoint('one', 'public'),
          endpoint('two', 'internal'),
          endpoint('two', 'public'),
          endpoint('three', 'adminURL'),
        ],
      },
    ];
    const choose = (selection: object) => findCoriolisAddress({ projectId: PROJECT, catalogue }, selection);
    expect(choose({ region: 'two' })).toBe('http://two/public');
    expect(choose({ region: 'two', interface: 'internal' })).toBe('http://two/internal');
    expect(choose({ interface: 'admin' })).toBe('http://three/adminURL');
    expect(choose({ region: '' })).toBe('http://one/public');
  });

  it('leaves a choice between regions only where there are several and none was named', () => {
    const endpoint = (region: string, side: string) => ({ region, interface: side, url: `http://${region}` });
    const unchosen = (selection: object, ...endpoints: readonly ReturnType<typeof endpoint>[]) =>
      catalogueRegionsToChoose(
        { catalogue: [{ type: 'migration', name: 'coriolis', endpoints }] },
        selection,
      );
    const [one, two] = [endpoint('one', 'public'), endpoint('two', 'public')];

    expect(unchosen({}, one, two, endpoint('three', 'internal'))).toEqual(['one', 'two']);
    expect(unchosen({}, one, endpoint('two', 'internal'))).toEqual([]);
    expect(unchosen({ region: 'two' }, one, two)).toEqual([]);
    expect(unchosen({ override: 'http://here' }, one, two)).toEqual([]);
    expect(catalogueRegionsToChoose(token)).toEqual([]);
  });

  it('lists what is there when Coriolis is not', () => {
    const choose = () => findCoriolisAddress(token, { serviceType: 'migrations' });
    expect(choose).toThrow(CapabilityError);
    expect(choose).toThrow(/identity "keystone", migration "coriolis", migration-legacy "coriolis-legacy"/);
  });

  it.each([
    ['region', { region: 'RegionTwo' }, 'The catalogue has RegionOne.'],
    ['serviceName', { serviceName: 'other' }, 'The catalogue has coriolis.'],
  ])('blames the %s that does not exist', (field, selection, advice) => {
    const choose = () => findCoriolisAddress(token, selection);
    expect(choose).toThrow(InvalidInputError);
    expect(choose).toThrow(expect.objectContaining({ field, advice }));
  });
});

describe('an endpoint given by hand', () => {
  it.each([
    'http://coriolis:7667',
    'http://coriolis:7667/',
    'http://coriolis:7667/v1',
    'http://coriolis:7667/v1/',
    `http://coriolis:7667/v1/${PROJECT}`,
    'http://coriolis:7667/v1/{project_id}',
    'http://coriolis:7667/v1/$(project_id)s',
    'http://coriolis:7667/v1/%(tenant_id)s/',
  ])('is completed with the project: %s', (override) => {
    expect(findCoriolisAddress(token, { override })).toBe(`http://coriolis:7667/v1/${PROJECT}`);
  });

  it('keeps the path of an appliance', () => {
    expect(findCoriolisAddress(token, { override: 'https://appliance/coriolis' })).toBe(
      `https://appliance/coriolis/${PROJECT}`,
    );
  });

  it('counts as not given when it is blank', () => {
    expect(findCoriolisAddress(token, { override: ' ' })).toBe(`http://127.0.0.1:7667/v1/${PROJECT}`);
  });

  it('must not end in another project', () => {
    const override = `http://coriolis:7667/v1/${'0'.repeat(32)}`;
    expect(() => findCoriolisAddress(token, { override })).toThrow(/another project/);
  });

  it('must be an address', () => {
    expect(() => findCoriolisAddress(token, { override: 'coriolis:7667' })).toThrow(
      expect.objectContaining({ field: 'override' }),
    );
  });
});

describe('the address of a service beside Coriolis', () => {
  const at = (type: string, name: string, urls: Readonly<Record<string, string>>) => ({
    type,
    name,
    endpoints: Object.entries(urls).map(([place, url]) => {
      const [region = '', kind = ''] = place.split('/');
      return { region, interface: kind, url };
    }),
  });
  const catalogue = [
    at('migration', 'coriolis', { 'one/public': 'http://one:7667/v1/p' }),
    at('coriolis-logger', 'logger', {
      'one/public': 'http://one:9998/api/v1/',
      'two/public': 'http://two:9998/api/v1',
      'two/internal': 'http://two.internal:9998/api/v1',
    }),
    at('key-manager', 'barbican', { 'one/public': 'http://one:9311/v1/' }),
  ];

  it('follows the region and interface that were chosen for Coriolis, and not what is its own', () => {
    const selection = {
      serviceType: 'migration-legacy',
      serviceName: 'coriolis',
      override: 'http://elsewhere',
    };

    expect(findServiceAddress({ catalogue }, 'coriolis-logger', selection)).toBe('http://one:9998/api/v1');
    expect(
      findServiceAddress({ catalogue }, 'coriolis-logger', {
        ...selection,
        region: 'two',
        interface: 'internal',
      }),
    ).toBe('http://two.internal:9998/api/v1');
  });

  it('of Barbican has no version, however the catalogue spells it', () => {
    expect(findServiceAddress({ catalogue }, 'key-manager')).toBe('http://one:9311');
  });

  it('that is not there is a lack of the installation, with what it has', () => {
    const choose = () => findServiceAddress({ catalogue }, 'coriolis-licensing');

    expect(choose).toThrow(CapabilityError);
    expect(choose).toThrow(
      /no licensing server of Coriolis.*"coriolis-licensing" \(it has coriolis-logger "logger", key-manager "barbican", migration "coriolis"\)/,
    );
  });
});
