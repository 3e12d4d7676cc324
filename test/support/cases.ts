/** Whether more or other cases are asked for than the usual ones, which must be quick. */
export const isSoak = process.env['PROPERTY_RUNS'] !== undefined;

/**
 * Which cases a property is tried with: `usual` many, the same ones on every machine, so that a change is judged and not its
 * luck. To look for what nobody has met yet, take other cases and more of them:
 *
 * `PROPERTY_SEED=random PROPERTY_RUNS=10 npx jest test/mcp/fuzz`
 */
export function cases(usual: number): { readonly numRuns: number; readonly seed?: number } {
  const { PROPERTY_SEED: seed = '20240229', PROPERTY_RUNS: times = '1' } = process.env;
  const numRuns = usual * Number(times);
  return seed === 'random' ? { numRuns } : { numRuns, seed: Number(seed) };
}
