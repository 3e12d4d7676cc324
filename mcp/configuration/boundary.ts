import { ForbiddenError } from '../../src/api/errors';

/** What the operator lets this server touch; an empty list is no limit. */
export interface Boundary {
  /** Ids or names of the projects that the login may belong to. */
  readonly projects: readonly string[];
  /** Ids or names of endpoints: only they, and what moves between them, exist here. */
  readonly endpoints: readonly string[];
}

/**
 * A login can turn out to be for another project than the operator thinks: variables and clouds are many.
 * @throws {ForbiddenError} it is none of the allowed ones
 */
export function requireProject(
  { projects }: Boundary,
  project: { readonly id: string; readonly name: string },
): void {
  if (projects.length === 0 || projects.includes(project.id) || projects.includes(project.name)) return;
  throw new ForbiddenError(
    `The login is for the project ${project.name} (${project.id}), which --projects does not name.`,
    { advice: 'Nothing was done. The operator has to log this server in to an allowed project.' },
  );
}
