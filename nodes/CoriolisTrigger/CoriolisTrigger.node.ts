import {
  NodeConnectionTypes,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IPollFunctions,
} from 'n8n-workflow';
import { panelDescription } from '../render/panel-description';
import { listSearchMethods, loadOptionsMethods } from '../lists/drop-down-methods';
import { pollForEvents } from './poll-for-events';
import { triggerProperties } from './trigger-properties';

/** The Coriolis Trigger node: polls Coriolis and emits its events. */
export class CoriolisTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Coriolis Trigger',
    name: 'coriolisTrigger',
    icon: { light: 'file:../icons/coriolis.svg', dark: 'file:../icons/coriolis.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{ $parameter["events"].map((kind) => kind.replaceAll("_", " ")).join(", ") }}',
    description: panelDescription,
    defaults: { name: 'Coriolis Trigger' },
    polling: true,
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'coriolisKeystoneApi', required: true }],
    properties: triggerProperties,
  };

  methods = { listSearch: listSearchMethods, loadOptions: loadOptionsMethods };

  async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
    return await pollForEvents(this);
  }
}
