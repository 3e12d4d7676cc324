import { mapConcurrently } from '../../api/map-concurrently';
import type { Coriolis } from '../../api/operation-context';
import type { Instance } from '../../model/api-objects';
import { assessReadiness, checksSettledByEnvironment } from '../../model/readiness-rules';
import { quoteText } from '../../model/untrusted-text';
import { fetchInstanceOf, instanceIdentifierOf } from '../../resources/instance';
import {
  makeBlockingCheck,
  quoteFirstNames,
  makeOkCheck,
  awaitAnswerOrFailure,
  UNANSWERED_ERROR_KINDS,
  FailedAnswer,
  makeWarningCheck,
  type PreflightCheck,
  type PreflightSituation,
} from './preflight-check';
import { checkNetworks, checkStorage } from './check-networks-and-storage';

/** Maximum number of parallel requests to a platform. */
const CONCURRENCY = 4;

/** Checks that the machines exist, and that each of their networks and disks is mapped to the destination. */
export async function checkMachines(
  coriolis: Coriolis,
  situation: PreflightSituation,
): Promise<readonly PreflightCheck[]> {
  const { transfer } = situation;
  if (situation.origin === null) return [];
  const found = await mapConcurrently(transfer.instances, CONCURRENCY, (instance) =>
    awaitAnswerOrFailure(fetchInstanceOf(coriolis, transfer, instance), UNANSWERED_ERROR_KINDS),
  );
  const machines = found.flatMap((answer) => (answer instanceof FailedAnswer ? [] : [answer]));
  return [
    checkExistence(situation, found),
    ...(situation.purpose === 'execution' ? checkReadiness(machines, transfer) : []),
    ...(situation.destination === null
      ? []
      : [
          await checkNetworks(coriolis, transfer, machines),
          await checkStorage(coriolis, transfer, machines),
        ]),
  ];
}

function checkExistence(
  { transfer, purpose }: PreflightSituation,
  found: ReadonlyArray<Instance | FailedAnswer>,
): PreflightCheck {
  const of = (isIt: (silence: FailedAnswer) => boolean) =>
    transfer.instances.filter((_instance, index) => {
      const answer = found[index];
      return answer instanceof FailedAnswer && isIt(answer);
    });
  const missing = of(({ kind }) => kind === 'not_found');
  if (missing.length > 0) {
    const message = `Not found on the source: ${quoteFirstNames(missing)}.`;
    // A deployment uses only the copied disks, so a missing source machine does not stop it.
    return purpose === 'deployment'
      ? makeWarningCheck('machines', `${message} A deployment does not need them.`)
      : makeBlockingCheck('machines', message);
  }
  const unasked = of(() => true);
  const words = found.find((answer) => answer instanceof FailedAnswer)?.words;
  if (words !== undefined)
    return makeWarningCheck(
      'machines',
      `The source could not say whether these exist: ${quoteFirstNames(unasked)} (${words}).`,
    );
  return makeOkCheck(
    'machines',
    found.length === 1
      ? 'The machine exists on the source.'
      : `All ${found.length} machines exist on the source.`,
  );
}

/**
 * Results of the readiness rules that block or warn. Findings that are mere notes are left out, because they would be
 * the same before each run.
 */
const checkReadiness = (
  machines: readonly Instance[],
  { source_environment: environment }: PreflightSituation['transfer'],
): readonly PreflightCheck[] => {
  const identifiers = machines.map(instanceIdentifierOf);
  const settled = checksSettledByEnvironment(environment);
  return assessReadiness(machines.map((data, index) => ({ name: identifiers[index] ?? '', data }))).flatMap(
    (findings, index) =>
      findings.flatMap(({ check, status, message }) => {
        const text = quoteText(`${identifiers[index] ?? ''}: ${message}`, 300);
        // Shared disks are no problem here: all these machines are in one transfer.
        if (status === 'note' || settled.includes(check) || check === 'shared_disk') return [];
        return status === 'blocking' ? makeBlockingCheck(check, text) : makeWarningCheck(check, text);
      }),
  );
};
