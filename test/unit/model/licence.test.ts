import { countExpiries, licenceForecast, standardCount } from '../../../src/model/licence';

const NOW = Date.UTC(2026, 10, 22);
const days = (count: number): string => new Date(NOW + count * 86_400_000).toISOString().slice(0, 19);

test('counts are those of standard licences, nested or not', () => {
  expect(standardCount({ current_available_replicas: 3 }, 'current_available_replicas')).toBe(3);
  const nested = {
    standard_licence_stats: { current_available_replicas: 4 },
    sap_licence_stats: { current_available_replicas: 9 },
  };
  expect(standardCount(nested, 'current_available_replicas')).toBe(4);
  expect(standardCount({}, 'current_available_replicas')).toBeNull();
  expect(standardCount(null, 'current_available_replicas')).toBeNull();
});

test('licences that have ended are told from those that end soon', () => {
  const licences = [-1, 0, 5, 30, 31].map((count) => ({ period_end: days(count) }));
  expect(countExpiries([...licences, {}], NOW)).toEqual({ expired: 2, endingSoon: 2 });
});

test('a forecast follows the pace of the last 30 days, and is null without one', () => {
  const reservations = [
    { type: 'replica', count: 10, created_at: days(-10), fulfilled_at: days(-9) },
    { type: 'replica', count: 5, created_at: days(-5), fulfilled_at: null },
    { type: 'replica', count: 50, created_at: days(-90), fulfilled_at: days(-89) },
    { type: 'migration', count: 7, created_at: days(-90), fulfilled_at: null },
  ];
  expect(licenceForecast('replicas', reservations, 10, NOW)).toEqual({
    reserved: 5,
    runsOutAt: `${days(20)}Z`,
  });
  expect(licenceForecast('migrations', reservations, 10, NOW)).toEqual({ reserved: 7, runsOutAt: null });
  expect(licenceForecast('replicas', reservations, null, NOW).runsOutAt).toBeNull();
});
