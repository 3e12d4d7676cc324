// Lint of what the n8n package does not publish: the MCP server, the sandbox, tests, demo and tools.
// The published folders (`PUBLISHED` in lint.ts) are linted with n8n's own configuration, eslint.config.mjs in the
// root.
import { join } from 'node:path';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '.cache/', 'coverage/', 'test/fixtures/'] },
  {
    files: [
      'mcp/**/*.ts',
      'command-line/**/*.ts',
      'sandbox/**/*.ts',
      'test/**/*.ts',
      'demo/**/*.ts',
      'tools/**/*.ts',
    ],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: './tsconfig.check.json',
        tsconfigRootDir: join(import.meta.dirname, '../..'),
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // Messages contain numbers.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => response.end()` reads better than a block around it.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Interfaces of others (transports, handlers) are asynchronous also where an implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    // Commands print to the terminal.
    files: ['demo/**/*.ts', 'tools/**/*.ts', 'test/bench/**/*.ts', 'test/soak/**/*.ts', 'sandbox/main.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // Jest types its matchers (`expect.any(…)`, `expect.objectContaining(…)`) as `any`.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      // Rows of results hold unknown values; a test that turns one into text asserts on that text.
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
);
