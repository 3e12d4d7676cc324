import { catalogue } from '../../src/catalogue';
import type { JsonObject } from '../../src/model/json';
import { built } from '../mcp/support/server';
import { loginEnvironment } from '../../sandbox/login';
import { questions } from './questions';
import type { World } from './world';
import type { WorldName } from './worlds';

const SERVER = 'coriolis';
const MAX_CALLS = 4;

/** Tools that change something: an answer to a question needs none. */
const changing = catalogue.filter(({ effect }) => effect !== 'read').map(({ tool }) => tool);

/**
 * Files of an evaluation by mcpchecker (tasks of `mcpchecker/v1alpha2`), by their names. JSON is YAML. The true answers
 * are those of the present state of the world, so they hold while that world is served.
 */
export function evaluationFiles(name: WorldName, world: World): Readonly<Record<string, JsonObject>> {
  const asked = questions.filter(({ worlds }) => worlds.includes(name));
  const tasks = asked.map((question) => [
    `${name}/tasks/${question.name}.yaml`,
    {
      kind: 'Task',
      apiVersion: 'mcpchecker/v1alpha2',
      metadata: { name: `${name}-${question.name}`, difficulty: 'medium', parallel: true },
      spec: {
        prompt: { inline: question.ask },
        verify: [{ llmJudge: { contains: question.tell(question.truth(world)) } }],
      },
    },
  ]);
  return {
    ...(Object.fromEntries(tasks) as Record<string, JsonObject>),
    [`${name}/eval.yaml`]: {
      kind: 'Eval',
      metadata: { name: `coriolis-${name}` },
      config: {
        agent: { type: 'builtin.openai-agent', model: 'gpt-5' },
        mcpConfigFile: 'mcp-config.yaml',
        llmJudge: {
          env: {
            baseUrlKey: 'JUDGE_BASE_URL',
            apiKeyKey: 'JUDGE_API_KEY',
            modelNameKey: 'JUDGE_MODEL_NAME',
          },
        },
        taskSets: [
          {
            glob: 'tasks/*.yaml',
            assertions: {
              toolsUsed: [{ server: SERVER, toolPattern: '.*' }],
              toolsNotUsed: changing.map((tool) => ({ server: SERVER, tool })),
              maxToolCalls: MAX_CALLS,
            },
          },
        ],
      },
    },
    [`${name}/mcp-config.yaml`]: {
      mcpServers: {
        [SERVER]: {
          command: process.execPath,
          args: [built, '--allow-write', '--toolsets', 'all'],
          env: { ...loginEnvironment(world.sandbox.connection) },
          enableAllTools: true,
        },
      },
    },
  };
}
