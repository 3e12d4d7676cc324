import type { Coriolis } from '../../api/operation-context';
import { key, view } from '../../vocabulary/result-keys';
import type { ListRange } from '../../vocabulary/list-range';

/**
 * Client of the licensing server, a separate product (docs/reference/coriolis-api.md §14). It has appliances, their
 * licences, and reservations: units of a licence that transfers have set aside.
 */

export const makeLicensingClient = ({ client }: Coriolis) => client.forService('coriolis-licensing');

export interface ObjectWithId {
  readonly id: string;
}

/**
 * Kinds of errors which mean that the licensing server is missing or cannot be used. Results that can do without the
 * licensing server leave its data out then.
 */
export const LICENSING_UNAVAILABLE_ERROR_KINDS = [
  'capability',
  'forbidden',
  'not_found',
  'invalid_input',
  'unreachable',
  'timeout',
  'server',
  'protocol',
] as const;

/** Status of the licensing server. */
export interface LicensingServerStatus {
  readonly hostname?: string;
  readonly multi_appliance?: boolean;
  readonly supported_licence_versions?: readonly string[];
  readonly server_local_time?: string;
}

export const licensingServerStatusView = view<LicensingServerStatus>()({
  hostname: key.text('Name of the host', { nullable: true }),
  multi_appliance: key.flag('Whether the server serves several appliances', { nullable: true }),
  supported_licence_versions: key.texts(
    'Kinds of licences',
    ({ supported_licence_versions: versions }: LicensingServerStatus) => versions ?? [],
  ),
  server_local_time: key.text('Time by the clock of the server', { nullable: true }),
});

/** Reads the status of the licensing server. */
export const fetchLicensingServerStatus = async (coriolis: Coriolis): Promise<LicensingServerStatus> =>
  (await makeLicensingClient(coriolis).get<{ status: LicensingServerStatus }>('/status')).status;

/** Makes `position` and `run` of a list operation whose rows all come in one response. Rows are sorted by id. */
export const makeUnpagedListMethods = <Input, Row extends ObjectWithId>(
  rowsOf: (coriolis: Coriolis, input: Input) => Promise<readonly Row[]>,
) => ({
  position: ({ id }: Row) => id,
  async *run(coriolis: Coriolis, input: Input, { after }: ListRange) {
    const rows = [...(await rowsOf(coriolis, input))].sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const row of rows) if (after === undefined || row.id > after) yield row;
  },
});
