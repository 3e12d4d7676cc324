import { catalogue } from '../../src/catalogue';
import type { JsonObject } from '../../src/model/json';
import { built } from '../mcp/support/server';
import { loginVariablesOf } from '../../sandbox/login-variables';
import { questions } from './questions';
import type { World } from './world';
import type { WorldName } from './worlds';

const SERVER = 'coriolis';
const MAX_CALLS = 4;

/** Agent that answers, and that judges the answers: an example, which the reader of the files changes. */
const model = { type: 'builtin.llm-agent', model: 'openai:gpt-5' };

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
      metadata: {
        name: `${name}-${question.name}`,
        difficulty: 'medium',
        labels: { topic: question.topic.replaceAll(' ', '-') },
        parallel: true,
      },
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
        agent: model,
        mcpConfigFile: 'mcp-config.yaml',
        llmJudge: { ref: model },
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
          env: { ...loginVariablesOf(world.sandbox.connection) },
          enableAllTools: true,
        },
      },
    },
  };
}
