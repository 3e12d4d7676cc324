'use strict';

const { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { Contrib, Enums, Models, Serialize, Spec } = require('@cyclonedx/cyclonedx-library');

/**
 * Third-party code in a package: a bill of materials (CycloneDX) and the licences, as two files beside the bundle. They
 * are made from the files that esbuild put into the bundle, and are the same for the same sources.
 */

const SBOM = 'sbom.cdx.json';
const NOTICES = 'third-party-notices.txt';

/** Folder of the package that a file belongs to; undefined for files of this repository. */
function packageFolder(file) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//u.exec(file.replaceAll('\\', '/'));
  return found === null ? undefined : found[1];
}

const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Text of a package's licence file. */
function licenceText(folder) {
  const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)/iu.test(name));
  return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8').trim();
}

/** Packages in a bundle, sorted; esbuild names files that it read and left out too, with no bytes of theirs. */
function bundled(root, { outputs }) {
  const folders = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = bytesInOutput > 0 ? packageFolder(file) : undefined;
      if (folder !== undefined) folders.add(resolve(root, folder));
    }
  }
  const byName = new Map();
  for (const folder of folders) {
    const { name, version, license } = readPackage(folder);
    byName.set(`${name}@${version}`, { name, version, license, text: licenceText(folder) });
  }
  return [...byName.values()].sort((one, other) =>
    `${one.name}@${one.version}`.localeCompare(`${other.name}@${other.version}`, 'en'),
  );
}

const purl = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function component(type, { name, version, license }) {
  const [scope, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const made = new Models.Component(type, short, {
    group: scope,
    version,
    purl: purl(name, version),
    bomRef: purl(name, version),
  });
  if (license !== undefined) {
    const factory = new Contrib.License.Factories.LicenseFactory();
    made.licenses.add(factory.makeFromString(license));
  }
  return made;
}

/**
 * Writes the two files of a package.
 * @param {{ root: string, folder: string, into: string, metafile?: import('esbuild').Metafile }} options `folder`: that of its
 * package.json; `into`: where the files go; without a `metafile` the package contains nothing of others
 */
exports.writeBillOfMaterials = ({ root, folder, into, metafile = { outputs: {} } }) => {
  const parts = bundled(root, metafile);
  const bom = new Models.Bom();
  bom.metadata.component = component(Enums.ComponentType.Application, readPackage(folder));
  for (const part of parts) {
    const one = component(Enums.ComponentType.Library, part);
    bom.components.add(one);
    bom.metadata.component.dependencies.add(one.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  if (!existsSync(into)) mkdirSync(into, { recursive: true });
  writeFileSync(join(into, SBOM), `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`);
  writeFileSync(join(into, NOTICES), notices(parts));
};

const LINE = '-'.repeat(80);

function notices(parts) {
  if (parts.length === 0) return 'This package contains no software of others.\n';
  const sections = parts.map(
    ({ name, version, license = 'no licence named', text }) =>
      `${LINE}\n${name} ${version} (${license})\n\n${text ?? 'The package ships no text of its licence.'}\n`,
  );
  return `This package contains software of others:\n\n${sections.join('\n')}`;
}
