import { runProgram } from '../install.mjs';

/**
 * Command `npm run events`: writes everything that is generated from the events of the trigger. In this order: their index and
 * page, the samples (docs/sample-events.json, and the one that a template has pinned) from real events of the built nodes, the
 * page again with its sample, and the snapshot of the forms.
 */

const run = async (command: string, env: NodeJS.ProcessEnv = {}): Promise<void> => {
  const [target = '', ...args] = command.split(' ');
  await runProgram(
    process.execPath,
    ['tools/run.mjs', ...(target === 'jest' ? ['--build'] : []), target, ...args],
    {
      env: { ...process.env, ...env },
    },
  );
};

async function main(): Promise<void> {
  await run('tools/docs/write-docs.ts');
  await run('jest --globalSetup= test/engine/pinned-events', { SAMPLES: 'write' });
  await run('prettier --write docs/sample-events.json templates/alert-on-finished-executions.json');
  await run('tools/docs/write-docs.ts');
  await run('jest --globalSetup= test/unit/nodes -u');
}

void main();
