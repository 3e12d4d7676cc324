import {
  NodeConnectionTypes,
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
} from 'n8n-workflow';
import { catalogue } from '../../src/catalogue';
import { panelDescription } from '../render/panel-description';
import { executeItems } from '../execute/execute-items';
import { listSearchMethods, loadOptionsMethods } from '../lists/drop-down-methods';
import { resourceMappingMethods } from '../lists/resource-mapper-methods';
import { renderProperties } from '../render/render-properties';

/** The Coriolis node: every operation of the catalogue. */
export class Coriolis implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Coriolis',
    name: 'coriolis',
    icon: { light: 'file:../icons/coriolis.svg', dark: 'file:../icons/coriolis.dark.svg' },
    group: ['transform'],
    version: 1,
    // Subtitle such as "Get Many: Minion Pool".
    subtitle:
      '={{ [$parameter["operation"].replace("getAll", "getMany"), $parameter["resource"]].map((name) => name.replace(/([A-Z])/g, " $1").replace(/^./, (first) => first.toUpperCase())).join(": ") }}',
    description: panelDescription,
    defaults: { name: 'Coriolis' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'coriolisKeystoneApi', required: true }],
    properties: renderProperties(catalogue),
  };

  methods = {
    listSearch: listSearchMethods,
    loadOptions: loadOptionsMethods,
    resourceMapping: resourceMappingMethods,
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await executeItems(this)];
  }
}
