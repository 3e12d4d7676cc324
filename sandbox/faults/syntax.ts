import type { RequestFault, FaultRule } from './rules';
import type { WorldCondition } from './world-conditions';

/**
 * A parsed fault: a rule that spoils matching requests, or a condition of the simulated world that holds until it is
 * removed.
 */
export type ParsedFault = { readonly rule: FaultRule } | { readonly condition: WorldCondition };

/** A fault text that cannot be parsed; the message names what is accepted. */
export class FaultSyntaxError extends Error {}

/** The section on faults of `--help`. */
export const FAULT_HELP = `Faults (--fault, or the control route /sandbox/faults while it runs):

  METHOD PATH FAULT [after=N] [times=N|always]     for requests
    METHOD  GET, POST, …, or * for any
    PATH    how the path ends, * stands for anything: /executions, /transfers/*, *
    FAULT   reset                   the connection is reset before anything is done
            lost-answer             the work is done, then the connection is reset
            latency=MS              answers as usual, but later
            status=CODE             answers with that status; retry-after=SECONDS adds the header
            html=CODE               answers with a web page, as a proxy does
            redirect=URL            sends somewhere else
            truncate                breaks off in the middle of the answer
            slow-body=MS            the answer's body takes that long
            body-on-204             a 204 carries a body, as before Coriolis 1.2.2
            expire-tokens           all tokens that were issued so far end
    after   how many such requests pass unharmed first (0); times: how many get the fault (1)

  stall [id=ID]             executions and deployments make no progress (all, that one, or those of that transfer)
  stuck-cancel [id=ID]      a cancel without force never ends (id as for stall)
  stuck-running [id=ID]     they stay RUNNING after all tasks completed, until they are canceled (id as for stall)
  busy-pools [id=ID]        all machines of minion pools (or of that pool) are in use
  grown-disks [id=MACHINE]  the first disk of all machines (or of that one) is 20 GiB larger than before
  nested-licences           the licensing server nests its figures, as newer ones do
  silent-schedules          schedules do not fire
  late-pools                new minion pools read DEALLOCATED for a moment before they are allocated
  barbican-down             Coriolis cannot reach Barbican
  clock-skew=SECONDS        the server's clocks differ from its clients'
  date-skew=SECONDS         the header Date differs from the timestamps`;

const CONDITIONS: Readonly<Record<string, (parameters: Parameters) => WorldCondition>> = {
  stall: (parameters) => ({ kind: 'stall', ...idIn(parameters) }),
  'stuck-cancel': (parameters) => ({ kind: 'stuck-cancel', ...idIn(parameters) }),
  'stuck-running': (parameters) => ({ kind: 'stuck-running', ...idIn(parameters) }),
  'busy-pools': (parameters) => ({ kind: 'busy-pools', ...idIn(parameters) }),
  'grown-disks': (parameters) => ({ kind: 'grown-disks', ...idIn(parameters) }),
  'nested-licences': () => ({ kind: 'nested-licences' }),
  'silent-schedules': () => ({ kind: 'silent-schedules' }),
  'late-pools': () => ({ kind: 'late-pools' }),
  'barbican-down': () => ({ kind: 'barbican-down' }),
  'clock-skew': (parameters) => ({ kind: 'clock-skew', seconds: parameters.number('clock-skew') }),
  'date-skew': (parameters) => ({ kind: 'date-skew', seconds: parameters.number('date-skew') }),
};

const REQUESTS: Readonly<Record<string, (parameters: Parameters) => RequestFault>> = {
  reset: () => ({ kind: 'reset' }),
  'lost-answer': () => ({ kind: 'lost-answer' }),
  latency: (parameters) => ({ kind: 'latency', ms: parameters.atLeast(0, 'latency') }),
  status: (parameters) => {
    const retryAfter = parameters.text('retry-after');
    const status = parameters.status('status');
    return {
      kind: 'status',
      status,
      body: JSON.stringify({
        error: { fault: 'sandboxFault', code: status, message: 'A fault of the sandbox' },
      }),
      ...(retryAfter !== undefined && { headers: { 'Retry-After': retryAfter } }),
    };
  },
  html: (parameters) => ({ kind: 'html', status: parameters.status('html') }),
  redirect: (parameters) => ({ kind: 'redirect', location: parameters.text('redirect') ?? '' }),
  truncate: () => ({ kind: 'truncate' }),
  'slow-body': (parameters) => ({ kind: 'slow-body', ms: parameters.atLeast(0, 'slow-body') }),
  'body-on-204': () => ({ kind: 'body-on-204' }),
  'expire-tokens': () => ({ kind: 'expire-tokens' }),
};

