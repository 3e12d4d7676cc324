// Before the tests: n8n's own nodes, which those of the templates run with.
import { tool } from '../../tools/install.mjs';

export default async function setUp() {
  await tool('n8n-nodes-base', "n8n's own nodes (once, 340 MB, about a minute)");
}
