import { defineListOperation } from '../operation';
import { diagnosticsView, fetchDiagnostics } from '../resources/diagnostics';
import { indexedRows } from '../requests/listing';

const reports = defineListOperation({
  resource: 'diagnostics',
  name: 'get',
  title: 'Get',
  form: { action: 'Get the diagnostics' },
  tool: 'get_diagnostics',
  summary: 'Get versions and systems of all Coriolis components',
  description:
    'Slow: asks every component; those that do not answer are missing. The full result lists all packages.',
  effect: 'read',
  input: {},
  output: diagnosticsView,
  position: indexedRows.position,
  async *run(coriolis, _input, window) {
    yield* indexedRows(await fetchDiagnostics(coriolis), window);
  },
});

export const diagnosticsOperations = [reports] as const;
