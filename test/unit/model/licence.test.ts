import {
  type LicenceStock,
  countExpiries,
  describeFirstEnd,
  pickLicencesEndingSoon,
  readLicenceCount,
  computeLicenceForecast,
  pickLicencesOfEdition,
} from '../../../src/model/licence';

const NOW = Date.UTC(2026, 10, 22);
const days = (count: number): string => new Date(NOW + count * 86_400_000).toISOString().slice(0, 19);

describe('a count of licences', () => {
  const nested = {
    standard_licence_stats: { current_available_replicas: 4 },
    sap_licence_stats: { current_available_replicas: 9 },
  };

  it.each([
    ['of an older server', { current_available_replicas: 3 }, 'standard', 3],
    ['of one edition', nested, 'standard', 4],
    ['of the other', nested, 'sap', 9],
    ['of an edition beside the sum of both', { ...nested, current_available_replicas: 13 }, 'standard', 4],
    ['of SAP on an older server', { current_available_replicas: 3 }, 'sap', null],
    ['that is missing', { standard_licence_stats: {} }, 'standard', null],
    ['that is no number', { current_available_replicas: '3' }, 'standard', null],
    ['of nothing', null, 'standard', null],
  ] as const)('%s', (_case, status, edition, expected) => {
    expect(readLicenceCount(status, edition, 'current_available_replicas')).toBe(expected);
  });
});

test('licences that have ended are told from those that end soon', () => {
  const licences = [-1, 0, 5, 30, 31].map((count) => ({ period_end: days(count) }));
  expect(countExpiries([...licences, {}], NOW)).toEqual({ expired: 2, endingSoon: 2 });
});

test('licences that end soon stand in the order of their ends, with the day of the first', () => {
  const licences = [31, 30, -1, 5, 0].map((count) => ({ period_end: days(count) }));
  const soon = pickLicencesEndingSoon([...licences, { period_end: undefined }], NOW);
  expect(soon.map(({ period_end: end }) => end)).toEqual([days(5), days(30)]);
  expect(describeFirstEnd(2, soon[0]?.period_end)).toBe(', the first on 2026-11-27');
  expect(describeFirstEnd(1, soon[0]?.period_end)).toBe(', on 2026-11-27');
  expect(describeFirstEnd(0, undefined)).toBe('');
});

test('SAP licences are told by their version', () => {
  const [sap, first, second, unnamed] = [
    { licence_version: 'v2-sap' },
    { licence_version: 'v1' },
    { licence_version: 'v2' },
    {},
  ];
  expect(pickLicencesOfEdition('sap', [sap, first, second, unnamed])).toEqual([sap]);
  expect(pickLicencesOfEdition('standard', [sap, first, second, unnamed])).toEqual([first, second, unnamed]);
});

describe('a forecast', () => {
  const reservations = [
    { type: 'replica', count: 10, created_at: days(-10), fulfilled_at: days(-9) },
    { type: 'replica', count: 5, created_at: days(-5), fulfilled_at: null },
    { type: 'replica', count: 50, created_at: days(-90), fulfilled_at: days(-89) },
    { type: 'migration', count: 7, created_at: days(-90), fulfilled_at: null },
    { type: 'sap_replica', count: 30, created_at: days(-3), fulfilled_at: null },
  ];
  const licences = [{ period_end: days(300) }, { period_end: days(-3) }];
  const stock = { edition: 'standard', left: 10, licences } as const;

  it('follows the pace of the last 30 days', () => {
    expect(computeLicenceForecast('replicas', reservations, stock, NOW)).toEqual({
      reserved: 5,
      runsOutAt: `${days(20)}Z`,
    });
  });

  it.each([
    ['when nothing ends', 'migrations', { ...stock, licences: [] }, 7],
    ['without a count', 'replicas', { ...stock, left: null }, 5],
  ] as const)('is null %s', (_case, work, of, reserved) => {
    expect(computeLicenceForecast(work, reservations, of, NOW)).toEqual({ reserved, runsOutAt: null });
  });

  it('knows the pace of SAP machines by itself', () => {
    expect(computeLicenceForecast('replicas', reservations, { ...stock, edition: 'sap' }, NOW)).toEqual({
      reserved: 30,
      runsOutAt: `${days(10)}Z`,
    });
  });

  it('ends with the last licence', () => {
    const ending = { ...stock, licences: [{ period_end: days(4) }, { period_end: days(7) }] };
    expect(computeLicenceForecast('replicas', reservations, ending, NOW).runsOutAt).toBe(`${days(7)}Z`);
    const ended = { ...stock, licences: [{ period_end: days(-4) }] };
    expect(computeLicenceForecast('replicas', reservations, ended, NOW).runsOutAt).toBe(`${days(0)}Z`);
  });

  it('without a pace ends with the last licence, or now when none is left or all have ended', () => {
    const endOf = (more: Partial<LicenceStock>) =>
      computeLicenceForecast('migrations', [], { ...stock, ...more }, NOW).runsOutAt;
    expect(endOf({})).toBe(`${days(300)}Z`);
    expect(endOf({ left: 0 })).toBe(`${days(0)}Z`);
    expect(endOf({ licences: [{ period_end: days(-3) }] })).toBe(`${days(0)}Z`);
  });

  it('with none left is now', () => {
    expect(computeLicenceForecast('replicas', reservations, { ...stock, left: 0 }, NOW).runsOutAt).toBe(
      `${days(0)}Z`,
    );
  });
});
