import { defineListOperation } from '../operation';
import { serverDiagnosticsView, fetchServerDiagnostics } from '../resources/server-diagnostics';
import { rowsWithIndexes } from '../requests/fetch-lists';

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
  output: serverDiagnosticsView,
  position: rowsWithIndexes.position,
  async *run(coriolis, _input, window) {
    yield* rowsWithIndexes(await fetchServerDiagnostics(coriolis), window);
  },
});

export const diagnosticsOperations = [reports] as const;
