import { startUser } from '../mcp/support/client';
import type { McpUser } from '../mcp/support/client';
import { loginOf } from '../mcp/support/server';
import { Assistant, type Topic } from '../evals/question';
import { questions } from '../evals/questions';
import type { World } from '../evals/world';
import { worlds, type WorldName } from '../evals/worlds';
import { atMost, median, type Benchmark, type Figure } from './figure';

const MAX_CALLS = 2;
const MAX_TOKENS = 1500;

/** What an answer took. */
interface Cost {
  readonly topic: Topic;
  readonly calls: number;
  readonly tokens: number;
}

/** Calls and tokens of the daily ten: all questions of `test/evals`, and the way from the summary to a cause by `next_steps`. */
export const daily: Benchmark = {
  name: 'daily',
  title: 'the daily ten, in calls and tokens of results',
  async run() {
    const costs: Cost[] = [];
    for (const name of Object.keys(worlds) as WorldName[]) costs.push(...(await inWorld(name)));
    const topics = [...new Set(costs.map(({ topic }) => topic))];
    const most = (of: readonly number[]): number => Math.max(...of);
    const shown = 'o200k, text of all results of a question; a scripted client';
    return [
      ...topics.map((topic): Figure => {
        const own = costs.filter((one) => one.topic === topic);
        const calls = own.map((one) => one.calls);
        return {
          name: `${topic}: most of ${own.length} questions`,
          value: most(own.map(({ tokens }) => tokens)),
          unit: 'tokens',
          against: `median ${median(calls)} and most ${most(calls)} calls; ${shown}`,
          budget: atMost(MAX_TOKENS),
        };
      }),
      {
        name: 'all questions, median',
        value: median(costs.map(({ tokens }) => tokens)),
        unit: 'tokens',
        against: `${costs.length} questions; ${shown}`,
        budget: atMost(MAX_TOKENS),
      },
      {
        name: 'all questions, most calls',
        value: most(costs.map(({ calls }) => calls)),
        unit: 'calls',
        against: `median ${median(costs.map(({ calls }) => calls))}`,
        budget: atMost(MAX_CALLS),
      },
    ];
  },
};

async function inWorld(name: WorldName): Promise<readonly Cost[]> {
  const world: World = await worlds[name]();
  const user = await startUser({ env: loginOf(world.sandbox), args: ['--allow-write', '--toolsets', 'all'] });
  try {
    const costs = [await fromSummaryToCause(user)];
    for (const { topic, solve, worlds: where } of questions) {
      if (!where.includes(name)) continue;
      const assistant = new Assistant(user);
      await solve(assistant);
      costs.push({ topic, calls: assistant.called.length, tokens: assistant.tokens });
    }
    return costs;
  } finally {
    await user.close();
    await world.stop();
  }
}

/** “Why did it fail?” without a name: the summary, then the diagnosis of the newest failure that its next steps name. */
async function fromSummaryToCause(user: McpUser): Promise<Cost> {
  const assistant = new Assistant(user);
  const { next_steps: steps = [] } = await assistant.call('summarize_estate');
  const diagnosis = steps.filter(({ tool }) => tool === 'diagnose').at(-1);
  if (diagnosis === undefined) throw new Error('The summary leads to no diagnosis');
  await assistant.call(diagnosis.tool, diagnosis.arguments);
  return { topic: 'why it failed', calls: assistant.called.length, tokens: assistant.tokens };
}
