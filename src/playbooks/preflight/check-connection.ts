import type { Coriolis } from '../../api/operation-context';
import { quoteText } from '../../model/untrusted-text';
import { validateConnection } from '../../resources/endpoint';
import {
  awaitAnswerOrFailure,
  makeBlockingCheck,
  makeOkCheck,
  FailedAnswer,
  makeWarningCheck,
  type PreflightCheck,
  type PreflightSituation,
} from './preflight-check';

/** Kinds of errors after which it is unknown whether Coriolis can connect. */
const UNANSWERED = ['capability', 'timeout', 'server', 'unreachable'] as const;

/** Checks that Coriolis can connect to an endpoint. Before a deployment, a failing source gives only a warning. */
export async function checkConnection(
  coriolis: Coriolis,
  side: 'origin' | 'destination',
  { purpose, ...situation }: PreflightSituation,
): Promise<readonly PreflightCheck[]> {
  const check = `${side} connection`;
  const endpoint = situation[side];
  // A deployment uses only the copied disks: the source may be gone, as in a disaster.
  const isNeeded = side === 'destination' || purpose === 'execution';
  const bad = (message: string): PreflightCheck =>
    isNeeded
      ? makeBlockingCheck(check, message)
      : makeWarningCheck(check, `${message} A deployment does not need it.`);
  if (endpoint === null) {
    // Without either endpoint, the server refuses every run, also a deployment.
    return [
      makeBlockingCheck(
        check,
        `The ${side} endpoint ${situation.transfer[`${side}_endpoint_id`]} does not exist any more.`,
      ),
    ];
  }
  const name = quoteText(endpoint.name, 60);
  const answer = await awaitAnswerOrFailure(validateConnection(coriolis, endpoint.id), UNANSWERED);
  if (answer instanceof FailedAnswer) {
    const message = `${name} could not be validated: ${answer.words}`;
    // This error may mean that no worker serves the endpoint, and then no worker would take the run.
    return [answer.kind === 'capability' ? bad(message) : makeWarningCheck(check, message)];
  }
  return [
    answer.valid
      ? makeOkCheck(check, `Coriolis can connect to ${name}.`)
      : bad(`Coriolis cannot connect to ${name}: ${quoteText(answer.message ?? 'no reason given', 200)}`),
  ];
}
