'use strict';

// Which file may import which, types included: the tables of tools/checks/floors.cjs as rules of dependency-cruiser.
// `npm test` runs it (test/unit/architecture.test.ts).

const { deferred, exceptions, floors, folders, pathOf } = require('./tools/checks/floors.cjs');

const severity = 'error';

const floorRules = Object.entries(floors).flatMap(([folder, all]) =>
  all.flatMap((floor, index) =>
    floor.names.map((name) => {
      const higher = all.slice(index + 1).flatMap(({ names }) => names);
      const neighbours = floor.names.filter((other) => other !== name);
      return {
        name: `${folder}/${name} imports lower floors only`,
        severity,
        from: { path: pathOf(folder, [name]) },
        to: { path: pathOf(folder, [...neighbours, ...higher, '$']) },
      };
    }),
  ),
);

const folderRules = Object.entries(folders).map(([folder, allowed]) => {
  const exempt = exceptions.filter(({ from }) => from.startsWith(`^${folder}/`));
  const others = [...Object.keys(folders), 'demo', 'test', 'tools'].filter(
    (other) => other !== folder && !allowed.includes(other),
  );
  return {
    name: `${folder}/ imports ${[...allowed, 'packages'].join(', ')} only`,
    severity,
    from: { path: `^${folder}/`, pathNot: exempt.map(({ from }) => from) },
    to: { path: `^(${others.join('|')})/` },
  };
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floorRules,
    ...folderRules,
    {
      name: 'no circle of files',
      severity,
      from: { pathNot: '(^|/)node_modules/' },
      to: { circular: true },
    },
    {
      name: 'the core imports nothing outside itself',
      severity,
      from: { path: '^src/' },
      to: { pathNot: '^src/' },
    },
    {
      name: 'the library imports the core only',
      severity,
      from: { path: '^library/' },
      to: { pathNot: '^(src|library)/' },
    },
    {
      name: 'n8n is unknown outside its nodes',
      severity,
      from: { path: '^(mcp|sandbox)/' },
      to: { path: '(^|/)n8n-' },
    },
    {
      name: 'code of calls is imported with import()',
      severity,
      from: {},
      to: { path: deferred, dynamic: false },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
