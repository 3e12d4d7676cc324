import { InvalidInputError } from '../../api/errors';
import { view, key, pickShape } from '../../vocabulary/result-keys';
import { type ObjectWithId, makeLicensingClient } from './licensing-server';
import { path } from '../../api/request-path';
import type { Coriolis } from '../../api/operation-context';

export interface Licence extends ObjectWithId {
  readonly licence_version?: string;
  readonly issue_date?: string;
  readonly period_start?: string;
  readonly period_end?: string;
  readonly migrations?: number;
  readonly replicas?: number;
}

export const licenceView = view<Licence>()({
  id: key.text('Licence id'),
  version: key.text('Kind of licence', ({ licence_version: version }: Licence) => version, {
    nullable: true,
  }),
  migrations: key.number('Migrations that the licence allows', { nullable: true }),
  replicas: key.number('Replicas that the licence allows', { nullable: true }),
  issued_at: key.time('Date of issue', ({ issue_date: date }: Licence) => date, { nullable: true }),
  valid_from: key.time('Start of the validity', ({ period_start: start }: Licence) => start, {
    nullable: true,
  }),
  valid_until: key.time('End of the validity', ({ period_end: end }: Licence) => end, { nullable: true }),
});

/** Result keys of a licence that ends soon. */
export const endingLicenceKeys = pickShape(
  licenceView.shape,
  'id',
  'version',
  'valid_until',
  'replicas',
  'migrations',
);

const licencePath = (applianceId: string, id: string): string =>
  path`/appliances/${applianceId}/licences/${id}`;

export const fetchLicences = async (coriolis: Coriolis, appliance: string): Promise<readonly Licence[]> =>
  (await makeLicensingClient(coriolis).get<{ licences: Licence[] }>(path`/appliances/${appliance}/licences`))
    .licences;

/** Reads a licence. */
export const fetchLicence = async (coriolis: Coriolis, applianceId: string, id: string): Promise<Licence> =>
  (await makeLicensingClient(coriolis).get<{ licence: Licence }>(licencePath(applianceId, id))).licence;

const PEM = /^-----BEGIN [A-Z ]+-----\s[\s\S]+-----END [A-Z ]+-----$/;

/**
 * Registers a licence, given as PEM text.
 * @throws {InvalidInputError} the text is not in PEM format
 */
export async function registerLicence(
  coriolis: Coriolis,
  applianceId: string,
  licencePem: string,
): Promise<Licence> {
  const pem = licencePem.trim();
  if (!PEM.test(pem)) {
    throw new InvalidInputError('The licence is no PEM text.', {
      field: 'licencePem',
      advice: 'Give the whole file, from -----BEGIN to -----END, with its line breaks.',
    });
  }
  const known = (await fetchLicences(coriolis, applianceId)).map(({ id }) => id);
  const { licence } = await makeLicensingClient(coriolis).post<{ licence: Licence }>(
    path`/appliances/${applianceId}/licences`,
    `${pem}\n`,
    {
      contentType: 'application/x-pem-file',
      knownIds: known,
      requiresConfirmation: true,
      recover: async () => (await fetchLicences(coriolis, applianceId)).map((found) => ({ licence: found })),
    },
  );
  return licence;
}

/** Deletes a licence. */
export async function deleteLicence(
  coriolis: Coriolis,
  applianceId: string,
  id: string,
): Promise<{ readonly id: string }> {
  await makeLicensingClient(coriolis).delete(licencePath(applianceId, id));
  return { id };
}
