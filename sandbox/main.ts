import { helpText, readCommand } from './read-command';
import type { Command } from './read-command';
import { loginVariablesOf } from './login-variables';
import { version } from './package.json';
import { startSandbox } from './sandbox';
import type { SandboxConnection, Sandbox } from './sandbox';

/** Exit code of a wrong command line. */
const MISUSE = 2;

function environment(connection: SandboxConnection): string {
  const variables = Object.entries({ OS_IDENTITY_API_VERSION: '3', ...loginVariablesOf(connection) });
  return variables.map(([name, value]) => `  export ${name}=${value}`).join('\n');
}

function announce({ connection, url }: Sandbox, speed: number): void {
  console.log(`A Coriolis sandbox is running at ${url} (${speed}× life). Nothing in it is real; Ctrl+C ends it.

To use it, paste this into a shell:

${environment(connection)}

Also there: ${connection.other.username} (project ${connection.other.project}, password ${connection.other.password}) sees other data,
${connection.reader.username} (password ${connection.reader.password}) may only read, ${connection.admin.username} (password ${connection.admin.password}) may read logs as well.`);
}

function readArguments(): Command | undefined {
  try {
    return readCommand(process.argv.slice(2));
  } catch (error) {
    const words = error instanceof Error ? error.message : 'The command line is wrong.';
    process.stderr.write(`coriolis-sandbox: ${words}\nRun coriolis-sandbox --help for what is accepted.\n`);
    process.exitCode = MISUSE;
    return undefined;
  }
}

async function main(command: Command): Promise<void> {
  if (command.kind !== 'serve') {
    process.stdout.write(command.kind === 'help' ? helpText : `${version}\n`);
    return;
  }
  const sandbox = await startSandbox(command.options);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void sandbox.stop().then(() => process.exit(0));
    });
  }
  if (command.json) console.log(JSON.stringify(sandbox.connection));
  else announce(sandbox, command.options.speed);
}

const command = readArguments();
if (command !== undefined) {
  main(command).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`coriolis-sandbox: cannot start: ${reason}`);
    process.exit(1);
  });
}
