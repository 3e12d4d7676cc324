import type { ApplicationCredential, Domain, Project, User } from './user-directory';
import type { IdentityService } from './identity-service';

/** Users of a sandbox, the same in every sandbox, with public passwords. */
export interface SandboxUsers {
  /** The main user: reader and member in `migration` (the default project), where it may also use Barbican, and in `other-project`. */
  readonly demo: User;
  /** Member in `other-project` only: sees nothing of `migration`. */
  readonly other: User;
  /** Reader in `migration` only. */
  readonly reader: User;
  /** User of another domain than `Default`; so is this user's project. */
  readonly labUser: User;
  /** User without a role in any project, who therefore only gets unscoped tokens. */
  readonly withoutProject: User;
  /** Has the role `admin` in the projects `admin` (the default) and `migration`. */
  readonly admin: User;
  /** Member in `migration` without the role that Barbican requires. */
  readonly member: User;
  readonly migration: Project;
  readonly otherProject: Project;
  /** The project of `admin`. */
  readonly adminProject: Project;
  readonly restricted: ApplicationCredential;
  readonly unrestricted: ApplicationCredential;
}

const MEMBER = ['reader', 'member'];

/** Creates the sandbox's users. */
export function addSandboxUsers(identity: IdentityService): SandboxUsers {
  const { directory } = identity;
  const common = directory.addDomain('Default', 'default');
  const lab = directory.addDomain('lab-domain');
  const otherProject = directory.addProject('other-project', common);
  const migration = directory.addProject('migration', common);
  const labProject = directory.addProject('lab-project', lab);
  const adminProject = directory.addProject('admin', common);

  const addUser = (name: string, password: string, domain: Domain, defaultProject: Project | null): User =>
    directory.addUser({ name, domain, password, defaultProject });
  const demo = addUser('demo', 'sandbox-demo', common, migration);
  const other = addUser('otheruser', 'sandbox-other', common, otherProject);
  const reader = addUser('reader', 'sandbox-reader', common, migration);
  const labUser = addUser('labuser', 'sandbox-lab', lab, null);
  const withoutProject = addUser('noproject', 'sandbox-noproject', common, null);
  const admin = addUser('admin', 'sandbox-admin', common, adminProject);
  const member = addUser('member', 'sandbox-member', common, migration);

  directory.assignRoles(demo, migration, [...MEMBER, 'creator']);
  directory.assignRoles(demo, otherProject, MEMBER);
  directory.assignRoles(other, otherProject, [...MEMBER, 'creator']);
  directory.assignRoles(reader, migration, ['reader']);
  directory.assignRoles(labUser, labProject, MEMBER);
  directory.assignRoles(admin, adminProject, [...MEMBER, 'admin']);
  directory.assignRoles(admin, migration, [...MEMBER, 'admin']);
  directory.assignRoles(member, migration, MEMBER);

  const credential = (name: string, secret: string, restricted: boolean): ApplicationCredential =>
    directory.addApplicationCredential({ name, user: demo, project: migration, secret, restricted });
  return {
    demo,
    other,
    reader,
    labUser,
    withoutProject,
    admin,
    member,
    migration,
    otherProject,
    adminProject,
    restricted: credential('sandbox-restricted', 'sandbox-restricted-secret', true),
    unrestricted: credential('sandbox-unrestricted', 'sandbox-unrestricted-secret', false),
  };
}