/** Id of the object that a condition is limited to, if given. */
function idIn(parameters: Parameters): { id?: string } {
  const id = parameters.text('id');
  return id === undefined ? {} : { id };
}

/** Parameters that need a value. */
const VALUED = ['latency', 'status', 'html', 'redirect', 'slow-body', 'clock-skew', 'date-skew'];

/**
 * Parses the text of a fault, e.g. `POST /executions lost-answer times=2`: see {@link FAULT_HELP}.
 * @throws FaultSyntaxError
 */
export function parseFault(text: string): ParsedFault {
  const words = text.trim().split(/\s+/);
  const first = nameOf(words[0] ?? '');
  const condition = CONDITIONS[first];
  if (condition) return { condition: condition(new Parameters(words, [first, 'id'])) };
  const [method = '', path = '', ...rest] = words;
  const kind = nameOf(rest[0] ?? '');
  const fault = REQUESTS[kind];
  if (!/^([A-Z]+|\*)$/.test(method) || !/^[/*]/.test(path) || !fault) {
    const known = [...Object.keys(REQUESTS), ...Object.keys(CONDITIONS)].join(', ');
    throw new FaultSyntaxError(
      `Cannot understand the fault "${text}". It must be METHOD PATH FAULT, e.g. "POST /executions lost-answer", or a state of the world, ` +
        `e.g. "stall". Faults: ${known}.`,
    );
  }
  const parameters = new Parameters(rest, [kind, 'after', 'times', 'retry-after']);
  return {
    rule: {
      ...(method !== '*' && { method }),
      ...(path !== '*' && { path: pathPattern(path) }),
      after: parameters.atLeast(0, 'after', 0),
      times: parameters.text('times') === 'always' ? Infinity : parameters.atLeast(1, 'times', 1),
      fault: fault(parameters),
    },
  };
}

function nameOf(word: string): string {
  return word.split('=')[0] ?? '';
}

/** Makes a pattern for the end of a path, without its query. */
function pathPattern(path: string): RegExp {
  const parts = path.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`${parts.join('.*')}/?(\\?.*)?$`);
}

/** The `name=value` words of a fault. */
class Parameters {
  private readonly values = new Map<string, string>();

  constructor(words: readonly string[], known: readonly string[]) {
    for (const word of words) {
      const name = nameOf(word);
      if (!known.includes(name)) {
        throw new FaultSyntaxError(`Cannot understand "${word}". Known here: ${known.join(', ')}.`);
      }
      if (VALUED.includes(name) && !word.includes('=')) {
        throw new FaultSyntaxError(`"${name}" needs a value, e.g. "${name}=…".`);
      }
      this.values.set(name, word.slice(name.length + 1));
    }
  }

  text(name: string): string | undefined {
    return this.values.get(name);
  }

  number(name: string, fallback?: number): number {
    const text = this.values.get(name);
    if (text === undefined && fallback !== undefined) return fallback;
    const number = Number(text);
    if (!text || !Number.isFinite(number)) {
      throw new FaultSyntaxError(`"${name}" must be a number, not "${text ?? ''}".`);
    }
    return number;
  }

  atLeast(least: number, name: string, fallback?: number): number {
    const number = this.number(name, fallback);
    if (!Number.isInteger(number) || number < least) {
      throw new FaultSyntaxError(`"${name}" must be a whole number, at least ${least}.`);
    }
    return number;
  }

  status(name: string): number {
    const status = this.atLeast(200, name);
    if (status > 599) throw new FaultSyntaxError(`"${name}" must be a status from 200 to 599.`);
    return status;
  }
}
