/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // It needs a whole n8n and more, and has a command of its own: npm run test:e2e.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // n8n's own nodes bring a copy of their own; the engine's is the same and loaded already.
  moduleNameMapper: { '^n8n-workflow$': '<rootDir>/node_modules/n8n-workflow' },
  globalSetup: '<rootDir>/test/support/n8nNodes.setup.mjs',
  // Many tests wait for a server on purpose (a final status is believed after two seconds), so more run than there are cores.
  maxWorkers: 4,
  testTimeout: 60_000,
};
