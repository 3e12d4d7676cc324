import type { ReadinessFinding } from '../../model/readiness-rules';
import type { Deployment, Instance } from '../../model/api-objects';
import type { WaveRow } from './wave-input';
import type { DestinationResources } from './endpoint-directory';
import type { CopyPace } from './copy-pace';
import type { ExistingTransferMatch } from './transfer-index';

/** A row whose endpoints, machine, pools and existing transfer were found on the server. */
export interface ResolvedRow {
  readonly row: WaveRow;
  readonly originEndpointId: string;
  readonly destinationEndpointId: string;
  readonly originMinionPoolId: string | undefined;
  readonly destinationMinionPoolId: string | undefined;
  readonly osMorphingPoolId: string | undefined;
  readonly instance: string;
  /** Disks, networks and firmware of the machine; undefined when they could not be read. */
  readonly machineDetails: Instance | undefined;
  /** Findings of the readiness rules, the worst first. */
  readonly readiness: readonly ReadinessFinding[];
  readonly existingTransfer: ExistingTransferMatch;
  /** Networks and storage of the destination. */
  readonly destinationResources: DestinationResources | undefined;
  /** Pace of first copies, for estimates; undefined while unknown. */
  readonly pace: CopyPace | undefined;
  /** Deployments of the adopted transfer; empty when none is adopted. */
  readonly deployments: readonly Deployment[];
}
