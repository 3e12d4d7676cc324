/**
 * Clouds and environments that openstacksdk's tests (openstack/tests/unit/config: base.py, test_config.py, test_environ.py)
 * load, each with the user and project of the login that is sent.
 */

export const auth = { auth_url: 'https://example.com/v3', username: 'testuser', password: 'testpass' };
export const user = (domain: object) => ({ name: 'testuser', domain });
export const project = (domain: object) => ({ name: 'testproject', domain });
export const byName = { ...auth, project_name: 'testproject' };

/** Cases: what it is, the cloud, the user, the project. */
export const cloudCases: ReadonlyArray<readonly [string, object, object, object]> = [
  [
    'with one domain id for both',
    { auth: { ...auth, domain_id: 'awesome', project_id: 12345 } },
    user({ id: 'awesome' }),
    { id: '12345' },
  ],
  [
    'with one domain name for both',
    { auth: { ...byName, domain_name: 'Corp' } },
    user({ name: 'Corp' }),
    project({ name: 'Corp' }),
  ],
  [
    'with one domain beside auth',
    { auth: byName, domain_name: 'Corp' },
    user({ name: 'Corp' }),
    project({ name: 'Corp' }),
  ],
  [
    'with a domain written with a dash',
    { auth: { ...byName, 'domain-id': '12345' } },
    user({ id: '12345' }),
    project({ id: '12345' }),
  ],
  [
    'with a domain for both, and another for the project',
    { auth: { ...byName, domain_id: '6789', project_domain_id: '123456789' } },
    user({ id: '6789' }),
    project({ id: '123456789' }),
  ],
  [
    'with domains of their own',
    { auth: { ...byName, user_domain_name: 'udn', project_domain_name: 'projectdomain' } },
    user({ name: 'udn' }),
    project({ name: 'projectdomain' }),
  ],
  [
    'with an id for both and a name for the user: the id counts',
    { auth: { ...byName, domain_id: '6789', user_domain_name: 'udn' } },
    user({ id: '6789' }),
    project({ id: '6789' }),
  ],
  [
    'with a default domain',
    { auth: { ...byName, default_domain_id: 'corp' } },
    user({ id: 'corp' }),
    project({ id: 'corp' }),
  ],
  ['without any domain', { auth: byName }, user({ id: 'default' }), project({ id: 'default' })],
  [
    'with a project id written with a dash',
    { auth: { ...auth, 'project-id': '12345' } },
    user({ id: 'default' }),
    { id: '12345' },
  ],
  [
    'with a tenant',
    { auth: { ...auth, tenant_name: 'testproject' } },
    user({ id: 'default' }),
    project({ id: 'default' }),
  ],
  [
    'with a project in auth and another beside it, which counts',
    { auth: { ...auth, project_name: 'other' }, project_name: 'testproject' },
    user({ id: 'default' }),
    project({ id: 'default' }),
  ],
  [
    'with a default id, which counts before a name of its own',
    { auth: { ...byName, default_domain_id: 'corp', user_domain_name: 'People' } },
    user({ id: 'corp' }),
    project({ id: 'corp' }),
  ],
  [
    'with a default domain beside auth, which counts last',
    { auth: { ...byName, user_domain_name: 'People' }, default_domain: 'corp' },
    user({ name: 'People' }),
    project({ id: 'corp' }),
  ],
  [
    'with a default domain of a name',
    { auth: { ...byName, default_domain_name: 'Corp', project_domain_name: 'Other' } },
    user({ name: 'Corp' }),
    project({ name: 'Other' }),
  ],
  [
    'with a tenant beside auth and a project within, which counts',
    { auth: { ...auth, project_id: '12345' }, tenant_id: '67890' },
    user({ id: 'default' }),
    { id: '12345' },
  ],
  [
    'with a project and, after it, a tenant: the project counts',
    { auth: { ...auth, 'project-name': 'testproject', 'tenant-name': 'other' } },
    user({ id: 'default' }),
    project({ id: 'default' }),
  ],
  [
    'with the id of a project within auth and a name beside it: the id counts',
    { auth: { ...auth, project_id: '12345' }, project_name: 'other' },
    user({ id: 'default' }),
    { id: '12345' },
  ],
  [
    'with its user under the old name',
    { auth: { ...byName, username: undefined, user_name: 'testuser' } },
    user({ id: 'default' }),
    project({ id: 'default' }),
  ],
  [
    'with its user beside auth and another within, which counts',
    { auth: byName, username: 'other' },
    user({ id: 'default' }),
    project({ id: 'default' }),
  ],
  [
    'with entries that hold for its first region',
    {
      auth: { ...auth, project_name: 'other', user_domain_id: 'corp' },
      regions: [
        { name: 'one', values: { auth: { project_name: 'testproject', project_domain_name: 'Corp' } } },
        { name: 'two', values: { auth: { username: 'other' } } },
      ],
    },
    user({ id: 'corp' }),
    project({ name: 'Corp' }),
  ],
  [
    'with entries that hold for the region that it names',
    {
      auth: byName,
      region_name: 'two',
      regions: ['one', { name: 'two', values: { user_domain_id: 'corp' } }],
    },
    user({ id: 'corp' }),
    project({ id: 'default' }),
  ],
  [
    'with its type of login under the old name',
    { auth: byName, auth_plugin: 'password' },
    user({ id: 'default' }),
    project({ id: 'default' }),
  ],
];

/** The variables of a login by name. */
export const OS = {
  OS_AUTH_URL: 'https://example.com',
  OS_USERNAME: 'testuser',
  OS_PASSWORD: 'testpass',
  OS_PROJECT_NAME: 'testproject',
};

/** Cases: what it is, more variables, the domains of user and project. */
export const environmentCases: ReadonlyArray<
  readonly [string, Readonly<Record<string, string>>, object, object]
> = [
  ['without any domain', {}, { id: 'default' }, { id: 'default' }],
  ['with OS_DOMAIN_NAME', { OS_DOMAIN_NAME: 'Corp' }, { name: 'Corp' }, { name: 'Corp' }],
  ['with OS_DOMAIN_ID', { OS_DOMAIN_ID: 'corp' }, { id: 'corp' }, { id: 'corp' }],
  [
    'with a domain of the user beside it',
    { OS_DOMAIN_NAME: 'Corp', OS_USER_DOMAIN_NAME: 'People' },
    { name: 'People' },
    { name: 'Corp' },
  ],
  ['with OS_DEFAULT_DOMAIN', { OS_DEFAULT_DOMAIN: 'corp' }, { id: 'corp' }, { id: 'corp' }],
  [
    'with OS_DEFAULT_DOMAIN and a domain of the user',
    { OS_DEFAULT_DOMAIN: 'corp', OS_USER_DOMAIN_NAME: 'People' },
    { name: 'People' },
    { id: 'corp' },
  ],
  [
    'with OS_DEFAULT_DOMAIN_ID, which counts before a name',
    { OS_DEFAULT_DOMAIN_ID: 'corp', OS_USER_DOMAIN_NAME: 'People' },
    { id: 'corp' },
    { id: 'corp' },
  ],
  [
    'with an id and a name for both: the id counts',
    { OS_DOMAIN_ID: 'corp', OS_DOMAIN_NAME: 'Corp' },
    { id: 'corp' },
    { id: 'corp' },
  ],
  [
    'with a tenant beside the project, which counts',
    { OS_TENANT_NAME: 'other' },
    { id: 'default' },
    { id: 'default' },
  ],
];
