import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

/** What each package says it contains of others: a CycloneDX bill of materials, and the licences. */

const root = join(__dirname, '../..');
const PACKAGES = {
  'n8n-nodes-coriolis': 'dist',
  'coriolis-mcp': 'mcp/dist',
  'coriolis-sandbox': 'sandbox/dist',
};

interface Bill {
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components?: readonly {
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    readonly licenses?: readonly unknown[];
  }[];
}

const read = (folder: string, file: string): string => readFileSync(join(root, folder, file), 'utf8');
const namesOf = ({ components = [] }: Bill): string[] =>
  components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));

/** Versions of the lock file, by package. */
const locked = new Map<string, Set<string>>();
const { packages } = JSON.parse(read('.', 'package-lock.json')) as {
  packages: Readonly<Record<string, { readonly version?: string }>>;
};
for (const [path, { version }] of Object.entries(packages)) {
  const name = path.split('node_modules/').at(-1) ?? '';
  if (version !== undefined) locked.set(name, (locked.get(name) ?? new Set()).add(version));
}

describe.each(Object.entries(PACKAGES))('%s', (name, folder) => {
  const text = read(folder, 'sbom.cdx.json');
  const bill = JSON.parse(text) as Bill;

  test('has a valid bill of materials in its name', async () => {
    const findings = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
    expect(findings).toBeNull();
    expect(bill.metadata.component.name).toBe(name);
  });

  test('names versions of the lock file, each with its licence, and ships the texts', () => {
    const notices = read(folder, 'third-party-notices.txt');
    for (const { group, name: short, version, licenses } of bill.components ?? []) {
      const full = group === undefined ? short : `${group}/${short}`;
      expect([full, locked.get(full)?.has(version)]).toEqual([full, true]);
      expect([full, licenses?.length]).toEqual([full, 1]);
      expect(notices).toContain(`\n${full} ${version} (`);
    }
  });
});

test('they contain what is known to be bundled, and the nodes contain nothing of others', () => {
  const names = Object.values(PACKAGES).map((folder) =>
    namesOf(JSON.parse(read(folder, 'sbom.cdx.json')) as Bill),
  );
  const [nodes, mcp, sandbox] = names;
  expect(nodes).toEqual([]);
  expect(mcp).toEqual(
    expect.arrayContaining(['@modelcontextprotocol/server', 'axios', 'jose', 'prom-client', 'yaml']),
  );
  expect(sandbox).toEqual(expect.arrayContaining(['ajv', 'hono', 'ws']));
  // Only what is needed to build or test.
  expect(names.flat()).not.toContain('typescript');
});
