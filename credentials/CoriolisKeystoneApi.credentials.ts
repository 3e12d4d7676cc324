import type {
  ICredentialDataDecryptedObject,
  ICredentialTestRequest,
  ICredentialType,
  IDataObject,
  IHttpRequestHelper,
  IHttpRequestOptions,
  INodeProperties,
} from 'n8n-workflow';
import { credentialTestRules } from '../nodes/login/credential-test-rules';
import { logIn, authenticateRequest } from '../nodes/login/keystone-login';
import { withoutUndefined } from '../src/model/json';

const inFields = { keystoneBy: ['appliance', 'authUrl'] };
const forPassword = { show: { ...inFields, method: ['password'] } };
const forApplicationCredential = { show: { ...inFields, method: ['applicationCredential'] } };

/**
 * Makes an advanced field. It is shown when advanced fields are switched on, and also when it has another value than
 * its default: n8n drops the values of fields that are not shown. n8n draws no collections in credentials
 * (docs/reference/n8n-host.md §2), so it cannot be in one.
 */
function advanced(field: INodeProperties): INodeProperties[] {
  const show = field.displayOptions?.show;
  return [
    { ...field, displayOptions: { show: { ...show, advanced: [true] } } },
    {
      ...field,
      displayOptions: {
        show: { ...show, advanced: [false] },
        hide: { [field.name]: [field.default as string | boolean] },
      },
    },
  ];
}

/** Makes the field that says whether a part of the login is given by name or by id. */
const nameOrId = (displayName: string, name: string, description?: string): INodeProperties[] =>
  advanced({
    displayName,
    name,
    type: 'options',
    options: [
      { name: 'Name', value: 'name' },
      { name: 'ID', value: 'id' },
    ],
    default: 'name',
    ...withoutUndefined({ description }),
    displayOptions: forPassword,
  });

/**
 * Credential for a Coriolis that uses OpenStack Keystone v3. n8n stores the token in the hidden fields, encrypted with
 * the credential, so that all workflows and workers share it.
 */
export class CoriolisKeystoneApi implements ICredentialType {
  name = 'coriolisKeystoneApi';

  displayName = 'Coriolis Keystone API';

  icon = {
    light: 'file:../nodes/icons/coriolis.svg',
    dark: 'file:../nodes/icons/coriolis.dark.svg',
  } as const;

  documentationUrl =
    'https://github.com/n8n-nodes-coriolis/n8n-nodes-coriolis/blob/main/docs/n8n.md#credential-coriolis-keystone-api';

