import type { JsonObject } from '../model/json';
import { defineList } from '../operation';
import { key, view } from '../vocabulary/shape';
import { placed, type Placed } from '../resources/listing';

/** Diagnostics of one component (coriolis-api.md §6.7). */
interface Report {
  readonly application: string;
  readonly hostname: string;
  readonly packages?: readonly string[];
  readonly os_info?: readonly string[];
  /** Present on servers from 1.1.3. */
  readonly release_tag?: string | null;
  /** On the conductor only, when licensing is configured. */
  readonly licensing_status?: JsonObject | null;
}

const reports = defineList({
  resource: 'diagnostics',
  name: 'get',
  title: 'Get',
  tool: 'get_diagnostics',
  summary: 'Get versions and systems of all Coriolis components',
  description:
    'Slow: asks every component; those that do not answer are missing. In full, with all packages.',
  effect: 'read',
  serves: ['L-DIA-GET', 'C-DIA-GET'],
  input: {},
  output: view<Report & Placed>()(
    {
      application: key.text('Component'),
      hostname: key.text('Host'),
      release_tag: key.text('Release', { nullable: true }),
      os: key.text('Operating system', { nullable: true }),
      package_count: key.number('Installed Python packages'),
      licensing_status: key.json('What the conductor knows of its licences', { nullable: true }),
    },
    (report) => ({
      application: report.application,
      hostname: report.hostname,
      release_tag: report.release_tag ?? null,
      os: systemOf(report.os_info ?? []),
      package_count: (report.packages ?? []).length,
      licensing_status: report.licensing_status ?? null,
    }),
  ),
  position: placed.position,
  async *run({ client, signal }, _input, window) {
    const { diagnostics } = await client.get<{ diagnostics: Report[] }>('/diagnostics', {
      slow: true,
      ...(signal === undefined ? {} : { signal }),
    });
    yield* placed(diagnostics, window);
  },
});

const systemOf = (lines: readonly string[]): string | null =>
  lines.map((line) => /^PRETTY_NAME="?(.*?)"?$/.exec(line)?.[1]).find((name) => name !== undefined) ?? null;

export const diagnosticsOperations = [reports] as const;
