import { ForbiddenError } from '../../src/api/errors';

/** Projects and endpoints that the operator allows; an empty list allows all. */
export interface AllowLists {
  /** Ids or names of the projects that the login may be for. */
  readonly projects: readonly string[];
  /** Ids or names of endpoints. Other endpoints, and transfers that use them, are hidden. */
  readonly endpoints: readonly string[];
}

/**
 * Refuses a login for a project that is not allowed.
 * @throws {ForbiddenError} the project is not in `projects`
 */
export function requireAllowedProject(
  { projects }: AllowLists,
  project: { readonly id: string; readonly name: string },
): void {
  if (projects.length === 0 || projects.includes(project.id) || projects.includes(project.name)) return;
  throw new ForbiddenError(
    `The login is for the project ${project.name} (${project.id}), which --projects does not name.`,
    { advice: 'Nothing was done. The operator has to log this server in to an allowed project.' },
  );
}
