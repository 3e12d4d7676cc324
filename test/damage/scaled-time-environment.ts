/** The environment that put this process into scaled time, for its children. */
export const scaledEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['NODE_OPTIONS', 'SCALED_TIME', 'SCALED_TIME_BEGIN'].map((name) => [name, process.env[name] ?? '']),
  );
