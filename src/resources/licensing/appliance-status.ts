import type { JsonObject } from '../../model/json';
import { formatCount } from '../../model/display-texts';
import { isObject } from '../../model/json';
import { key, view, type OutputOf, type ResultOf } from '../../vocabulary/result-keys';
import {
  ENDING_SOON_DAYS,
  readLicenceCount,
  computeLicenceForecast,
  pickLicencesOfEdition,
  countExpiries,
  pickLicencesEndingSoon,
  describeFirstEnd,
  type LicenceEdition,
  type LicensedWork,
} from '../../model/licence';
import type { Coriolis } from '../../api/operation-context';
import { path } from '../../api/request-path';
import { makeLicensingClient } from './licensing-server';
import { endingLicenceKeys, fetchLicences, type Licence } from './licence';
import { fetchReservations, type Reservation } from './reservation';

/** Status of an appliance as the licensing server sends it. */
export type ApplianceStatus = JsonObject & { readonly appliance_id: string };

/** Counts that are computed from an appliance's licences and reservations. */
export interface LicenceSummary {
  readonly licences_expired: number;
  readonly licences_ending_soon: number;
  readonly reserved_migrations: number;
  readonly reserved_replicas: number;
  readonly migrations_run_out_at: string | null;
  readonly replicas_run_out_at: string | null;
  /** Licences of all editions that end soon, the next first, at most `SHOWN_ENDING`. */
  readonly licences_ending: readonly Licence[];
  /** Licences for SAP machines; null when there are none. */
  readonly sap: SapLicences | null;
}

/** Maximum number of licences that end soon in a result. */
const SHOWN_ENDING = 10;

type SapLicences = OutputOf<typeof sapKeys>;

/** Keys of the licences for SAP machines. */
const sapKeys = {
  available_migrations: key.number('Migrations left', { nullable: true }),
  available_replicas: key.number('Replicas left', { nullable: true }),
  performed_migrations: key.number('Migrations done', { nullable: true }),
  performed_replicas: key.number('Replicas done', { nullable: true }),
  reserved_migrations: key.number('Migrations reserved and not yet done'),
  reserved_replicas: key.number('Replicas reserved and not yet done'),
  migrations_run_out_at: key.time('Time at which no migration is left', { nullable: true }),
  replicas_run_out_at: key.time('Time at which no replica is left', { nullable: true }),
  licences_expired: key.number('Licences that have expired'),
  licences_ending_soon: key.number('Licences that expire within 30 days'),
};

/** Status of an appliance with the summary of its licences. */
export type SummarizedApplianceStatus = ApplianceStatus & { readonly summary: LicenceSummary };

/** Result key with the count of the same name in the appliance status. */
const count = (name: string, description: string) =>
  key.number(description, (status: ApplianceStatus) => readLicenceCount(status, 'standard', name), {
    nullable: true,
  });

/** Result key with the time of the same name in the appliance status. */
const time = (name: string, description: string) =>
  key.time(
    description,
    (status: ApplianceStatus) => (typeof status[name] === 'string' ? status[name] : null),
    { nullable: true },
  );

/** Result key with the object of counts of the same name in the appliance status. */
const counts = (name: string, description: string) =>
  key.json(description, (status: ApplianceStatus) => status[name] as JsonObject | null | undefined, {
    nullable: true,
  });

/** Result key with a count of the summary. */
const ofSummary = (name: keyof LicenceSummary, description: string) =>
  key.number(description, ({ summary }: SummarizedApplianceStatus) => summary[name] as number);

/** Result key with a time of the summary. */
const runsOut = (name: keyof LicenceSummary, description: string) =>
  key.time(description, ({ summary }: SummarizedApplianceStatus) => summary[name] as string | null, {
    nullable: true,
  });

export const applianceStatusView = view<SummarizedApplianceStatus>()({
  appliance_id: key.text('Appliance id'),
  earliest_licence_expiry_time: time(
    'earliest_licence_expiry_time',
    'Earliest expiry of a licence, also one that has passed',
  ),
  latest_licence_expiry_time: time('latest_licence_expiry_time', 'Latest expiry of a licence'),
  current_available_migrations: count('current_available_migrations', 'Migrations left'),
  current_available_replicas: count('current_available_replicas', 'Replicas left'),
  current_performed_migrations: count(
    'current_performed_migrations',
    'Migrations done under present licences',
  ),
  current_performed_replicas: count('current_performed_replicas', 'Replicas done under present licences'),
  licences_expired: ofSummary('licences_expired', 'Licences that have expired'),
  licences_ending_soon: ofSummary('licences_ending_soon', 'Licences that expire within 30 days'),
  licences_ending: key.rows(
    'Licences of all editions that expire within 30 days, the next first; at most 10',
    endingLicenceKeys,
    ({ summary }: SummarizedApplianceStatus) => summary.licences_ending,
  ),
  reserved_migrations: ofSummary('reserved_migrations', 'Migrations reserved and not yet done'),
  reserved_replicas: ofSummary('reserved_replicas', 'Replicas reserved and not yet done'),
  migrations_run_out_at: runsOut(
    'migrations_run_out_at',
    'Time at which no migration is left: at the rate of the last 30 days, or because all licences have expired',
  ),
  replicas_run_out_at: runsOut(
    'replicas_run_out_at',
    'Time at which no replica is left: at the rate of the last 30 days, or because all licences have expired',
  ),
  lifetime_available_migrations: count('lifetime_available_migrations', 'Migrations ever allowed'),
  lifetime_available_replicas: count('lifetime_available_replicas', 'Replicas ever allowed'),
  lifetime_performed_migrations: count('lifetime_performed_migrations', 'Migrations ever done'),
  lifetime_performed_replicas: count('lifetime_performed_replicas', 'Replicas ever done'),
  sap: key.object(
    'Licences for SAP machines; null without any',
    sapKeys,
    ({ summary }: SummarizedApplianceStatus) => summary.sap,
    {
      nullable: true,
    },
  ),
  standard_licence_stats: counts('standard_licence_stats', 'Counts of standard licences, on newer servers'),
  sap_licence_stats: counts('sap_licence_stats', 'Counts of SAP licences, on newer servers'),
});

