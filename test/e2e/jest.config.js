const base = require('../../jest.config.js');

const [swc] = Object.values(base.transform);

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/e2e'],
  // The wave of 200 machines takes minutes and is run by its name.
  testPathIgnorePatterns: process.argv.some((word) => word.includes('wave-queue'))
    ? ['/node_modules/']
    : ['/node_modules/', 'wave-queue'],
  // The tools that install and start n8n are written for plain Node.js.
  transform: { '^.+\\.(ts|mjs)$': swc },
  // Most of the time passes in waiting for the next minute, when n8n polls.
  maxWorkers: 3,
  testTimeout: 900_000,
  verbose: true,
};
