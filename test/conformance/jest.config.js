const base = require('../../jest.config.js');

const [swc] = Object.values(base.transform);

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/conformance'],
  testPathIgnorePatterns: ['/node_modules/'],
  // The installation of tools is written for plain Node.js.
  transform: { '^.+\\.(ts|mjs)$': swc },
  testTimeout: 900_000,
  verbose: true,
};
