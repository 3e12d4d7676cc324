import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a random test in parts of about a minute, so that a run that is stopped has a result. */

const JEST = join(__dirname, '..', '..', 'node_modules', 'jest', 'bin', 'jest.js');
const HOUR_MS = 3_600_000;
/** Wanted duration of a part. */
const PART_MS = 60_000;
/** Factor by which a part is larger than the one before at most: the first ones show little of the duration. */
const MAX_GROWTH = 4;
/** Milliseconds that a part has to end itself when it is stopped. */
const GRACE_MS = 5000;
/** Lines of a failure that are printed. */
const MAX_LINES = 25;

/** A test that failed, with its message. */
interface Fault {
  readonly test: string;
  readonly message: string;
}

export interface Suite {
  /** Its tests, as a pattern of paths. */
  readonly tests: string;
  /** Number of cases that its tests try without a wish. */
  readonly usual: number;
}

export interface Wish {
  readonly seed: number;
  /** Cases that shall be tried; rounded up to a multiple of the usual number. */
  readonly cases: number;
  /** Time at which the suite ends, milliseconds since 1970. */
  readonly until: number;
  /** The one case to repeat. */
  readonly only: number | undefined;
}

/** The parts of a soak of one suite. */
export class Parts {
  private done = 0;
  private faults = 0;
  private child: ChildProcess | undefined;
  private isStopped = false;

  constructor(
    private readonly name: string,
    private readonly suite: Suite,
    private readonly wish: Wish,
    private readonly print: (line: string) => void,
  ) {}

  /** Runs part after part until all cases are tried or the time is over. Returns the number of faults. */
  async run(): Promise<number> {
    const { suite, wish } = this;
    const begin = Date.now();
    const all = Math.ceil(wish.cases / suite.usual) * suite.usual;
    let times = 1;
    while (this.done < all && Date.now() < wish.until && !this.isStopped) {
      const size = times * suite.usual;
      const from = Date.now();
      const found = await this.part(wish.seed + this.done, times);
      if (found === undefined) {
        this.print(
          `${this.name}: stopped within ${size} cases from seed ${wish.seed + this.done}, which do not count`,
        );
        break;
      }
      for (const { test, message } of found) {
        const lines = message.split('\n').slice(0, MAX_LINES);
        this.print([`FAULT ${test}`, ...lines].join('\n'));
        this.print(
          `repeat with: npm run soak -- ${this.name} --seed ${wish.seed + this.done} --runs ${size}`,
        );
      }
      this.done += size;
      this.faults += found.length;
      this.print(`${this.name}: ${this.figures(all, begin)}`);
      const wanted = Math.round((times * PART_MS) / Math.max(1, Date.now() - from));
      const left = (all - this.done) / suite.usual;
      times = Math.max(1, Math.min(wanted, times * MAX_GROWTH, left));
    }
    const end = this.done < all ? 'ended before all were tried' : 'ended';
    this.print(`${this.name} ${end}: ${this.figures(all, begin)}`);
    return this.faults;
  }

  /** Ends the part at work; what it has tried does not count. */
  stop(): void {
    this.isStopped = true;
    end(this.child);
  }

  private figures(all: number, begin: number): string {
    const { seed } = this.wish;
    const seeds = this.done === 0 ? '' : `, seeds ${seed} to ${seed + this.done - 1}`;
    const minutes = ((Date.now() - begin) / 60_000).toFixed(1);
    return `${this.done} of ${all} cases, ${this.faults} faults${seeds}, ${minutes} min`;
  }

  /** Faults of one part; undefined when it was stopped. */
  private async part(seed: number, times: number): Promise<readonly Fault[] | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'soak-'));
    const file = join(folder, 'result.json');
    const { only, until } = this.wish;
    const args = [JEST, this.suite.tests, '--maxWorkers=1', '--silent', '--json', `--outputFile=${file}`];
    const child = spawn(process.execPath, [...args, `--testTimeout=${HOUR_MS}`], {
      stdio: 'ignore',
      // A group of its own, so that servers that the tests started are ended with it.
      detached: true,
      env: {
        ...process.env,
        PROPERTY_SEED: String(seed),
        PROPERTY_RUNS: String(times),
        ...(only === undefined ? {} : { PROPERTY_CASE: String(only) }),
      },
    });
    this.child = child;
    const timer = setTimeout(() => this.stop(), Math.max(0, until - Date.now()));
    try {
      const [code] = (await once(child, 'exit')) as [number | null];
      return this.isStopped ? undefined : faultsOf(file, code);
    } finally {
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function end(child: ChildProcess | undefined): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const { pid } = child;
  process.kill(-pid, 'SIGTERM');
  const timer = setTimeout(() => process.kill(-pid, 'SIGKILL'), GRACE_MS);
  child.once('exit', () => clearTimeout(timer));
}

/** What jest writes with `--json`, as far as it is read. */
interface JestResult {
  readonly numTotalTests: number;
  readonly testResults: ReadonlyArray<{
    readonly message: string;
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }>;
  }>;
}

function faultsOf(file: string, code: number | null): readonly Fault[] {
  let result: JestResult | undefined;
  try {
    result = JSON.parse(readFileSync(file, 'utf8')) as JestResult;
  } catch {
    return [{ test: 'the part', message: `jest ended with ${code ?? 'a signal'} and without a result` }];
  }
  const failed = result.testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => ({ test: fullName, message: failureMessages.join('\n') })),
  );
  if (failed.length > 0 || (code === 0 && result.numTotalTests > 0)) return failed;
  const message = result.testResults.map((one) => one.message).join('\n');
  return [{ test: 'the part', message: message === '' ? 'no test was found' : message }];
}