  properties: INodeProperties[] = [
    {
      displayName: 'Connect With',
      name: 'keystoneBy',
      type: 'options',
      options: [
        {
          name: 'Auth URL',
          value: 'authUrl',
          description: 'Address of Keystone and a login, field by field',
        },
        {
          name: 'Appliance Address',
          value: 'appliance',
          description: 'Address of the web interface, which tells where Keystone and Coriolis are',
        },
        {
          name: 'Openrc or clouds.yaml',
          value: 'pasted',
          description: 'The text of a file that OpenStack clients use',
        },
      ],
      default: 'authUrl',
    },
    {
      displayName: 'Auth URL',
      name: 'authUrl',
      type: 'string',
      required: true,
      default: '',
      placeholder: 'https://keystone.example.com:5000/v3',
      description: 'Address of Keystone, the identity service that Coriolis uses',
      displayOptions: { show: { keystoneBy: ['authUrl'] } },
    },
    {
      displayName: 'Appliance Address',
      name: 'appliance',
      type: 'string',
      required: true,
      default: '',
      placeholder: 'https://coriolis.example.com',
      description: 'Address of the web interface of Coriolis, which tells where Keystone and Coriolis are',
      displayOptions: { show: { keystoneBy: ['appliance'] } },
    },
    {
      displayName: 'Openrc or clouds.yaml',
      name: 'pastedSecret',
      type: 'string',
      typeOptions: { rows: 8, password: true },
      required: true,
      default: '',
      placeholder: 'export OS_AUTH_URL=https://keystone.example.com:5000/v3',
      description:
        'Text of an openrc file or of a clouds.yaml. n8n encrypts it. It says everything: address, user, project, domains, region.',
      displayOptions: { show: { keystoneBy: ['pasted'] } },
    },
    {
      displayName: 'Cloud Name',
      name: 'cloudName',
      type: 'string',
      default: '',
      description: 'Which cloud of a clouds.yaml that has several',
      displayOptions: { show: { keystoneBy: ['pasted'] } },
    },
    {
      displayName: 'Password',
      name: 'password',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description: 'Needed when the pasted text has no password, as the openrc files that Horizon offers',
      displayOptions: { show: { keystoneBy: ['pasted'] } },
    },
    {
      displayName: 'Method',
      name: 'method',
      type: 'options',
      options: [
        { name: 'Password', value: 'password' },
        { name: 'Application Credential', value: 'applicationCredential' },
      ],
      default: 'password',
      displayOptions: { show: inFields },
    },
    {
      displayName:
        'With an application credential Coriolis can read, validate and create, but not execute, deploy, update or delete disks: Keystone does not let the server act on for one. Use a user name and password for those.',
      name: 'applicationCredentialNotice',
      type: 'notice',
      default: '',
      displayOptions: forApplicationCredential,
    },
    {
      displayName: 'Application Credential ID',
      name: 'applicationCredentialId',
      type: 'string',
      required: true,
      default: '',
      displayOptions: forApplicationCredential,
    },
    {
      displayName: 'Application Credential Secret',
      name: 'applicationCredentialSecret',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      displayOptions: forApplicationCredential,
    },
    {
      displayName: 'User Name',
      name: 'userName',
      type: 'string',
      required: true,
      default: '',
      displayOptions: { show: { ...forPassword.show, userBy: ['name'] } },
    },
    {
      displayName: 'User ID',
      name: 'userId',
      type: 'string',
      required: true,
      default: '',
      displayOptions: { show: { ...forPassword.show, userBy: ['id'] } },
    },
    {
      displayName: 'User Domain',
      name: 'userDomain',
      type: 'string',
      default: 'Default',
      displayOptions: { show: { ...forPassword.show, userBy: ['name'] } },
    },
    {
      displayName: 'Password',
      name: 'password',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      displayOptions: forPassword,
    },
    {
      displayName: 'Project Name',
      name: 'projectName',
      type: 'string',
      required: true,
      default: '',
      description: 'Transfers and endpoints belong to a project; those of others stay invisible',
      displayOptions: { show: { ...forPassword.show, projectBy: ['name'] } },
    },
    {
      displayName: 'Project ID',
      name: 'projectId',
      type: 'string',
      required: true,
      default: '',
      description: 'Transfers and endpoints belong to a project; those of others stay invisible',
      displayOptions: { show: { ...forPassword.show, projectBy: ['id'] } },
    },
    {
      displayName: 'Project Domain',
      name: 'projectDomain',
      type: 'string',
      default: 'Default',
      displayOptions: { show: { ...forPassword.show, projectBy: ['name'] } },
    },
    {
      displayName: 'Region',
      name: 'region',
      type: 'string',
      default: '',
      description: 'Region of the Coriolis endpoint in the catalogue. Leave empty when there is only one.',
      displayOptions: { show: inFields },
    },
    {
      displayName: 'Web Interface Address',
      name: 'webAddress',
      type: 'string',
      default: '',
      placeholder: 'https://coriolis.example.com',
      description:
        'Address of the web interface of Coriolis. Results and events then have a link to their page. Not needed with an appliance address.',
    },
    {
      displayName: 'Advanced',
      name: 'advanced',
      type: 'boolean',
      default: false,
      description: 'Whether to show the fields that few installations need',
    },
    ...nameOrId('User By', 'userBy'),
    ...nameOrId('Project By', 'projectBy'),
    ...nameOrId('Domains By', 'domainsBy', 'Names of users and projects are unique within their domain only'),
    ...advanced({
      displayName: 'Interface',
      name: 'interface',
      type: 'options',
      options: [
        { name: 'Public', value: 'public' },
        { name: 'Internal', value: 'internal' },
        { name: 'Admin', value: 'admin' },
      ],
      default: 'public',
      description: 'Which of the addresses in the catalogue to use',
      displayOptions: { show: inFields },
    }),
    ...advanced({
      displayName: 'Service Type',
      name: 'serviceType',
      type: 'string',
      default: 'migration',
      description: 'Type under which the catalogue lists Coriolis',
      displayOptions: { show: inFields },
    }),
    ...advanced({
      displayName: 'Endpoint URL Override',
      name: 'endpointOverride',
      type: 'string',
      default: '',
      placeholder: 'https://coriolis.example.com:7667/v1',
      description:
        'Address of Coriolis, instead of the one in the catalogue. The ID of the project is appended where it is missing.',
      displayOptions: { show: inFields },
    }),
    ...advanced({
      displayName: 'CA Certificate (PEM)',
      name: 'caPem',
      type: 'string',
      typeOptions: { rows: 4 },
      default: '',
      placeholder: '-----BEGIN CERTIFICATE-----',
      description:
        'Authority that issued the certificates of Keystone and Coriolis, when it is a private one. Needs n8n 2.20 or later.',
    }),
    ...advanced({
      displayName: 'Ignore SSL Issues (Insecure)',
      name: 'ignoreSslIssues',
      type: 'boolean',
      default: false,
      description: 'Whether to connect even if the certificate cannot be verified',
    }),
    {
      displayName: 'Session Token',
      name: 'sessionToken',
      type: 'hidden',
      typeOptions: { expirable: true, password: true },
      default: '',
    },
    { displayName: 'Endpoint URL', name: 'endpointUrl', type: 'hidden', default: '' },
    { displayName: 'Session Meta', name: 'sessionMeta', type: 'hidden', default: '' },
  ];

  async preAuthentication(
    this: IHttpRequestHelper,
    credentials: ICredentialDataDecryptedObject,
  ): Promise<IDataObject> {
    return await logIn(this.helpers, credentials);
  }

  authenticate = async (
    credentials: ICredentialDataDecryptedObject,
    request: IHttpRequestOptions,
  ): Promise<IHttpRequestOptions> => authenticateRequest(credentials, request);

  test: ICredentialTestRequest = {
    request: {
      url: '/transfers',
      qs: { limit: 1 },
      headers: { Accept: 'application/json' },
      timeout: 20_000,
    },
    rules: credentialTestRules,
  };
}
