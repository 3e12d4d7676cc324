import { providerOptionView } from '../../../src/resources/endpoint-platform';

it.each([
  ['default', ['default']],
  [['default'], ['default']],
  [{ id: 'x' }, [{ id: 'x' }]],
  [false, [false]],
  [null, null],
  [undefined, null],
])('shows the default %j of an option as %j', (standard, shown) => {
  const option = { name: 'set_dhcp', values: ['default'], config_default: standard };
  expect(providerOptionView.of(option)).toEqual({ name: 'set_dhcp', values: ['default'], default: shown });
});
