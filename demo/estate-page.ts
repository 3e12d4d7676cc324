import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Coriolis } from '../src/api/operation-context';
import { catalogue } from '../src/catalogue';
import { operationId, type SingleOperation } from '../src/operation';
import { prepareCall } from '../src/prepared-call';

const FILE = join(__dirname, '..', '.cache', 'demo', 'report.html');

const isReport = (operation: (typeof catalogue)[number]): operation is SingleOperation =>
  operation.kind === 'single' && operationId(operation) === 'report.estate';

/**
 * Writes the report of the estate as an HTML page.
 * @returns the path of the page
 */
export async function writeEstatePage(coriolis: Coriolis): Promise<string> {
  const operation = catalogue.find(isReport);
  if (operation === undefined) throw new Error('The catalogue has no report of the estate');
  const { html } = await (await prepareCall(operation, coriolis, {})).run();
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, String(html));
  return FILE;
}
