import { estimateTokens } from '../../mcp/results/estimate-tokens';
import { tokens } from './support/tokens';

const samples: Readonly<Record<string, string>> = {
  'rows with ids and times': JSON.stringify(
    Array.from({ length: 20 }, (_unused, index) => ({
      id: `569a63b7-8b6d-4a5f-9c3e-${String(index).padStart(12, '0')}`,
      name: `web-${index}`,
      status: 'COMPLETED',
      created_at: '2026-11-22T15:44:13.000000',
    })),
  ),
  prose:
    'The ESXi host performing the CBT export refused connection. Check that the worker reaches it on port 902, then execute the transfer again.',
  schema: JSON.stringify({
    type: 'object',
    properties: {
      migr_network: { type: 'string', title: 'Migration network' },
      set_dhcp: { type: 'boolean' },
    },
  }),
  'a stack of paths': '/usr/lib/python3/dist-packages/coriolis/tasks/base.py:123 in run_task '.repeat(20),
};

describe('the estimate of tokens', () => {
  it.each(Object.entries(samples))(
    'is never lower than the truth, and not twice as high: %s',
    (_what, text) => {
      const truth = tokens(text);

      const estimate = estimateTokens(text);

      expect(estimate).toBeGreaterThanOrEqual(truth);
      expect(estimate).toBeLessThanOrEqual(2 * truth);
    },
  );
});
