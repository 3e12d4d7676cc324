import { KeystoneError, missingAttributeError, unauthorizedError } from './errors';

export interface Domain {
  readonly id: string;
  readonly name: string;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly domain: Domain;
}

export interface Role {
  readonly id: string;
  readonly name: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly domain: Domain;
  readonly password: string;
  /** Project of a token requested without a scope; `null` for an unscoped token. */
  readonly defaultProject: Project | null;
}

export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly user: User;
  readonly project: Project;
  readonly secret: string;
  /**
   * Whether the credential may not manage other credentials. Neither a restricted nor an unrestricted credential can
   * start work on Coriolis.
   */
  readonly restricted: boolean;
}

/** Reference to a user, a project or a domain: by id, or by name and domain. */
export interface IdOrNameReference {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly domain?: { readonly id?: string | undefined; readonly name?: string | undefined } | undefined;
}

/**
 * Directory of domains, projects, users, roles and application credentials.
 *
 * Ids are 32 hexadecimal digits like Keystone's, made from seeded random numbers, so that the same seed makes the same
 * users.
 */
export class UserDirectory {
  private readonly domains = new Map<string, Domain>();
  private readonly projects = new Map<string, Project>();
  private readonly users = new Map<string, User>();
  private readonly roles = new Map<string, Role>();
  private readonly assignments = new Map<string, Role[]>();
  private readonly credentials = new Map<string, ApplicationCredential>();

  /** @param newId creates an id, e.g. `351ed44ac151474599d97370df948b5e` */
  constructor(private readonly newId: () => string) {}

  addDomain(name: string, id = this.newId()): Domain {
    const domain: Domain = { id, name };
    this.domains.set(id, domain);
    return domain;
  }

  addProject(name: string, domain: Domain): Project {
    const project: Project = { id: this.newId(), name, domain };
    this.projects.set(project.id, project);
    return project;
  }

  addUser(user: Omit<User, 'id'>): User {
    const added: User = { id: this.newId(), ...user };
    this.users.set(added.id, added);
    return added;
  }

  /** Adds a user of an external Keystone, who cannot log in here. */
  addExternalUser({ id, name, domain }: Pick<User, 'id' | 'name' | 'domain'>): User {
    const known = this.users.get(id) ?? { id, name, domain, password: '', defaultProject: null };
    this.users.set(id, known);
    return known;
  }

  /** Adds a project of an external Keystone. */
  addExternalProject(project: Project): Project {
    const known = this.projects.get(project.id) ?? project;
    this.projects.set(project.id, known);
    return known;
  }

  /** Assigns roles in a project to a user. Roles are created on first use. */
  assignRoles(user: User, project: Project, roleNames: readonly string[]): void {
    this.assignments.set(
      `${user.id} ${project.id}`,
      roleNames.map((name) => this.role(name)),
    );
  }

  addApplicationCredential(credential: Omit<ApplicationCredential, 'id'>): ApplicationCredential {
    const added: ApplicationCredential = { id: this.newId(), ...credential };
    this.credentials.set(added.id, added);
    return added;
  }

  /** Roles of a user in a project; empty when the user has no access. */
  rolesOf(user: User, project: Project): readonly Role[] {
    return this.assignments.get(`${user.id} ${project.id}`) ?? [];
  }

  /** The projects that a user can scope a token to. */
  projectsOf(user: User): Project[] {
    return [...this.projects.values()].filter((project) => this.rolesOf(user, project).length > 0);
  }

  /**
   * Finds a user by a reference.
   * @throws KeystoneError 401 when there is no such user, 400 when a name comes without its domain
   */
  findUser(reference: IdOrNameReference): User {
    return this.find(this.users, reference, 'user');
  }

  /**
   * Finds a project by a reference.
   * @throws KeystoneError 401 when there is no such project, 400 when a name comes without its domain
   */
  findProject(reference: IdOrNameReference): Project {
    return this.find(this.projects, reference, 'project');
  }

  /**
   * Finds a domain by a reference.
   * @throws KeystoneError 401 when there is no such domain
   */
  findDomain(reference: Omit<IdOrNameReference, 'domain'>): Domain {
    const domain = [...this.domains.values()].find((one) =>
      reference.id === undefined ? one.name === reference.name : one.id === reference.id,
    );
    if (!domain) throw unauthorizedError();
    return domain;
  }

  /**
   * Finds an application credential by its id.
   * @throws KeystoneError 404 when no credential has this id
   */
  findApplicationCredential(id: string): ApplicationCredential {
    const credential = this.credentials.get(id);
    if (!credential) throw new KeystoneError(404, `Could not find Application Credential: ${id}.`);
    return credential;
  }

  /**
   * Finds an application credential by its name and user.
   * @throws KeystoneError 401 when the user has no credential of this name
   */
  findApplicationCredentialByName(name: string, user: User): ApplicationCredential {
    const credential = [...this.credentials.values()].find((one) => one.user === user && one.name === name);
    if (!credential) throw unauthorizedError();
    return credential;
  }

  private role(name: string): Role {
    const known = this.roles.get(name) ?? { id: this.newId(), name };
    this.roles.set(name, known);
    return known;
  }

  private find<T extends User | Project>(all: Map<string, T>, reference: IdOrNameReference, what: string): T {
    if (reference.id !== undefined) {
      const found = all.get(reference.id);
      if (!found) throw unauthorizedError();
      return found;
    }
    if (reference.name === undefined) throw missingAttributeError('id or name', what);
    if (!reference.domain) throw missingAttributeError('domain', what);
    const domain = this.findDomain(reference.domain);
    const found = [...all.values()].find((one) => one.name === reference.name && one.domain === domain);
    if (!found) throw unauthorizedError();
    return found;
  }
}
