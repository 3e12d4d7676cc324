import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServedFile, serveSite } from '../../tools/docs/site-server';

/** The server of the documentation gives files of its folder only, and outlives malformed addresses. */

let parent: string;
let folder: string;
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'coriolis-site-'));
  folder = join(parent, 'html');
  for (const path of ['html/docs', 'html-secret']) mkdirSync(join(parent, path), { recursive: true });
  for (const file of ['html/index.html', 'html/404.html', 'html/docs/n8n.html', 'html/a b.js'])
    writeFileSync(join(parent, file), file);
  for (const file of ['outside.html', 'html-secret/x.html']) writeFileSync(join(parent, file), 'secret');
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

test.each([
  ['/', 'index.html'],
  ['/index.html?x=1', 'index.html'],
  ['/docs/n8n', 'docs/n8n.html'],
  ['/docs/n8n.html', 'docs/n8n.html'],
  ['/a%20b.js', 'a b.js'],
])('%s is %s', (url, file) => {
  expect(findServedFile(folder, url)).toBe(join(folder, file));
});

const REFUSED = [
  '/nothing',
  '/docs',
  '/%',
  '/%zz',
  '/%E0%A4%A',
  '/index.html%00',
  '/../outside.html',
  '/..%2foutside.html',
  '/%2e%2e/outside.html',
  '/..%2fhtml-secret/x',
  '//',
  '//[',
  '/..%5coutside.html',
];

test.each(REFUSED)('%s is nothing', (url) => {
  expect(findServedFile(folder, url)).toBeUndefined();
});

/** Status of a request as it is written here; clients would clean the address first. */
const statusOf = (port: number, url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${url} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    );
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (answer += text));
    socket.on('end', () => resolve(Number(answer.split(' ')[1])));
    socket.on('error', reject);
  });

test('the server answers 404 to each of them, and goes on', async () => {
  const server = await serveSite(folder, 0);
  try {
    const { port } = server.address() as AddressInfo;
    for (const url of REFUSED) expect([url, await statusOf(port, url)]).toEqual([url, 404]);
    expect(await statusOf(port, '/docs/n8n')).toBe(200);
  } finally {
    server.close();
  }
});
