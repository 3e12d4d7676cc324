import { PackageDirectoryLoader } from 'n8n-core';
import {
  NodeConnectionTypes,
  NodeHelpers,
  type ICredentialType,
  type INodeType,
  type INodeTypes,
  type IVersionedNodeType,
} from 'n8n-workflow';

/** What a package declares in its `package.json#n8n`, loaded by n8n's own loader: this also proves that its paths are right. */
export interface LoadedPackage {
  readonly name: string;
  /** By full name: `n8n-nodes-coriolis.coriolis`. */
  readonly nodes: ReadonlyMap<string, INodeType>;
  readonly credentials: ReadonlyMap<string, ICredentialType>;
}

/** @throws when a declared file is missing or holds no such class */
export async function loadPackage(packageDir: string): Promise<LoadedPackage> {
  const loader = new PackageDirectoryLoader(packageDir);
  await loader.loadAll();
  const nodes = Object.entries(loader.nodeTypes).map(
    ([name, { type }]) => [`${loader.packageName}.${name}`, NodeHelpers.getVersionedNodeType(type)] as const,
  );
  return {
    name: loader.packageName,
    nodes: new Map(nodes),
    credentials: new Map(
      Object.entries(loader.credentialTypes).map(([name, { type }]) => [name, type] as const),
    ),
  };
}

/** The node as a tool, as n8n derives it from one that is `usableAsTool`. */
function asTool(type: INodeType): INodeType {
  const tool = Object.create(type) as INodeType;
  tool.description = {
    ...type.description,
    name: `${type.description.name}Tool`,
    displayName: `${type.description.displayName} Tool`,
    inputs: [],
    outputs: [NodeConnectionTypes.AiTool],
    properties: [
      { displayName: 'Tool Description', name: 'descriptionType', type: 'hidden', default: 'auto' },
      { displayName: 'Description', name: 'toolDescription', type: 'string', default: '' },
      ...type.description.properties,
    ],
  };
  return tool;
}

/** Finds a node type that is only loaded when a workflow uses it, in the version that the workflow names. */
export type FindNodeType = (name: string, version: number | undefined) => INodeType | undefined;

/** The node types that workflows here can use. */
export class NodeTypeRegistry implements INodeTypes {
  private readonly types = new Map<string, INodeType>();

  constructor(
    private readonly find: FindNodeType,
    ...sets: ReadonlyArray<ReadonlyMap<string, INodeType>>
  ) {
    for (const [name, type] of sets.flatMap((set) => [...set])) {
      this.types.set(name, type);
      if (type.description.usableAsTool !== undefined) this.types.set(`${name}Tool`, asTool(type));
    }
  }

  getByName(name: string): INodeType | IVersionedNodeType {
    return this.getByNameAndVersion(name);
  }

  getByNameAndVersion(name: string, version?: number): INodeType {
    const type = this.find(name, version) ?? this.types.get(name);
    if (type === undefined) throw new Error(`There is no node type ${name}`);
    return type;
  }

  getKnownTypes() {
    return {};
  }
}
