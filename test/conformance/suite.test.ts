import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { serveHttp } from '../mcp/support/http';
import { bare } from '../mcp/support/server';
import { ask } from './judges';
import type { Verdict } from './judges';

/** One thing that the suite looked at. */
interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
  readonly details?: unknown;
}

interface Report {
  readonly verdict: Verdict;
  readonly checks: ReadonlyMap<string, readonly Check[]>;
}

const revisions = ['2025-11-25', '2026-07-28'] as const;
type Revision = (typeof revisions)[number];

/** What a server must pass that was made for a product. Scenarios are named here so that none can go missing. */
const PRODUCT: Readonly<Record<Revision, readonly string[]>> = {
  '2025-11-25': [
    'server-initialize',
    'ping',
    'tools-list',
    'resources-list',
    'prompts-list',
    'dns-rebinding-protection',
  ],
  '2026-07-28': [
    'server-stateless',
    'tools-list',
    'server-sse-multiple-streams',
    'resources-list',
    'sep-2164-resource-not-found',
    'prompts-list',
    'dns-rebinding-protection',
    'caching',
    'input-required-result-unsupported-methods',
    'input-required-result-validate-input',
    // Newer than the revision, so that it does not count there; here it does.
    'http-header-validation',
  ],
};

const expectedFile = (revision: Revision): string => join(__dirname, `expected-failures.${revision}.yml`);

/** What need not hold: scenarios, or single checks of them as `scenario:check`. */
const expectedFailures = (revision: Revision): readonly string[] =>
  (parse(readFileSync(expectedFile(revision), 'utf8')) as { server: readonly string[] }).server;

/** What a failure says when the scenario wants a fixture, a capability that is not offered, or a session. */
const LACKING = /\btest_\w+|test:\/\/|InputRequiredResult|Method not found|session ID/u;

/** The suite takes a warning (what a server should do) for a failure. */
const isFailure = ({ status }: Check): boolean => status === 'FAILURE' || status === 'WARNING';

/** Runs what a revision of the protocol requires of servers, against the built server over HTTP. */
async function judge(revision: Revision): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'coriolis-conformance-'));
  const server = await serveHttp(bare, ['--allow-destroy', '--toolsets', 'all']);
  try {
    const options = ['--requirements', revision, '--expected-failures', expectedFile(revision), '-o', folder];
    const verdict = await ask('conformance', ['server', '--url', server.url, ...options], folder);
    const checks = new Map<string, readonly Check[]>();
    for (const name of readdirSync(folder)) {
      const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT/u.exec(name) ?? [];
      if (scenario === undefined) continue;
      const file = join(folder, name, 'checks.json');
      checks.set(scenario, JSON.parse(readFileSync(file, 'utf8')) as Check[]);
    }
    return { verdict, checks };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.each(revisions)('the conformance suite, requirements of %s', (revision) => {
  const expected = expectedFailures(revision);
  let report: Report;
  beforeAll(async () => {
    report = await judge(revision);
  });

  it('finds no failure that is not expected, and none that is expected in vain', () => {
    expect(report.verdict.stdout).toContain('=== SUMMARY ===');
    expect([
      report.verdict.code,
      report.verdict.code === 0 ? '' : report.verdict.stdout.slice(-4000),
    ]).toEqual([0, '']);
  });

  it.each(PRODUCT[revision])('is passed: %s', (scenario) => {
    const checks = report.checks.get(scenario) ?? [];
    const failed = checks.filter(
      (check) => isFailure(check) && !expected.includes(`${scenario}:${check.id}`),
    );

    expect(expected).not.toContain(scenario);
    expect(failed).toEqual([]);
  });

  it('is expected to fail only where it wants what servers made for testing have', () => {
    for (const entry of expected) {
      const [scenario = '', id] = entry.split(':');
      const failed = (report.checks.get(scenario) ?? []).filter(
        (check) => isFailure(check) && (id === undefined || check.id === id),
      );

      expect([entry, failed.length > 0]).toEqual([entry, true]);
      for (const { errorMessage, details } of failed)
        expect([entry, errorMessage ?? JSON.stringify(details)]).toEqual([
          entry,
          expect.stringMatching(LACKING),
        ]);
    }
  });
});
