// The packages as npm would publish them, packed into local files and folders.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNpm, repositoryRoot } from '../install.mjs';

/** Packages of this repository, with the folders of their package.json. */
export const PACKAGES = {
  'n8n-nodes-coriolis': repositoryRoot,
  'coriolis-mcp': join(repositoryRoot, 'mcp'),
  'coriolis-sandbox': join(repositoryRoot, 'sandbox'),
};
export type PackageName = keyof typeof PACKAGES;

/**
 * Packs one package with `npm pack` and unpacks the tarball.
 * @param name name of the package
 * @param into target folder of the package's files; emptied first
 */
export async function packAndUnpack(name: PackageName, into: string): Promise<void> {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const tarballs = mkdtempSync(join(tmpdir(), 'coriolis-pack-'));
  try {
    await runNpm(['pack', '--silent', '--pack-destination', tarballs], {
      cwd: PACKAGES[name],
      quiet: true,
    });
    const [tarball] = readdirSync(tarballs);
    if (tarball === undefined) throw new Error(`npm pack made no tarball of ${name}`);
    execFileSync('tar', ['-xzf', join(tarballs, tarball), '-C', into, '--strip-components=1']);
  } finally {
    rmSync(tarballs, { recursive: true, force: true });
  }
}
