const { PROJECTS, toConfig } = require('./jest-projects.cjs');

module.exports = { testTimeout: 120_000, projects: PROJECTS.map(toConfig) };
