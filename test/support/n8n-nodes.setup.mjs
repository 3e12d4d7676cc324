// Before the tests: n8n's own nodes, which those of the templates run with.
import { installTool } from '../../tools/install.mjs';

export default async function setUp() {
  await installTool('n8n-nodes-base', "n8n's own nodes (once, 340 MB, about a minute)");
}
