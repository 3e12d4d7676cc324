const base = require('../../jest.config.js');

const [swc] = Object.values(base.transform);

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/e2e'],
  testPathIgnorePatterns: ['/node_modules/'],
  // The tools that install and start n8n are written for plain Node.js.
  transform: { '^.+\\.(ts|mjs)$': swc },
  // Most of the time passes in waiting for the next minute, when n8n polls.
  maxWorkers: 3,
  testTimeout: 900_000,
  verbose: true,
};
