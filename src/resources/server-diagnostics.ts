import type { Coriolis } from '../api/operation-context';
import type { JsonObject } from '../model/json';
import type { IndexedRow } from '../requests/fetch-lists';
import { key, view } from '../vocabulary/result-keys';

/** Diagnostics of one component (docs/reference/coriolis-api.md §6.7). */
export interface ComponentDiagnostics {
  readonly application: string;
  readonly hostname: string;
  readonly packages?: readonly string[];
  readonly os_info?: readonly string[];
  /** Present on servers from 1.1.3. */
  readonly release_tag?: string | null;
  /** Present on the conductor only, when licensing is configured. */
  readonly licensing_status?: JsonObject | null;
}

export const serverDiagnosticsView = view<ComponentDiagnostics & IndexedRow>()({
  application: key.text('Component'),
  hostname: key.text('Name of the host'),
  release_tag: key.text('Release', { nullable: true }),
  os: key.text('Operating system', ({ os_info: lines }: ComponentDiagnostics) => prettyName(lines ?? []), {
    nullable: true,
  }),
  package_count: key.number(
    'Installed Python packages',
    ({ packages }: ComponentDiagnostics) => (packages ?? []).length,
  ),
  licensing_status: key.json('Licensing status that the conductor reports', { nullable: true }),
});

/** Reads PRETTY_NAME from the lines of an os-release file. */
const prettyName = (lines: readonly string[]): string | undefined =>
  lines.map((line) => /^PRETTY_NAME="?(.*?)"?$/.exec(line)?.[1]).find((name) => name !== undefined);

/** Reads the diagnostics of all components that answer. The server waits for each component, so this takes long. */
export async function fetchServerDiagnostics({
  client,
  signal,
}: Coriolis): Promise<readonly ComponentDiagnostics[]> {
  const { diagnostics } = await client.get<{ diagnostics: ComponentDiagnostics[] }>('/diagnostics', {
    mayTakeMinutes: true,
    signal,
  });
  return diagnostics;
}