/** Describes in a few words how many migrations and replicas an appliance has left, and which licences end. */
export function describeApplianceStatus({
  current_available_migrations: migrations,
  current_available_replicas: replicas,
  licences_expired: expired,
  licences_ending_soon: ending,
  licences_ending: [next],
}: ResultOf<typeof applianceStatusView>): string {
  return [
    `${migrations ?? 'unknown'} migrations and ${replicas ?? 'unknown'} replicas left`,
    ...(ending === 0
      ? []
      : [
          `${formatCount(ending, 'licence')} ending within ${ENDING_SOON_DAYS} days${describeFirstEnd(ending, next?.valid_until)}`,
        ]),
    ...(expired === 0 ? [] : [`${expired} expired`]),
  ].join(', ');
}

/** Reads the licence status of an appliance: units used and left. */
export const fetchApplianceStatus = async (coriolis: Coriolis, id: string): Promise<ApplianceStatus> =>
  (
    await makeLicensingClient(coriolis).get<{ appliance_licence_status: ApplianceStatus }>(
      path`/appliances/${id}/status`,
    )
  ).appliance_licence_status;

/** Reads the status of an appliance with the counts of its licences and reservations: three requests. */
export async function fetchSummarizedApplianceStatus(
  coriolis: Coriolis,
  id: string,
): Promise<SummarizedApplianceStatus> {
  const [status, licences, reservations] = await Promise.all([
    fetchApplianceStatus(coriolis, id),
    fetchLicences(coriolis, id),
    fetchReservations(coriolis, id),
  ]);
  const { serverTime } = coriolis.client;
  const of = (edition: LicenceEdition) =>
    summarizeEdition(edition, status, licences, reservations, serverTime);
  const { expired, endingSoon } = countExpiries(licences, serverTime);
  return {
    ...status,
    summary: {
      ...of('standard'),
      licences_expired: expired,
      licences_ending_soon: endingSoon,
      licences_ending: pickLicencesEndingSoon(licences, serverTime).slice(0, SHOWN_ENDING),
      sap: sapOf(of('sap'), status, licences),
    },
  };
}

type Summary = Omit<LicenceSummary, 'sap' | 'licences_ending'>;

/** Counts the licences and reservations of one edition. */
function summarizeEdition(
  edition: LicenceEdition,
  status: ApplianceStatus,
  all: readonly Licence[],
  reservations: readonly Reservation[],
  now: number,
): Summary {
  const licences = pickLicencesOfEdition(edition, all);
  const { expired, endingSoon } = countExpiries(licences, now);
  const forecast = (work: LicensedWork) => {
    const left = readLicenceCount(status, edition, `current_available_${work}`);
    return computeLicenceForecast(work, reservations, { edition, left, licences }, now);
  };
  const [migrations, replicas] = [forecast('migrations'), forecast('replicas')];
  return {
    licences_expired: expired,
    licences_ending_soon: endingSoon,
    reserved_migrations: migrations.reserved,
    reserved_replicas: replicas.reserved,
    migrations_run_out_at: migrations.runsOutAt,
    replicas_run_out_at: replicas.runsOutAt,
  };
}

/** Licences for SAP machines with their counts; null on an appliance that never had any. */
function sapOf(summary: Summary, status: ApplianceStatus, licences: readonly Licence[]): SapLicences | null {
  const stats = status['sap_licence_stats'];
  const isCounted =
    isObject(stats) && Object.values(stats).some((value) => typeof value === 'number' && value > 0);
  if (!isCounted && pickLicencesOfEdition('sap', licences).length === 0) return null;
  return {
    available_migrations: readLicenceCount(status, 'sap', 'current_available_migrations'),
    available_replicas: readLicenceCount(status, 'sap', 'current_available_replicas'),
    performed_migrations: readLicenceCount(status, 'sap', 'current_performed_migrations'),
    performed_replicas: readLicenceCount(status, 'sap', 'current_performed_replicas'),
    ...summary,
  };
}
