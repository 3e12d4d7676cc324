/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They need heavy tools, and have commands of their own: npm run test:e2e and npm run conformance.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '<rootDir>/test/conformance/'],
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // n8n's own nodes bring a copy of their own; the engine's is the same and loaded already.
  moduleNameMapper: { '^n8n-workflow$': '<rootDir>/node_modules/n8n-workflow' },
  globalSetup: '<rootDir>/test/support/n8n-nodes.setup.mjs',
  // Many tests wait for a server on purpose (a final status is believed after two seconds), so more run than there are cores.
  maxWorkers: 4,
  // A bound for tests that hang, not for slow ones: a busy machine is ten times slower, and more.
  testTimeout: 600_000,
};
