import { connect, type ConnectOptions, type CoriolisApi } from '../../library';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { asked, byPassword, startKeystone, tokenOf, type Keystone } from './keystone';

/** Who and what is in the Keystone of the tests, and the ids that it gave them. */
export interface People {
  /** Domain `lab` of the engineers; the others are in `Default`. */
  readonly lab: string;
  /** Project `migration` of the domain `lab`. */
  readonly migration: string;
  /** Member of `migration`, and of `second` in the domain `Default`. */
  readonly engineer: string;
  /** Of the engineer, in `migration`. */
  readonly applicationCredential: string;
}

export const PASSWORD = 'hush-hush-password';
export const SECRET = 'hush-hush-secret';
/** Validates tokens for Coriolis, as its own user does everywhere. */
const SERVICE = { username: 'coriolis', password: 'hush-hush-service', project: 'service' };

type Created = { readonly id: string };

/** A Keystone with people, and Coriolis in two of its regions: sandboxes that ask it about every token. */
export interface KeystoneLab {
  readonly keystone: Keystone;
  readonly people: People;
  /** In the region `Berlin`, with two endpoints in the project `migration`. */
  readonly coriolis: Sandbox;
  /** In the region `Tokyo`, on the public interface only. */
  readonly tokyo: Sandbox;
  /** The login of the engineer to Berlin. */
  readonly engineer: (changes?: ConnectOptions) => ConnectOptions;
  /** Lets so much time pass for Coriolis that it asks Keystone again about every token. */
  readonly outlastTrust: () => void;
  readonly stop: () => Promise<void>;
}

/** As long as Coriolis trusts a token that it has validated. */
const TRUSTED_MS = 300_000;

export async function startLab(): Promise<KeystoneLab> {
  const keystone = await startKeystone();
  const { authUrl } = keystone;
  let aheadMs = 0;
  const sandboxes: Sandbox[] = [];
  const stop = async (): Promise<void> => {
    for (const sandbox of sandboxes) await sandbox.stop();
    await keystone.stop();
  };
  const start = async (): Promise<Sandbox> => {
    const clock = { now: () => Date.now() + aheadMs };
    const sandbox = await startSandbox({ keystone: { authUrl, service: SERVICE }, speed: 60, clock });
    sandboxes.push(sandbox);
    return sandbox;
  };
  const engineer: KeystoneLab['engineer'] = (changes = {}) => ({
    authUrl,
    username: 'engineer',
    password: PASSWORD,
    userDomainName: 'lab',
    projectName: 'migration',
    projectDomainName: 'lab',
    regionName: 'Berlin',
    ...changes,
  });
  try {
    await addService(keystone);
    const [coriolis, tokyo] = [await start(), await start()];
    await addCoriolis(keystone, {
      Berlin: { public: `${coriolis.url}/v1`, internal: `${coriolis.url}/coriolis` },
      Tokyo: { public: `${tokyo.url}/v1` },
    });
    const people = await addPeople(keystone);
    await addEndpoints(connect(engineer()));
    const outlastTrust = (): void => void (aheadMs += TRUSTED_MS);
    return { keystone, people, coriolis, tokyo, engineer, outlastTrust, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The names of what {@link addEndpoints} makes. */
export const ENDPOINTS = ['openstack', 'vcenter'];

export async function addEndpoints({ endpoints }: CoriolisApi): Promise<void> {
  const connection = { username: 'reader', password: PASSWORD };
  await endpoints.create({
    name: 'vcenter',
    type: 'vmware_vsphere',
    connection: { ...connection, host: 'vcenter.example.com', port: 443, allow_untrusted: true },
  });
  await endpoints.create({
    name: 'openstack',
    type: 'openstack',
    connection: { ...connection, auth_url: 'https://cloud.example.com:5000/v3', project_name: 'migration' },
  });
}

/** Nobody in particular, to log in otherwise than by names. */
export const NAMELESS = {
  username: undefined,
  password: undefined,
  userDomainName: undefined,
  projectName: undefined,
  projectDomainName: undefined,
} as const;

/** Makes the user that Coriolis asks about tokens as. */
async function addService({ admin }: Keystone): Promise<void> {
  const project = await created(admin, 'project', { name: SERVICE.project, domain_id: 'default' });
  const user = await created(admin, 'user', { ...named(SERVICE.username), password: SERVICE.password });
  await admin('PUT', `/projects/${project}/users/${user}/roles/${await roleOf(admin, 'admin')}`);
}

/** Makes everybody. */
async function addPeople({ admin, authUrl }: Keystone): Promise<People> {
  const lab = await created(admin, 'domain', { name: 'lab' });
  const migration = await created(admin, 'project', { name: 'migration', domain_id: lab });
  const second = await created(admin, 'project', { name: 'second', domain_id: 'default' });
  const closed = await created(admin, 'project', { name: 'closed', domain_id: lab });
  const person = async (name: string, roles: Record<string, string>, more: object = {}): Promise<string> => {
    const user = await created(admin, 'user', { ...named(name, lab), password: PASSWORD, ...more });
    for (const [project, role] of Object.entries(roles)) {
      await admin('PUT', `/projects/${project}/users/${user}/roles/${await roleOf(admin, role)}`);
    }
    return user;
  };
  const engineer = await person('engineer', {
    [migration]: 'member',
    [second]: 'member',
    [closed]: 'member',
  });
  await person('auditor', { [migration]: 'reader' });
  await person('stranger', {});
  await person('forgetful', { [migration]: 'member' });
  const twoFactors = { multi_factor_auth_enabled: true, multi_factor_auth_rules: [['password', 'totp']] };
  await person('careful', { [migration]: 'member' }, { options: twoFactors });
  await person('former', { [migration]: 'member' }, { enabled: false });
  const token = await tokenOf(authUrl, byPassword(login('engineer'), 'lab'));
  const { application_credential } = await asked<{ application_credential: Created }>(
    authUrl,
    token,
    'POST',
    `/users/${engineer}/application_credentials`,
    { application_credential: { name: 'nightly', secret: SECRET, roles: [{ name: 'member' }] } },
  );
  await admin('PATCH', `/projects/${closed}`, { project: { enabled: false } });
  return { lab, migration, engineer, applicationCredential: application_credential.id };
}

export const login = (username: string) => ({ username, password: PASSWORD, project: 'migration' });

/** Lists Coriolis in the catalogue: addresses by region and interface, of the server alone. */
async function addCoriolis(
  { admin }: Keystone,
  addresses: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<void> {
  const service = await created(admin, 'service', { type: 'migration', name: 'coriolis' });
  for (const [region, urls] of Object.entries(addresses)) {
    await created(admin, 'region', { id: region });
    for (const [side, url] of Object.entries(urls)) {
      const endpoint = { service_id: service, interface: side, region_id: region };
      await created(admin, 'endpoint', { ...endpoint, url: `${url}/$(project_id)s` });
    }
  }
}

const named = (name: string, domain = 'default') => ({ name, domain_id: domain });

async function created(admin: Keystone['admin'], kind: string, body: object): Promise<string> {
  const answer = await admin<Record<string, Created>>('POST', `/${kind}s`, { [kind]: body });
  return answer[kind]?.id ?? '';
}

async function roleOf(admin: Keystone['admin'], name: string): Promise<string> {
  const { roles } = await admin<{ roles: Created[] }>('GET', `/roles?name=${name}`);
  return roles[0]?.id ?? '';
}
