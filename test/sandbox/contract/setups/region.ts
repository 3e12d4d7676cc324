import { nothing, then } from '../acts';
import type { SetUp, SetUps } from '../replay';

/** The region that most recordings are about. */
const oneRegion: SetUp = async (lab) => ({ region: await lab.made('regions', 'region-create') });

/** A source endpoint mapped on that region. */
const mapped: SetUp = then(oneRegion, async (lab) => {
  await lab.call('PUT', `endpoints/${lab.vcenter}`, lab.bodyOf('endpoint-update'));
});

/** Two endpoints are mapped on the region, which was then changed and disabled. */
const disabled: SetUp = then(mapped, async (lab, scene) => {
  await lab.made('endpoints', 'endpoint-create-with-region');
  await lab.call('PUT', `regions/${scene.region}`, lab.bodyOf('region-update'));
});

const anotherOnly: SetUp = async (lab) => ({
  region: await lab.made('regions', 'region-create-duplicate-name'),
});

/** Regions, what they do to endpoints, and answers in formats that nobody speaks. */
export const region: SetUps = {
  'accept-any': anotherOnly,
  'accept-xml': anotherOnly,
  'endpoint-create-with-region': oneRegion,
  'endpoint-update': oneRegion,
  'endpoint-validate-region-disabled-503': disabled,
  'endpoint-validate-region-without-worker-503': mapped,
  'region-create': nothing,
  'region-create-duplicate-name': oneRegion,
  'region-create-enabled-string': nothing,
  'region-create-missing-name-400': nothing,
  'region-create-no-wrapper-400': nothing,
  'region-delete-204': anotherOnly,
  'region-delete-404': nothing,
  'region-delete-in-use': mapped,
  'region-enable': disabled,
  'region-list': oneRegion,
  'region-show': oneRegion,
  'region-show-404': nothing,
  'region-update': oneRegion,
};
