import { defineList } from '../operation';
import { diagnosticsView, fetchDiagnostics } from '../resources/diagnostics';
import { placed } from '../resources/listing';

const reports = defineList({
  resource: 'diagnostics',
  name: 'get',
  title: 'Get',
  tool: 'get_diagnostics',
  summary: 'Get versions and systems of all Coriolis components',
  description:
    'Slow: asks every component; those that do not answer are missing. In full, with all packages.',
  effect: 'read',
  serves: ['L-DIA-GET', 'C-DIA-GET'],
  input: {},
  output: diagnosticsView,
  position: placed.position,
  async *run(coriolis, _input, window) {
    yield* placed(await fetchDiagnostics(coriolis), window);
  },
});

export const diagnosticsOperations = [reports] as const;
