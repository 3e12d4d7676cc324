import { catalogue, resources } from '../../src/catalogue';
import { operationId, worstEffectOf } from '../../src/operation';

/** Every operation must hold these; the faces rely on them. */
describe.each(catalogue.map((operation) => [operationId(operation), operation] as const))(
  '%s',
  (_id, operation) => {
    it('belongs to a resource with texts', () => {
      expect(resources[operation.resource]).toBeDefined();
    });

    it('has a tool name that every host accepts', () => {
      expect(operation.tool).toMatch(/^[a-z][a-z_]{2,31}$/);
    });

    it('has a summary that begins with a verb and ends without a full stop, and a description that ends with one', () => {
      expect(operation.summary).toMatch(/^[A-Z][^.]*[^.]$/);
      expect(operation.description).toMatch(/\.$/);
    });

    it('shows what will be lost before anything that destroys', () => {
      const previews = operation.kind === 'single' && 'preview' in operation;
      expect(previews).toBe(worstEffectOf(operation) === 'destroy');
    });

    it('has a resource URI only for a read, with inputs of its own', () => {
      if (operation.kind !== 'single' || operation.result?.resourceUri === undefined) return;
      const inputs = [...operation.result.resourceUri.matchAll(/[{](\w+)[}]/gu)].map(([, name]) => name);
      expect(operation.effect).toBe('read');
      expect(Object.keys(operation.input)).toEqual(expect.arrayContaining(inputs));
    });

    it('describes each field in a sentence, flags as conditions', () => {
      for (const [name, field] of Object.entries(operation.input)) {
        expect(name).toMatch(/^[a-z][A-Za-z]+$/);
        expect(field.description).toMatch(/^[A-Z].*\.$/);
        if (field.kind === 'flag') expect(field.description).toMatch(/^Whether /);
        if ('within' in field && field.within !== undefined)
          expect(Object.keys(operation.input)).toContain(field.within);
      }
    });

    it('names its results as the API does', () => {
      for (const key of Object.keys(operation.output.shape)) expect(key).toMatch(/^[a-z][a-z0-9_]*$/);
    });
  },
);

describe('the catalogue', () => {
  it('names each operation and each tool once', () => {
    const ids = catalogue.map(operationId);
    const tools = catalogue.map(({ tool }) => tool);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(tools).size).toBe(tools.length);
  });

  it('keeps its published names', () => {
    expect(
      catalogue.map((operation) => `${operationId(operation)} ${operation.tool} ${operation.effect}`),
    ).toMatchSnapshot();
  });
});
