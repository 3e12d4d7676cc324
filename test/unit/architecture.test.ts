import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ICruiseResult } from 'dependency-cruiser';
import { deferred, floors, namesOn, pathOf } from '../../tools/checks/floors.cjs';

const ROOT = resolve(__dirname, '../..');
const FOLDERS = ['src', 'library', 'credentials', 'nodes', 'mcp', 'sandbox', 'demo'];

/** Runs dependency-cruiser with the rules of this repository on folders below `root`. */
function cruise(root: string, folders: readonly string[]): ICruiseResult {
  const command = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(ROOT, '.dependency-cruiser.cjs');
  const args = [command, '--config', config, '--output-type', 'json', ...folders];
  const output = execFileSync(process.execPath, args, { cwd: root, maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(output.toString()) as ICruiseResult;
}

const violationsOf = ({ summary }: ICruiseResult): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);

describe('imports of this repository', () => {
  const result = cruise(ROOT, FOLDERS);
  const files = result.modules.map(({ source }) => source);

  it('keep all rules of .dependency-cruiser.cjs', () => {
    expect(files.filter((file) => /^(src|mcp|nodes|sandbox)\//u.test(file)).length).toBeGreaterThan(300);
    expect(violationsOf(result)).toEqual([]);
  });

  it.each(Object.keys(floors))('leave no file of %s/ without a floor', (folder) => {
    const known = new RegExp(pathOf(folder, namesOn(folder)), 'u');
    const below = files.filter((file) => file.startsWith(`${folder}/`) && /[.]ts$/u.test(file));
    const strangers = below.filter((file) => !known.test(file) && !new RegExp(deferred, 'u').test(file));
    expect(below).not.toEqual([]);
    expect(strangers).toEqual([]);
  });
});

describe('src/operations', () => {
  const folder = join(ROOT, 'src/operations');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /[.]ts$/u.test(file),
  );
  const isOperation = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && 'tool' in value && 'effect' in value;
  const isGroup = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).length > 0 &&
    Object.values(value).every(isOperation);

  it.each(files.filter((file) => file !== 'index.ts'))('%s holds operations and nothing else', (file) => {
    const exported = Object.entries(jest.requireActual<Record<string, unknown>>(join(folder, file)));
    expect(
      exported.filter(([, value]) => !isOperation(value) && !isGroup(value)).map(([name]) => name),
    ).toEqual([]);
    expect(exported).not.toEqual([]);
  });
});

/** Files that break one rule each, the rule, and the file that the import leads to. */
const WRONG: readonly { readonly file: string; readonly text: string; readonly rule: string }[] = [
  {
    file: 'src/model/a.ts',
    text: `import { x } from '../api/x';`,
    rule: 'src/model imports lower floors only',
  },
  {
    file: 'src/api/b.ts',
    text: `import type { X } from '../operations/x';`,
    rule: 'src/api imports lower floors only',
  },
  {
    file: 'src/watch/c.ts',
    text: `export { x } from '../catalogue';`,
    rule: 'src/watch imports lower floors only',
  },
  {
    file: 'src/api/d.ts',
    text: `import { readFile } from 'node:fs';`,
    rule: 'the core imports nothing outside itself',
  },
  {
    file: 'src/api/e.ts',
    text: `import type { INode } from 'n8n-workflow';`,
    rule: 'the core imports nothing outside itself',
  },
  {
    file: 'src/api/f.ts',
    text: `const fs = require('fs');`,
    rule: 'the core imports nothing outside itself',
  },
  {
    file: 'src/api/g.ts',
    text: `const fs = await import('fs');`,
    rule: 'the core imports nothing outside itself',
  },
  {
    file: 'src/api/h.ts',
    text: `type T = import('axios').AxiosInstance;`,
    rule: 'the core imports nothing outside itself',
  },
  {
    file: 'src/api/i.ts',
    text: `import axios = require('axios');`,
    rule: 'the core imports nothing outside itself',
  },
  {
    file: 'src/api/j.ts',
    text: `export { x } from '../../nodes/render/x';`,
    rule: 'src/ imports packages only',
  },
  {
    file: 'nodes/login/a.ts',
    text: `import { x } from '../render/x';`,
    rule: 'nodes/login imports lower floors only',
  },
  {
    file: 'nodes/read/b.ts',
    text: `import { x } from '../../mcp/mcp-server-factory';`,
    rule: 'nodes/ imports src, credentials, packages only',
  },
  {
    file: 'mcp/results/a.ts',
    text: `import { x } from '../calls/x';`,
    rule: 'mcp/results imports lower floors only',
  },
  {
    file: 'mcp/calls/b.ts',
    text: `import { x } from '../../sandbox/x';`,
    rule: 'mcp/ imports src, command-line, packages only',
  },
  {
    file: 'mcp/calls/c.ts',
    text: `import { x } from 'n8n-workflow';`,
    rule: 'n8n is unknown outside its nodes',
  },
  {
    file: 'sandbox/world/a.ts',
    text: `import { x } from '../../src/api/x';`,
    rule: 'sandbox/ imports command-line, packages only',
  },
  { file: 'library/a.ts', text: `import fs from 'node:fs';`, rule: 'the library imports the core only' },
];

/** Files that wrong imports lead to; the last two import each other. */
const TARGETS: Readonly<Record<string, string>> = {
  'src/api/x.ts': '',
  'src/operations/x.ts': '',
  'src/catalogue.ts': '',
  'nodes/render/x.ts': '',
  'mcp/mcp-server-factory.ts': '',
  'mcp/calls/x.ts': '',
  'sandbox/x.ts': '',
  'src/lookup/one.ts': `import type { Other } from './other'; export interface One { other: Other }`,
  'src/lookup/other.ts': `import type { One } from './one'; export interface Other { one: One }`,
};

describe('a wrong import is found', () => {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const written = {
    ...TARGETS,
    ...Object.fromEntries(WRONG.map(({ file, text }) => [file, `${text}\nexport {};\n`])),
  };
  for (const [file, text] of Object.entries(written)) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), text === '' ? 'export const x = 1;\n' : text);
  }
  const found = cruise(root, ['src', 'library', 'nodes', 'mcp', 'sandbox']).summary.violations;

  it.each(WRONG)('$file: $text', ({ file, rule }) => {
    expect(found.filter(({ from }) => from === file).map(({ rule: { name } }) => name)).toContain(rule);
  });

  it('files that import each other, for types only', () => {
    const circles = found.filter(({ rule: { name } }) => name === 'no circle of files');
    expect(circles.map(({ from }) => from)).toContain('src/lookup/one.ts');
  });
});
