import type { Coriolis } from '../../api/operation-context';
import { tolerateErrors } from '../../api/tolerate-errors';
import {
  countExpiries,
  describeFirstEnd,
  ENDING_SOON_DAYS,
  pickLicencesEndingSoon,
  pickLicencesOfEdition,
  readLicenceCount,
} from '../../model/licence';
import { formatCount } from '../../model/display-texts';
import type { Transfer } from '../../model/api-objects';
import { LICENSING_UNAVAILABLE_ERROR_KINDS } from '../../resources/licensing/licensing-server';
import { fetchApplianceStatus } from '../../resources/licensing/appliance-status';
import { fetchAppliances } from '../../resources/licensing/appliance';
import { fetchReservation } from '../../resources/licensing/reservation';
import { fetchLicences } from '../../resources/licensing/licence';
import {
  makeBlockingCheck,
  makeOkCheck,
  makeWarningCheck,
  type PreflightCheck,
  type PreflightSituation,
} from './preflight-check';

/** Checks the licence of the transfer, and where a licensing server can be read, the licences left and their ends. */
export async function checkLicence(
  coriolis: Coriolis,
  situation: PreflightSituation,
): Promise<readonly PreflightCheck[]> {
  const { transfer } = situation;
  const used = await checkUsedUp(coriolis, situation);
  if (used !== undefined) return [used];
  const kind = licenceKindOf(transfer.scenario);
  const left = await fetchLicencesLeft(coriolis, kind);
  if (left === null) return [];
  if (left <= 0) {
    return [
      makeWarningCheck(
        'licence',
        `The licences allow no more ${kind}; a transfer that holds a reservation goes on.`,
      ),
    ];
  }
  const ends = await describeExpiries(coriolis);
  return [makeOkCheck('licence', `The licences allow ${left} more ${kind}.${ends}`)];
}

/**
 * Sentence about licences that end soon; empty when none does. It is no warning, because a transfer that already exists
 * keeps its licence. SAP licences are left out, because transfers do not use them.
 */
async function describeExpiries(coriolis: Coriolis): Promise<string> {
  const appliance = await findOnlyAppliance(coriolis);
  if (appliance === undefined) return '';
  const licences = await tolerateErrors(
    fetchLicences(coriolis, appliance),
    LICENSING_UNAVAILABLE_ERROR_KINDS,
    [],
  );
  const { serverTime: now } = coriolis.client;
  const standard = pickLicencesOfEdition('standard', licences);
  const { expired, endingSoon } = countExpiries(standard, now);
  if (endingSoon === 0) return '';
  const first = describeFirstEnd(endingSoon, pickLicencesEndingSoon(standard, now)[0]?.period_end);
  const before = expired === 0 ? '' : `, and ${expired} ended before`;
  const ending = `${formatCount(endingSoon, 'licence')} ${endingSoon === 1 ? 'ends' : 'end'}`;
  return ` Within ${ENDING_SOON_DAYS} days ${ending}${first}${before}: no new transfer can use them then.`;
}

/** Kind of licences, as the keys of the licensing server name them. */
export type LicenceKind = 'migrations' | 'replicas';

/** Kind of licence that a transfer of a scenario needs. */
export const licenceKindOf = (scenario: string | undefined): LicenceKind =>
  scenario === 'live_migration' ? 'migrations' : 'replicas';

/** Reads the number of licences left; null when the licensing server cannot be read or has several appliances. */
export async function fetchLicencesLeft(coriolis: Coriolis, kind: LicenceKind): Promise<number | null> {
  const appliance = await findOnlyAppliance(coriolis);
  if (appliance === undefined) return null;
  const status = await tolerateErrors(
    fetchApplianceStatus(coriolis, appliance),
    LICENSING_UNAVAILABLE_ERROR_KINDS,
    null,
  );
  return readLicenceCount(status, 'standard', `current_available_${kind}`);
}

/**
 * Finds the appliance of this server; undefined when there are several, since nothing shows which one belongs to it.
 */
async function findOnlyAppliance(coriolis: Coriolis): Promise<string | undefined> {
  const [only, ...others] = await tolerateErrors(
    fetchAppliances(coriolis),
    LICENSING_UNAVAILABLE_ERROR_KINDS,
    [],
  );
  return others.length > 0 ? undefined : only?.id;
}

/**
 * Checks whether a completed deployment has used up the licence of a live migration. A server with licensing then
 * refuses to execute or deploy it again (docs/reference/coriolis-domain.md §9). Undefined when the licence is not used
 * up.
 */
async function checkUsedUp(
  coriolis: Coriolis,
  { transfer, deployments }: PreflightSituation,
): Promise<PreflightCheck | undefined> {
  const { scenario, reservation_id: reservation } = transfer;
  if (scenario !== 'live_migration') return undefined;
  const advice = 'create another transfer for another move';
  const appliances = isText(reservation)
    ? await tolerateErrors(fetchAppliances(coriolis), LICENSING_UNAVAILABLE_ERROR_KINDS, [])
    : [];
  for (const { id } of appliances) {
    const found = await tolerateErrors(
      fetchReservation(coriolis, id, String(reservation)),
      LICENSING_UNAVAILABLE_ERROR_KINDS,
      undefined,
    );
    if (isText(found?.fulfilled_at))
      return makeBlockingCheck('licence', `The licence of this live migration is used up: ${advice}.`);
  }
  const moved = deployments.find(({ last_execution_status: status }) => status === 'COMPLETED');
  if (moved === undefined) return undefined;
  const message = `Deployment ${moved.id} has completed this live migration already`;
  return isText(reservation)
    ? makeBlockingCheck('licence', `${message}, which uses its licence up: ${advice}.`)
    : makeWarningCheck('licence', `${message}.`);
}

const isText = (value: Transfer['reservation_id']): boolean => typeof value === 'string' && value !== '';
